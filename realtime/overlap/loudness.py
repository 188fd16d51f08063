"""How loud the agent is while somebody else makes a sound: lower at once, without a click."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
