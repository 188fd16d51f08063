"""How loud: the agent while somebody else makes a sound, lower at once and without a click; and what a caller said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from domain.speech import FRAME_BYTES, FRAME_SAMPLES

DUCKED = 0.25
"""-12 dB: under a voice, and still there for whoever only says "mm"."""


@dataclass(slots=True)
class Loudness:
    """Moves from one loudness to the next within a single frame."""

    _now: float = 1.0
    _wanted: float = 1.0

    def duck(self) -> None:
        self._wanted = DUCKED

    def restore(self) -> None:
        self._wanted = 1.0

    def of(self, frame: bytes) -> bytes:
        """The next 20 ms as the caller hears them."""
        if self._now == self._wanted == 1.0:
            return frame
        samples = np.frombuffer(frame, "<i2")
        ramp = np.linspace(self._now, self._wanted, len(samples), dtype=np.float32)
        self._now = self._wanted
        return (samples * ramp).astype("<i2").tobytes()


WITHIN_DB = 20.0
"""Of its loudest 20 ms: what is softer is a pause, or the end of a word."""
SILENT_DB = -60.0


def speech_level_db(pcm: bytes) -> float | None:
    """RMS of the speech in 16-bit audio, in dBFS, its pauses left out; None where there is nothing but silence."""
    whole = len(pcm) - len(pcm) % FRAME_BYTES
    frames = np.frombuffer(pcm[:whole], "<i2").reshape(-1, FRAME_SAMPLES).astype(np.float32) / 32_768
    if not len(frames):
        return None
    power = np.einsum("ij,ij->i", frames, frames) / FRAME_SAMPLES
    loudest = power.max()
    if loudest < 10 ** (SILENT_DB / 10):
        return None
    speech = power[power >= loudest / 10 ** (WITHIN_DB / 10)]
    return round(float(10 * np.log10(speech.mean())), 1)
