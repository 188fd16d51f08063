"""The Voice port over a speech process that is asked by gRPC."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from grpc.aio import AioRpcError

from domain.errors import EngineFailed, EngineSlow
from domain.speech import SAMPLE_RATE_HZ, Language
from engines.remote.link import SpeechLink, failure
from engines.remote_speech import FIRST_BYTE_MS, NEXT_BYTES_MS, STAGE
from engines.speech_v1.speech_pb2 import Audio, Clause


class GrpcVoice:
    def __init__(
        self,
        link: SpeechLink,
        *,
        languages: frozenset[Language] = frozenset(Language),
        first_byte_ms: int = FIRST_BYTE_MS,
        next_bytes_ms: int = NEXT_BYTES_MS,
    ) -> None:
        self.languages = languages
        self._link = link
        self._first_byte_s = first_byte_ms / 1000
        self._next_bytes_s = next_bytes_ms / 1000

    async def speak(self, text: str, language: Language, *, voice: str | None = None) -> AsyncIterator[bytes]:
        clause = Clause(text=text, language=language.value, voice=voice or "")
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
        except AioRpcError as error:
            raise failure(STAGE, error) from error
        finally:
            call.cancel()
