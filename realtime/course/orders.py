"""Orders looked up beside the talk: with a word to the caller while it lasts, and kept when they talk over it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable

import structlog

from domain.acting.order_talk import Wanted, ask, moves, phones_in, wanted
from domain.acting.orders import OrderBook, OrderStatus
from domain.answering import escalation, sayings
from domain.answering.dialogue import Dialogue
from domain.errors import HatifError
from domain.moves import Move, Say
from domain.ports import SpokenValues
from domain.speech import Language, TurnKind
from domain.tenant import TenantProfile
from realtime.mind.took import tool_took

log = structlog.get_logger(__name__)

FILLER_MS = 700
"""Before the caller is told to wait: our own store answers in 2 ms, another company's in about a second."""
DEADLINE_MS = 6_000
"""What is longer than this a caller doesn't wait for; with the filler before it, it is the wait for a ticket."""


class OrderDesk:
    """One call's. A look-up outlives the answer that began it: asked again, or taken up, it is not begun anew."""

    def __init__(
        self,
        book: OrderBook,
        profile: TenantProfile,
        values: SpokenValues,
        *,
        filler_ms: int = FILLER_MS,
        deadline_ms: int = DEADLINE_MS,
    ) -> None:
        self._book = book
        self._profile = profile
        self._values = values
        self._filler_ms = filler_ms
        self._deadline_ms = deadline_ms
        self._looking: dict[str, asyncio.Task[OrderStatus | None]] = {}
        self._in_digits: dict[tuple[str, Language], str] = {}

    async def answer(
        self, text: str, dialogue: Dialogue, language: Language, about_order: Callable[[], bool]
    ) -> AsyncGenerator[Move]:
        """Nothing where this is about something else. Only what the caller said reaches it, no document's words."""
        heard = self._heard(text, language)
        want = wanted(heard, self._heard(dialogue.asked_to_prove, language), dialogue, about_order=about_order())
        if want is None:
            return
        asked_s = time.monotonic()
        looking = self._look(want.number)
        said = [self._heard(text, language) for text in dialogue.said]
        if not want.asked_before and not phones_in((*said, heard)):
            # Before anything is known of it, so that neither the words nor the wait tell whether it is there.
            yield ask(self._profile, language)
            return
        done, _ = await asyncio.wait({looking}, timeout=self._filler_ms / 1000)
        if not done:
            yield Say(text=sayings.FILLER[language], language=language, kind=TurnKind.FILLER)
            await asyncio.wait({looking}, timeout=(self._deadline_ms - self._filler_ms) / 1000)
        for move in self._told(looking, want, heard, said, dialogue, language):
            yield tool_took(move, asked_s)

    def _told(
        self,
        looking: asyncio.Task[OrderStatus | None],
        want: Wanted,
        heard: str,
        said: list[str],
        dialogue: Dialogue,
        language: Language,
    ) -> list[Move]:
        if not looking.done() or looking.exception() is not None:
            return [escalation.tool_down(language)]
        return moves(looking.result(), want, heard, said, dialogue, self._profile, language)

    def _look(self, number: str) -> asyncio.Task[OrderStatus | None]:
        looking = self._looking.get(number)
        if looking is None or (looking.done() and looking.exception() is not None):
            looking = self._looking[number] = asyncio.create_task(self._read(number))
            looking.add_done_callback(lambda done: done.cancelled() or done.exception())
        return looking

    async def _read(self, number: str) -> OrderStatus | None:
        try:
            async with asyncio.timeout(self._deadline_ms / 1000):
                return await self._book.order(self._profile.tenant_id, number)
        except (HatifError, TimeoutError) as error:
            log.warning("order_not_read", tenant_id=self._profile.tenant_id, error=type(error).__name__)
            raise

    def _heard(self, text: str, language: Language) -> str:
        """With the numbers in digits; read once, for the whole call is looked at each time."""
        known = self._in_digits.get((text, language))
        if known is None:
            known = self._in_digits[text, language] = self._values.heard(text, language)
        return known
