"""Steady tones in a telephone's sound, such as the beep of an answering machine."""

from __future__ import annotations

import numpy as np

from domain.speech import FRAME_MS, SAMPLE_RATE_HZ

LOWEST_HZ, HIGHEST_HZ = 400, 2_500
"""Beeps of machines and networks lie between; below are the fundamentals of voices."""
LEAST_RMS = 300
"""-41 dBFS: a beep is as loud as speech."""
PURE = 0.9
"""Of the energy in one peak: a voice has most of it in its harmonics, a keypad's tone half of it in the other tone."""
WIDTH_HZ = 75
"""To each side of the peak: the main lobe of 40 ms in a Hann window, and a bin for a frequency between two."""
STEADY_HZ = 25
"""A tone stays within it; the pitch of a whistle or a voice glides."""
BEEP_MS = 160
"""The shortest beep is longer, the tones of a spoken vowel are not as steady for so long."""


def tone_hz(pcm: bytes) -> float | None:
    """The frequency of the only tone that some 40 ms consist of; None where it is something else."""
    sound = np.frombuffer(pcm, "<i2").astype(float)
    if not len(sound) or np.sqrt(np.mean(sound**2)) < LEAST_RMS:
        return None
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    hz = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE_HZ)
    peak = float(hz[power.argmax()])
    near = power[np.abs(hz - peak) <= WIDTH_HZ].sum()
    return peak if LOWEST_HZ <= peak <= HIGHEST_HZ and near >= PURE * power.sum() else None


class BeepWatch:
    """Frame by frame of one call."""

    def __init__(self) -> None:
        self._last = b""
        self._hz: float | None = None
        self._lasts_ms = 0

    def heard(self, frame: bytes) -> bool:
        """Whether a steady tone has lasted for long enough with this frame of 20 ms."""
        hz = tone_hz(self._last + frame)
        self._last = frame
        if hz is None or self._hz is None or abs(hz - self._hz) > STEADY_HZ:
            self._hz, self._lasts_ms = hz, 0
        if hz is not None:
            self._lasts_ms += FRAME_MS
        return self._lasts_ms >= BEEP_MS
