"""G.711 µ-law, by table: one byte for each 16-bit sample at 8 kHz."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BIAS = 132
"""33 of the 14-bit scale of the Recommendation, on a scale of 16 bits."""
_CLIP = 32_767 - _BIAS


def _decoding() -> NDArray[np.int16]:
    bits = ~np.arange(256) & 0xFF
    size = (((bits & 15) << 3) + _BIAS << (bits >> 4 & 7)) - _BIAS
    return np.where(bits & 0x80, -size, size).astype("<i2")


def _encoding() -> NDArray[np.uint8]:
    """Indexed by the sample's 16 bits, read as unsigned."""
    samples = np.arange(65_536).astype(np.uint16).view(np.int16).astype(np.int32)
    size = np.minimum(np.abs(samples), _CLIP) + _BIAS
    segment = np.floor(np.log2(size)).astype(np.int32) - 7
    bits = (samples < 0) << 7 | segment << 4 | size >> segment + 3 & 15
    return (~bits & 0xFF).astype(np.uint8)


_TO_LINEAR, _FROM_LINEAR = _decoding(), _encoding()


def decoded(mu_law: bytes) -> bytes:
    """Mono int16 little-endian."""
    return _TO_LINEAR[np.frombuffer(mu_law, np.uint8)].tobytes()


def encoded(pcm: bytes) -> bytes:
    return _FROM_LINEAR[np.frombuffer(pcm, "<u2")].tobytes()
