"""Whether the recogniser and the voice can be used, as all calls of a process have found lately."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from domain.errors import EngineError
from domain.ports import Recogniser, Voice
from domain.speech import Language, Transcript

FAILURES = 3
"""In a row, whichever calls they are of: fewer may be one call's bad luck on a busy machine."""
DOWN_S = 30.0
"""After the last failure the engine is tried again, for calls that begin in the keypad menu don't try it."""


@dataclass(slots=True)
class Health:
    clock: Callable[[], float] = time.monotonic
    """Seconds."""
    _failures: int = 0
    _failed_s: float = 0.0

    @property
    def down(self) -> bool:
        return self._failures >= FAILURES and self.clock() - self._failed_s < DOWN_S

    def worked(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        self._failed_s = self.clock()


@dataclass(frozen=True, slots=True)
class WatchedRecogniser:
    """The Recogniser port over another one."""

    recogniser: Recogniser
    health: Health

    async def transcribe(self, pcm: bytes, *, language: Language | None = None) -> Transcript:
        try:
            transcript = await self.recogniser.transcribe(pcm, language=language)
        except EngineError:
            self.health.failed()
            raise
        self.health.worked()
        return transcript


Healths = Mapping[Language, Health]
"""Of the voice: its languages may be different engines, of which one is missing."""


def healths() -> Healths:
    return {language: Health() for language in Language}


class WatchedVoice:
    """The Voice port over another one."""

    def __init__(self, voice: Voice, health: Healths) -> None:
        self.languages = voice.languages
        self._voice = voice
        self._health = health

    async def speak(self, text: str, language: Language, *, voice: str | None = None) -> AsyncIterator[bytes]:
        try:
            async for piece in self._voice.speak(text, language, voice=voice):
                yield piece
        except EngineError:
            self._health[language].failed()
            raise
        self._health[language].worked()
