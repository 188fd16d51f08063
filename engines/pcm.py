"""Between the ports' 16 kHz int16 PCM and the float samples that models take and give."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FULL_SCALE = 32768


def to_floats(pcm: bytes) -> Floats:
    """Samples in -1..1."""
    return np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(FULL_SCALE)


def to_pcm(samples: Floats) -> bytes:
    return (np.clip(samples, -1, 1) * np.float32(FULL_SCALE - 1)).astype(np.int16).tobytes()
