"""Searches begun ahead: on what the caller has probably said, before it is sure that they are done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from domain.answering.spelling import fold
from domain.errors import EngineSlow
from domain.knowledge.document import Passage

Search = Callable[[str, int], Awaitable[list[Passage]]]
"""Takes a question and a deadline in milliseconds."""

STAGE = "knowledge"
AHEAD_MS = 600
"""For a search beside the hot path: what is left of the silence that ends a turn, and what the answer waits then."""
KEPT_S = 5.0
"""How long what was found is good for the same words: a turn that ends, or is begun again, after a cough."""


@dataclass(slots=True)
class _Guess:
    words: str
    """Folded: what the turn's end adds to a likely transcript is often a full stop."""
    search: asyncio.Task[list[Passage]]
    begun_s: float
    guessed: bool
    awaited: bool = False
    """An answer has asked for it: it is a guess no longer."""

    @property
    def good(self) -> bool:
        """Still under way, or found not long ago."""
        if self.search.done():
            failed = self.search.cancelled() or self.search.exception() is not None
            return not failed and time.monotonic() - self.begun_s <= KEPT_S
        return True


class SearchesAhead:
    """One call's: at most one search is a guess, and one of the same words is not made twice."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._last: _Guess | None = None
        self._under_way: set[asyncio.Task[list[Passage]]] = set()
        self.guessed = 0
        """Searches begun before it was known what the caller said, or whether a document is asked at all."""
        self.used = 0
        """Those of them that an answer asked for; the others were thrown away."""

    def begin(self, question: str) -> None:
        """Search for what will probably be asked, beside everything else."""
        if self._known(question) is None:
            self.guessed += 1
            self._begin(question, AHEAD_MS, guessed=True)

    def drop(self) -> None:
        """The caller goes on: a guess under way is for nobody. What was found stays good for the same words."""
        if self._last is not None and not self._last.awaited:
            self._last.search.cancel()

    def close(self) -> None:
        """Nobody will ask any more."""
        for search in self._under_way:
            search.cancel()

    async def found(self, question: str, deadline_ms: int) -> list[Passage]:
        """From the search that is under way, or a new one. Raises EngineSlow past the deadline, EngineFailed."""
        guess = self._known(question) or self._begin(question, deadline_ms, guessed=False)
        if not guess.awaited:
            guess.awaited = True
            self.used += guess.guessed
        try:
            await asyncio.wait({guess.search}, timeout=deadline_ms / 1000)
        finally:
            # Where it is late, or the answer is broken off, nobody waits for it any more.
            late = not guess.search.done()
            guess.search.cancel()
        if late or guess.search.cancelled():
            raise EngineSlow(STAGE, f"no answer in {deadline_ms} ms")
        return guess.search.result()

    def _known(self, question: str) -> _Guess | None:
        last = self._last
        return last if last is not None and last.words == fold(question) and last.good else None

    def _begin(self, question: str, deadline_ms: int, *, guessed: bool) -> _Guess:
        self.drop()
        search = asyncio.ensure_future(self._search(question, deadline_ms))
        self._under_way.add(search)
        search.add_done_callback(self._over)
        self._last = _Guess(fold(question), search, time.monotonic(), guessed)
        return self._last

    def _over(self, search: asyncio.Task[list[Passage]]) -> None:
        self._under_way.discard(search)
        if not search.cancelled():
            search.exception()  # looked at, so that nobody warns about a guess that failed
