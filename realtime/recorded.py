"""Fixed sentences as audio, made once and kept on disk, so that they are heard even while the voice is down."""

from __future__ import annotations

import contextlib
import hashlib
import math
import struct
from pathlib import Path

from domain import sentences
from domain.errors import EngineError
from domain.menu import sentences as menu
from domain.ports import SpokenValues, Voice
from domain.speech import SAMPLE_RATE_HZ, Language
from domain.wording.politeness import Politeness, worded

TONE_HZ = 425
TONE_MS = 400
"""The last resort, when no sentence was ever recorded: three short tones, the sound of a line in trouble."""
BEEP_HZ = 1000
"""What answering machines sound."""


class Recorded:
    """Sentences by text and language, in memory and on disk; `prepare` has those that are missing made by the voice."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._audio: dict[tuple[Language, str], bytes] = {
            (language, text): beep() for language, text in menu.TONE.items()
        }

    async def prepare(self, voice: Voice, values: SpokenValues, texts: list[tuple[Language, str]]) -> list[str]:
        """Have audio for each text; returns the stages of the sentences that could not be made."""
        failed: list[str] = []
        for language, text in texts:
            if language not in voice.languages or self.find(text, language) is not None:
                continue
            try:
                pcm = b"".join([piece async for piece in voice.speak(values.read_aloud(text, language), language)])
            except EngineError as error:
                failed.append(error.stage)
                continue
            self._audio[language, text] = pcm
            if (path := self._path(language, text)) is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                partial = path.with_suffix(".partial")
                partial.write_bytes(pcm)
                partial.replace(path)
        return failed

    def find(self, text: str, language: Language) -> bytes | None:
        if (pcm := self._audio.get((language, text))) is not None:
            return pcm
        path = self._path(language, text)
        if path is None or not path.exists():
            return None
        with contextlib.suppress(OSError):
            self._audio[language, text] = path.read_bytes()
        return self._audio.get((language, text))

    def voice_failed(self, language: Language, politeness: Politeness) -> tuple[str, bytes]:
        """What is played when the voice fails in mid-answer: a recorded apology, or a tone that says nothing."""
        for candidate in (language, *Language):
            text = sentences.VOICE_FAILED[candidate]
            for wording in (worded(text, candidate, politeness), text):
                if (pcm := self.find(wording, candidate)) is not None:
                    return wording, pcm
        return "", _tones()

    def _path(self, language: Language, text: str) -> Path | None:
        if self._folder is None:
            return None
        return self._folder / f"{language}-{hashlib.sha256(text.encode()).hexdigest()[:20]}.pcm"


def _tones() -> bytes:
    tone = _tone(TONE_HZ)
    return (tone + bytes(len(tone) // 2)) * 3


def beep() -> bytes:
    """After which a message may be spoken."""
    return _tone(BEEP_HZ)


def _tone(hz: int) -> bytes:
    samples = SAMPLE_RATE_HZ * TONE_MS // 1000
    return b"".join(
        struct.pack("<h", int(6000 * math.sin(2 * math.pi * hz * n / SAMPLE_RATE_HZ))) for n in range(samples)
    )
