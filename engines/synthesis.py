"""What the voices in the speech process share: text clause by clause, made in a lane, streamed as 16 kHz PCM."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Protocol, runtime_checkable

from domain.ports import Voice
from domain.speech import BYTES_PER_MS, SAMPLE_RATE_HZ, Language
from domain.voices.manners import PLAIN, REST_MS, Manner
from engines.clauses import clauses
from engines.lane import Lane
from engines.pcm import Floats, resampled, to_pcm

STAGE = "tts"
PIECE_DEADLINE_MS = 10_000
"""A piece takes 0.1-0.8 s; one that takes ten is no use to a caller."""


class LocalVoice(Voice, Protocol):
    def speak(
        self, text: str, language: Language, *, voice: str | None = None, manner: Manner = PLAIN
    ) -> AsyncIterator[bytes]:
        """See Voice.speak."""
        ...

    def has_voice(self, name: str) -> bool:
        """Whether `speak` takes this name for `voice`."""
        ...


@runtime_checkable
class LearningVoice(LocalVoice, Protocol):
    async def learn(self, name: str, pcm: bytes) -> None:
        """From now on `has_voice(name)`, for some minutes; `pcm` is a sample of it at 16 kHz.

        Raises EngineSlow or EngineFailed with stage "tts".
        """
        ...


async def spoken(
    lane: Lane, synthesise: Callable[[str], Floats], text: str, rate_hz: int, manner: Manner
) -> AsyncIterator[bytes]:
    """The audio of each clause as soon as it is made; closing it leaves the later clauses unmade."""

    def piece_of(clause: str) -> bytes:
        return to_pcm(resampled(synthesise(clause), rate_hz, SAMPLE_RATE_HZ))

    rest = b""
    for clause in clauses(text, manner.register):
        if pcm := await lane.run(PIECE_DEADLINE_MS, piece_of, clause):
            yield rest + pcm
            rest = bytes(REST_MS[manner.register] * BYTES_PER_MS)
