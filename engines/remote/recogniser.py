"""The Recogniser port over a speech process that hears for the calls of many media workers together."""

from __future__ import annotations

from grpc.aio import AioRpcError

from domain.errors import EngineFailed
from domain.speech import BYTES_PER_MS, SAMPLE_RATE_HZ, Language, Transcript
from engines.remote.link import SpeechLink, failure
from engines.speech_v1.speech_pb2 import Utterance
from engines.whisper import DEADLINE_MS, DEADLINE_MS_PER_S, STAGE


class GrpcRecogniser:
    def __init__(
        self, link: SpeechLink, *, deadline_ms: int = DEADLINE_MS, deadline_ms_per_s: int = DEADLINE_MS_PER_S
    ) -> None:
        self._link = link
        self._deadline_ms = deadline_ms
        self._deadline_ms_per_s = deadline_ms_per_s

    async def transcribe(self, pcm: bytes, *, language: Language | None = None) -> Transcript:
        deadline_ms = self._deadline_ms + len(pcm) // BYTES_PER_MS * self._deadline_ms_per_s // 1000
        utterance = Utterance(pcm=pcm, sample_rate_hz=SAMPLE_RATE_HZ, language=language.value if language else "")
        try:
            words = await self._link.hear(utterance, deadline_ms)
        except AioRpcError as error:
            raise failure(STAGE, error) from error
        if words.language not in set(Language):
            raise EngineFailed(STAGE, "the speech process heard a language that is none of ours")
        return Transcript(
            text=words.text,
            language=Language(words.language),
            language_confidence=words.language_confidence,
            confidence=words.confidence,
        )
