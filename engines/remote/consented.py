"""A voice that speaks as a cloned one only while the person whose it is agrees."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from domain.errors import HatifError
from domain.ports import Voice
from domain.speech import Language
from domain.voices.cloning import of_sample, owner_and_name

ASK_MS = 500
"""The longest wait for the store, which answers in 2 ms; without its word the engine's own voice speaks."""

Consented = Callable[[str, str], Awaitable[str | None]]
"""See ClonedVoices.consented."""


class ConsentedVoice:
    """Implements the Voice port over another one, for each sentence anew.

    What was kept of a voice, in memory here or in the speech process, goes by its sample: it is never asked for once
    the consent for that sample is withdrawn, nor taken for the voice of another sample under the same name.
    """

    def __init__(self, voice: Voice, consented: Consented | None) -> None:
        """`consented`: None where the engine can copy no voices, and its own speaks."""
        self.languages = voice.languages
        self._voice = voice
        self._consented = consented

    async def speak(self, text: str, language: Language, *, voice: str | None = None) -> AsyncIterator[bytes]:
        named = voice if voice is None else await self._allowed(voice)
        async for piece in self._voice.speak(text, language, voice=named):
            yield piece

    async def _allowed(self, voice: str) -> str | None:
        own = owner_and_name(voice)
        if own is None:
            return voice
        _, slash, manner = voice.partition("/")
        sample = await self._sample(*own)
        return (manner or None) if sample is None else of_sample(*own, sample) + slash + manner

    async def _sample(self, tenant_id: str, name: str) -> str | None:
        if self._consented is None:
            return None
        try:
            async with asyncio.timeout(ASK_MS / 1000):
                return await self._consented(tenant_id, name)
        except (HatifError, TimeoutError):
            return None
