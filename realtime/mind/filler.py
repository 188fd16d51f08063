"""A comfort phrase where a model is late."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable

from domain.answering import sayings
from domain.moves import Say
from domain.pace.opener import opener_due_ms
from domain.speech import Language, TurnKind


async def with_filler(
    pieces: AsyncIterator[str], language: Language, patience_ms: int, ready: Callable[[], bool]
) -> AsyncGenerator[Say | str]:
    """A model's pieces, with one filler among them where it is not `ready` in time: when something can be said."""
    asked_s, writes, filled = time.monotonic(), False, False
    following: asyncio.Future[str | None] | None = None
    try:
        while True:
            following = asyncio.ensure_future(anext(pieces, None))
            if not filled and not ready():
                due_s = asked_s + opener_due_ms(patience_ms, writes=writes) / 1000
                done, _ = await asyncio.wait({following}, timeout=max(0.0, due_s - time.monotonic()))
                if not done:
                    filled = True
                    yield Say(text=sayings.FILLER[language], language=language, kind=TurnKind.FILLER)
            piece = await following
            if piece is None:
                return
            writes = True
            yield piece
    finally:
        if following is not None:
            await _stopped(following)
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()


async def _stopped(task: asyncio.Future[str | None]) -> None:
    if not task.done():
        task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # looked at, so that nobody warns about it
