"""What each voice of a recorded call sounds like: a tone of its own over some noise, different in every frame."""

from __future__ import annotations

import numpy as np

from domain.media.recording import RecordingLeg
from domain.speech import FRAME_SAMPLES, SAMPLE_RATE_HZ

TONES_HZ = {RecordingLeg.CALLER: 440, RecordingLeg.AGENT: 1000, RecordingLeg.ADVISOR: 2300}


def frame(leg: RecordingLeg, number: int) -> bytes:
    """The voice's frame with that number, always the same."""
    n = np.arange(number * FRAME_SAMPLES, (number + 1) * FRAME_SAMPLES)
    noise = np.random.default_rng([TONES_HZ[leg], number]).normal(0, 50, FRAME_SAMPLES)
    return (4000 * np.sin(2 * np.pi * TONES_HZ[leg] * n / SAMPLE_RATE_HZ) + noise).astype("<i2").tobytes()


def frames(leg: RecordingLeg, first: int, end: int) -> bytes:
    return b"".join(frame(leg, number) for number in range(first, end))
