"""Sounds for scenarios: coughs, rooms, telephone bands, echoes; samples are floats in the range of int16."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from domain.speech import SAMPLE_RATE_HZ

Samples = NDArray[np.float64]
SPEECH_RMS = 2_500
"""-22 dBFS, how loud a caller is on most lines."""
TELEPHONE_HZ = (300, 3_400)


def silence(ms: float) -> Samples:
    return np.zeros(int(ms * SAMPLE_RATE_HZ / 1000))


def from_pcm(pcm: bytes) -> Samples:
    return np.frombuffer(pcm, "<i2").astype(np.float64)


def to_pcm(samples: Samples) -> bytes:
    return np.clip(samples, -32_768, 32_767).astype("<i2").tobytes()


def at_level(samples: Samples, rms: float = SPEECH_RMS) -> Samples:
    """Loud as a caller, by what is not silence in it."""
    loud = np.abs(samples) > 0.02 * np.abs(samples).max(initial=1)
    return samples * (rms / np.sqrt(np.square(samples[loud]).mean())) if loud.any() else samples


def trimmed(samples: Samples, quiet: float = 0.02) -> Samples:
    """Without the silence before and after, so that a scenario's pauses are as long as it says."""
    loud = np.flatnonzero(np.abs(samples) > quiet * np.abs(samples).max(initial=1))
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples


def cough(seed: int, ms: int = 280) -> Samples:
    """A burst of breath with a sharp beginning, through a throat."""
    rng = np.random.default_rng(seed)
    size = ms * SAMPLE_RATE_HZ // 1000
    breath = rng.normal(0, 1, size) * np.exp(-np.arange(size) / (0.07 * SAMPLE_RATE_HZ))
    return at_level(_banded(breath, 400, 3_000), 4_000)


def room(ms: float, seed: int, rms: float = 60) -> Samples:
    """The noise of an office: -55 dBFS."""
    return np.random.default_rng(seed).normal(0, rms, int(ms * SAMPLE_RATE_HZ / 1000))


def telephone(samples: Samples) -> Samples:
    """8 kHz, 300 to 3,400 Hz, G.711 mu-law."""
    narrow = _banded(samples, *TELEPHONE_HZ) / 32_768
    compressed = np.sign(narrow) * np.log1p(255 * np.minimum(1, np.abs(narrow))) / np.log(256)
    steps = np.round(compressed * 127) / 127
    return np.sign(steps) * (256 ** np.abs(steps) - 1) / 255 * 32_768


def echo(sent: Samples, late_ms: int, down_db: float) -> Samples:
    """What a speaker phone's microphone hears of it: later, softer, with the tail of a room."""
    tail = np.arange(1, SAMPLE_RATE_HZ // 12)
    way = np.random.default_rng(late_ms).normal(0, 0.04, len(tail)) * np.exp(-tail / (0.03 * SAMPLE_RATE_HZ))
    heard = np.convolve(np.concatenate([silence(late_ms), sent]), np.concatenate([[1.0], way]))
    return heard[: len(sent)] * 10 ** (-down_db / 20)


def mixed(*parts: Samples) -> Samples:
    longest = max(len(part) for part in parts)
    return np.sum([np.pad(part, (0, longest - len(part))) for part in parts], axis=0)


def _banded(samples: Samples, low_hz: float, high_hz: float) -> Samples:
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE_HZ)
    spectrum[(hz < low_hz) | (hz > high_hz)] = 0
    return np.fft.irfft(spectrum, len(samples))
