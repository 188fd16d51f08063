"""Between other rates and the line's 16 kHz, frame by frame and without holding a frame back: Opus' 48, a phone's 8."""

from __future__ import annotations

import numpy as np
from av import AudioFrame, AudioResampler
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from domain.speech import SAMPLE_RATE_HZ

OPUS_TIMES = 3
PHONE_TIMES = 2
_TAPS = 31
"""At 48 kHz 0.3 ms of delay; -1.4 dB at 6 kHz, and keeps what lies beyond 8 kHz 40 dB down."""


def _low_pass(times: int) -> NDArray[np.float32]:
    n = np.arange(_TAPS) - _TAPS // 2
    taps = np.sinc(n * 0.9 / times) * np.hamming(_TAPS)
    return (taps / taps.sum()).astype(np.float32)


_FILTERS = {times: _low_pass(times) for times in (OPUS_TIMES, PHONE_TIMES)}


class Down:
    """To mono of a lower rate, one sample for `times`."""

    def __init__(self, times: int = OPUS_TIMES) -> None:
        self._times = times
        self._taps = _FILTERS[times]
        """The same backwards."""
        self._carry = np.zeros(_TAPS - 1, np.float32)

    def feed(self, sound: NDArray[np.int16]) -> bytes:
        """`sound`: (samples, channels) with a multiple of `times` samples."""
        signal = np.concatenate([self._carry, _mono(sound)])
        self._carry = signal[-(_TAPS - 1) :]
        # Only the samples that are kept are made.
        return _int16(_windows(signal, _TAPS, self._times) @ self._taps)


class Up:
    """Mono to a higher rate, `times` samples for one."""

    def __init__(self, times: int = OPUS_TIMES) -> None:
        # A column for each of the samples made from one: the taps that meet a sample there, and not a zero between two.
        padded = np.zeros(-(-_TAPS // times) * times, np.float32)
        padded[:_TAPS] = _FILTERS[times] * np.float32(times)
        self._taps = np.ascontiguousarray(padded.reshape(-1, times)[::-1])
        self._carry = np.zeros(len(self._taps) - 1, np.float32)

    def feed(self, pcm: bytes) -> bytes:
        signal = np.concatenate([self._carry, np.frombuffer(pcm, "<i2").astype(np.float32)])
        self._carry = signal[-len(self._carry) :]
        return _int16((_windows(signal, len(self._taps), 1) @ self._taps).ravel())


def _mono(sound: NDArray[np.int16]) -> NDArray[np.float32]:
    if sound.shape[1] == 1:
        return sound[:, 0].astype(np.float32)
    if sound.shape[1] == 2:  # a mean over two columns takes numpy twice as long
        return np.add(sound[:, 0], sound[:, 1], dtype=np.float32) * np.float32(0.5)
    return sound.mean(axis=1, dtype=np.float32)


def _windows(signal: NDArray[np.float32], size: int, step: int) -> NDArray[np.float32]:
    """A row for each window of `signal` that begins `step` samples after the one before; a view."""
    rows = (len(signal) - size) // step + 1
    return as_strided(signal, (rows, size), (step * signal.itemsize, signal.itemsize), writeable=False)


def _int16(signal: NDArray[np.float32]) -> bytes:
    return np.rint(signal).clip(-32768, 32767).astype("<i2").tobytes()


class ToLine:
    """Frames of any decoder to 16 kHz mono: Opus' own rate without a delay, every other by a general resampler."""

    def __init__(self) -> None:
        self._down = Down()
        self._general: AudioResampler | None = None

    def feed(self, frame: AudioFrame) -> bytes:
        whole = frame.sample_rate == SAMPLE_RATE_HZ * OPUS_TIMES and frame.samples % OPUS_TIMES == 0
        if whole and frame.format.name == "s16":
            channels = len(frame.layout.channels)
            return self._down.feed(np.asarray(frame.to_ndarray(), np.int16).reshape(-1, channels))
        if self._general is None:
            self._general = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
        return b"".join(bytes(part.planes[0])[: part.samples * 2] for part in self._general.resample(frame))
