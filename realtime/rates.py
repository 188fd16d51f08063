"""Between Opus' 48 kHz and the line's 16 kHz, frame by frame: three samples for one, without holding a frame back."""

from __future__ import annotations

import numpy as np
from av import AudioFrame, AudioResampler
from numpy.typing import NDArray

from domain.speech import SAMPLE_RATE_HZ

_TIMES = 3
_TAPS = 31
"""0.3 ms of delay; -1.4 dB at 6 kHz, and keeps what lies beyond 8 kHz 40 dB down."""


def _low_pass() -> NDArray[np.float32]:
    n = np.arange(_TAPS) - _TAPS // 2
    taps = np.sinc(n * 0.9 / _TIMES) * np.hamming(_TAPS)
    return (taps / taps.sum()).astype(np.float32)


_FILTER = _low_pass()


class Down:
    """48 kHz to 16 kHz mono."""

    def __init__(self) -> None:
        self._carry = np.zeros(_TAPS - 1, np.float32)

    def feed(self, sound: NDArray[np.int16]) -> bytes:
        """`sound`: (samples, channels) with a multiple of 3 samples; a third as many come back."""
        signal = np.concatenate([self._carry, sound.mean(axis=1, dtype=np.float32)])
        self._carry = signal[-(_TAPS - 1) :]
        return _int16(np.convolve(signal, _FILTER, mode="valid")[::_TIMES])


class Up:
    """16 kHz mono to 48 kHz mono."""

    def __init__(self) -> None:
        self._carry = np.zeros(_TAPS - 1, np.float32)

    def feed(self, pcm: bytes) -> bytes:
        """Three samples for each one."""
        samples = np.frombuffer(pcm, "<i2")
        spread = np.zeros(len(samples) * _TIMES, np.float32)
        spread[::_TIMES] = samples * np.float32(_TIMES)
        signal = np.concatenate([self._carry, spread])
        self._carry = signal[-(_TAPS - 1) :]
        return _int16(np.convolve(signal, _FILTER, mode="valid"))


def _int16(signal: NDArray[np.float32]) -> bytes:
    return np.clip(np.rint(signal), -32768, 32767).astype("<i2").tobytes()


class ToLine:
    """Frames of any decoder to 16 kHz mono: Opus' own rate without a delay, every other by a general resampler."""

    def __init__(self) -> None:
        self._down = Down()
        self._general: AudioResampler | None = None

    def feed(self, frame: AudioFrame) -> bytes:
        if frame.sample_rate == SAMPLE_RATE_HZ * _TIMES and frame.samples % _TIMES == 0 and frame.format.name == "s16":
            channels = len(frame.layout.channels)
            return self._down.feed(np.asarray(frame.to_ndarray(), np.int16).reshape(-1, channels))
        if self._general is None:
            self._general = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
        return b"".join(bytes(part.planes[0])[: part.samples * 2] for part in self._general.resample(frame))
