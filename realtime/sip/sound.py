"""The sound of a call as the stack hands it over, by the codec that both sides have agreed on."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from domain.speech import SAMPLE_RATE_HZ
from realtime.phone.line import PHONE_FRAME_BYTES
from realtime.rates import OPUS_TIMES, PHONE_TIMES, Down, Up

OPUS_RATE_HZ = SAMPLE_RATE_HZ * OPUS_TIMES
OPUS_CHANNELS = 2
"""Whatever a side sends, the stack has two of it."""


class Sound(Protocol):
    """Between the stack's samples and a wire's: see realtime.phone.line.Wire.wide."""

    @property
    def wide(self) -> bool: ...

    @property
    def frame_bytes(self) -> int:
        """20 ms of the stack's."""
        ...

    @property
    def heard_hz(self) -> int:
        """The rate of what `heard` returns."""
        ...

    def heard(self, pcm: bytes) -> bytes: ...

    def played(self, pcm: bytes) -> bytes: ...


class PhoneSound:
    """G.711: mono at 8 kHz, as it is."""

    wide = False
    heard_hz = SAMPLE_RATE_HZ // PHONE_TIMES
    frame_bytes = PHONE_FRAME_BYTES

    def heard(self, pcm: bytes) -> bytes:
        return pcm

    def played(self, pcm: bytes) -> bytes:
        return pcm


class OpusSound:
    """Two channels at 48 kHz."""

    wide = True
    heard_hz = SAMPLE_RATE_HZ
    frame_bytes = OPUS_RATE_HZ // 50 * OPUS_CHANNELS * 2

    def __init__(self) -> None:
        self._down, self._up = Down(OPUS_TIMES), Up(OPUS_TIMES)
        self._rest = b""

    def heard(self, pcm: bytes) -> bytes:
        pcm = self._rest + pcm
        whole = len(pcm) - len(pcm) % (OPUS_TIMES * OPUS_CHANNELS * 2)
        self._rest = pcm[whole:]
        return self._down.feed(np.frombuffer(pcm[:whole], "<i2").reshape(-1, OPUS_CHANNELS))

    def played(self, pcm: bytes) -> bytes:
        return np.repeat(np.frombuffer(self._up.feed(pcm), "<i2"), OPUS_CHANNELS).tobytes()


def sound_of(rate_hz: int) -> Sound:
    """Of the codec whose samples come at this rate."""
    return OpusSound() if rate_hz == OPUS_RATE_HZ else PhoneSound()
