"""Between the ports' 16 kHz int16 PCM and the float samples that models take and give."""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FULL_SCALE = 32768


def to_floats(pcm: bytes) -> Floats:
    """Samples in -1..1."""
    return np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(FULL_SCALE)


def to_pcm(samples: Floats) -> bytes:
    return (np.clip(samples, -1, 1) * np.float32(FULL_SCALE - 1)).astype(np.int16).tobytes()


RESAMPLER_TAPS = 48
PASSED_BAND = 0.92
"""Of the lower Nyquist frequency: speech passes whole up to 6.5 kHz, and nothing folds back from above 8.8 kHz."""


def resampled(samples: Floats, from_hz: int, to_hz: int) -> Floats:
    """`samples` at another rate, by a polyphase windowed-sinc filter; the whole stretch at once."""
    if from_hz == to_hz or not samples.size:
        return samples
    divisor = math.gcd(from_hz, to_hz)
    up, down = to_hz // divisor, from_hz // divisor
    filters = _phases(up, PASSED_BAND * min(1.0, up / down))
    at = np.arange(-(-len(samples) * up // down), dtype=np.int64) * down
    half = RESAMPLER_TAPS // 2
    padded = np.pad(samples, (half, half + 1))
    windows = np.lib.stride_tricks.sliding_window_view(padded, RESAMPLER_TAPS)
    return np.einsum("ij,ij->i", windows[at // up + 1], filters[at % up]).astype(np.float32)


@functools.cache
def _phases(up: int, band: float) -> Floats:
    """One filter for each fraction 0, 1/up, 2/up … between two input samples."""
    half = RESAMPLER_TAPS // 2
    offsets = np.arange(-half + 1, half + 1)[None, :] - (np.arange(up) / up)[:, None]
    filters = band * np.sinc(band * offsets) * (0.5 + 0.5 * np.cos(np.pi * offsets / half))
    return (filters / filters.sum(axis=1, keepdims=True)).astype(np.float32)
