"""The Voice port over a speech process that is asked by gRPC."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import grpc
from grpc.aio import AioRpcError

from domain.errors import EngineFailed, EngineSlow, HatifError
from domain.speech import SAMPLE_RATE_HZ, Language
from domain.voices.cloning import owner_and_name
from engines.remote.link import SpeechLink, failure
from engines.remote_speech import FIRST_BYTE_MS, NEXT_BYTES_MS, STAGE
from engines.speech_v1.speech_pb2 import Audio, Clause, Sample

LEARN_MS = 2_500
"""Listening to a sample takes a GPU a tenth of that; whoever waits longer hears the engine's own voice."""

Samples = Callable[[str, str], Awaitable[bytes | None]]
"""The sample of a tenant's cloned voice by its name, as 16 kHz PCM; None where there is none, or no more."""


class GrpcVoice:
    """A cloned voice is taught to the speech process when that does not know it.

    Where it can't be, for example since its consent was withdrawn, the engine's own voice speaks.
    """

    def __init__(
        self,
        link: SpeechLink,
        *,
        languages: frozenset[Language] = frozenset(Language),
        samples: Samples | None = None,
        first_byte_ms: int = FIRST_BYTE_MS,
        next_bytes_ms: int = NEXT_BYTES_MS,
    ) -> None:
        self.languages = languages
        self._link = link
        self._samples = samples
        self._first_byte_s = first_byte_ms / 1000
        self._next_bytes_s = next_bytes_ms / 1000

    async def speak(self, text: str, language: Language, *, voice: str | None = None) -> AsyncIterator[bytes]:
        try:
            async for pcm in self._spoken(Clause(text=text, language=language.value, voice=voice or "")):
                yield pcm
            return
        except AioRpcError as error:
            own = owner_and_name(voice) if voice else None
            # Said before any sound.
            if own is None or error.code() is not grpc.StatusCode.NOT_FOUND:
                raise failure(STAGE, error) from error
        name, slash, manner = (voice or "").partition("/")
        taught = name + slash + manner if await self._teach(name, *own) else manner
        try:
            async for pcm in self._spoken(Clause(text=text, language=language.value, voice=taught)):
                yield pcm
        except AioRpcError as error:
            raise failure(STAGE, error) from error

    async def _spoken(self, clause: Clause) -> AsyncIterator[bytes]:
        """Raises AioRpcError, and EngineSlow for silence."""
        call = self._link.speak([clause])
        patience_s = self._first_byte_s
        try:
            while True:
                async with asyncio.timeout(patience_s):
                    audio = await call.read()
                if not isinstance(audio, Audio):
                    break
                if audio.sample_rate_hz != SAMPLE_RATE_HZ or len(audio.pcm) % 2:
                    raise EngineFailed(STAGE, "the speech process sends another format than 16 kHz int16")
                if audio.pcm:
                    yield audio.pcm
                patience_s = self._next_bytes_s
        except TimeoutError as error:
            raise EngineSlow(STAGE, "the speech process is silent") from error
        finally:
            call.cancel()

    async def _teach(self, voice: str, tenant_id: str, name: str) -> bool:
        try:
            pcm = await self._samples(tenant_id, name) if self._samples else None
            if pcm is None:
                return False
            await self._link.learn(Sample(voice=voice, pcm=pcm, sample_rate_hz=SAMPLE_RATE_HZ), LEARN_MS)
        except (AioRpcError, HatifError):
            return False
        return True
