"""Both directions of a call on one clock: channel 0 is what the caller sent, channel 1 what the caller heard."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.errors import Refused
from workers.caller.audio_file import SEND_RATE_HZ, Pcm

RATE_HZ = 16_000
_STEP = SEND_RATE_HZ // RATE_HZ
_TAPS = 31
SILENT_PEAK = 100
"""-50 dBFS: Opus decodes a sender's digital silence to a few units, and the quietest speech peaks far above."""


def _low_pass() -> NDArray[np.float32]:
    n = np.arange(_TAPS) - _TAPS // 2
    taps = np.sinc(n * 0.9 / _STEP) * np.hamming(_TAPS)
    return (taps / taps.sum()).astype(np.float32)


class Decimator:
    """48 kHz frames to 16 kHz, one stream each; it delays by 0.3 ms, the same on both channels."""

    _filter = _low_pass()

    def __init__(self) -> None:
        self._carry = np.zeros(_TAPS - 1, np.float32)

    def feed(self, pcm: Pcm) -> Pcm:
        """`pcm` holds a multiple of 3 samples; a third as many come back."""
        if not len(pcm):
            return pcm
        signal = np.concatenate([self._carry, pcm.astype(np.float32)])
        self._carry = signal[-(_TAPS - 1) :]
        filtered = np.convolve(signal, self._filter, mode="valid")[::_STEP]
        return np.clip(np.rint(filtered), -32768, 32767).astype(np.int16)


class Leg:
    """One channel: pieces of 16 kHz audio at their places, in order, with silence between them."""

    def __init__(self) -> None:
        self._pieces: list[tuple[int, Pcm]] = []
        self.end = 0
        """Samples from the start of the recording to the end of the last piece."""
        self.loud_until = 0
        """The end of the last piece that was not silent."""

    def put(self, at: int, pcm: Pcm) -> int:
        """Place a piece at sample `at`, or after what is there already; returns where it begins."""
        at = max(at, self.end)
        self._pieces.append((at, pcm))
        self.end = at + len(pcm)
        if len(pcm) and int(np.abs(pcm.astype(np.int32)).max()) > SILENT_PEAK:
            self.loud_until = self.end
        return at

    def samples(self, start: int = 0, end: int | None = None) -> Pcm:
        """The samples from `start` up to `end`, by default to the end of the last piece."""
        end = self.end if end is None else end
        out = np.zeros(max(0, end - start), np.int16)
        for at, pcm in self._pieces:
            first, last = max(at, start), min(at + len(pcm), end)
            if first < last:
                out[first - start : last - start] = pcm[first - at : last - at]
        return out


class Playout:
    """Decides when a received frame is heard: at its arrival, and within speech in step with the sender's clock.

    A late frame moves everything after it. Silence catches up again, as a player's jitter buffer does, so that a
    sentence that begins after silence stands at its own arrival.
    """

    def __init__(self) -> None:
        self._origin: int | None = None

    def place(self, arrived: int, position: int, *, silent: bool) -> int:
        """Where to put a frame, all in samples: its arrival, and its RTP position in the sender's stream."""
        if self._origin is None or silent or arrived > self._origin + position:
            self._origin = arrived - position
        return self._origin + position


class Recording:
    """The two legs of one call; places are samples at 16 kHz since the recording began."""

    def __init__(self) -> None:
        self.sent = Leg()
        self.received = Leg()

    def write(self, path: Path) -> None:
        """A two-channel 16 kHz WAV. Raises Refused("unwritable")."""
        end = max(self.sent.end, self.received.end)
        both = np.stack([self.sent.samples(0, end), self.received.samples(0, end)], axis=1)
        try:
            with path.open("wb") as file, wave.open(file, "wb") as wav:
                wav.setnchannels(2)
                wav.setsampwidth(2)
                wav.setframerate(RATE_HZ)
                wav.writeframes(both.astype("<i2").tobytes())
        except OSError as error:
            raise Refused("unwritable", f"{path}: can't write the recording ({error.strerror})") from None


def to_ms(samples: int) -> int:
    return round(samples * 1000 / RATE_HZ)


def to_samples(ms: float) -> int:
    return round(ms * RATE_HZ / 1000)
