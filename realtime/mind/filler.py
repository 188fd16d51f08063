"""A comfort phrase where a model is late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from domain.answering import sayings
from domain.moves import Say
from domain.speech import Language, TurnKind


async def with_filler(pieces: AsyncIterator[str], language: Language, filler_ms: int) -> AsyncGenerator[Say | str]:
    """A model's pieces, with one filler in front where the first is late."""
    first = asyncio.ensure_future(anext(pieces, None))
    try:
        done, _ = await asyncio.wait({first}, timeout=filler_ms / 1000)
        if not done:
            yield Say(text=sayings.FILLER[language], language=language, kind=TurnKind.FILLER)
        piece = await first
        while piece is not None:
            yield piece
            piece = await anext(pieces, None)
    finally:
        await _stopped(first)
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()


async def _stopped(task: asyncio.Future[str | None]) -> None:
    if not task.done():
        task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # looked at, so that nobody warns about it
