"""Whether what comes from the caller is what we sent them: a speaker phone's microphone hears the agent too."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from domain.speech import BYTES_PER_MS, FRAME_MS
from realtime.line import FREEZE_MS

HEARD_MS = 256
"""Of the microphone, looked at together: shorter stretches of any two voices are alike by chance."""
LONGEST_WAY_MS = 640
"""From a frame that leaves to its echo: both jitter buffers, sound cards, and up to 250 ms of a speaker phone."""
ALIKE = 0.4
"""Of any two voices 99 in 100 stretches stay below 0.32; of an echo in a room 95 in 100 are above 0.46."""
QUIET_RMS = 30.0
"""-60 dBFS: what was sent more softly than this comes back as nothing."""
SAMPLES_PER_MS = 8
"""Half the line's rate: speech has little above 4 kHz, and the work is halved."""

Samples = NDArray[np.float32]


class EchoGuard:
    """One line's memory of the last second that was sent on it."""

    def __init__(self) -> None:
        self._sent = bytearray()
        self._until_ms = 0

    def sent(self, frame: bytes, at_ms: int) -> None:
        """20 ms left for the caller at this time of the line."""
        kept = (HEARD_MS + LONGEST_WAY_MS + FREEZE_MS + FRAME_MS) * BYTES_PER_MS
        missed = min(max(0, at_ms - self._until_ms) * BYTES_PER_MS, kept)
        self._sent += bytes(missed) + frame
        # What a busy process then sends at once, under one stamp, is heard one after another.
        self._until_ms = min(max(at_ms, self._until_ms), at_ms + FREEZE_MS) + FRAME_MS
        del self._sent[:-kept]

    def is_echo(self, heard: bytes, until_ms: int) -> bool:
        """`heard` is the caller's audio, at least HEARD_MS of it, that ends at `until_ms`."""
        if until_ms - self._until_ms >= LONGEST_WAY_MS:
            return False
        sent = self._sent + bytes(max(0, until_ms - self._until_ms) * BYTES_PER_MS)
        if self._until_ms > until_ms:
            del sent[-(self._until_ms - until_ms) * BYTES_PER_MS :]
        most = (HEARD_MS + LONGEST_WAY_MS) * BYTES_PER_MS
        sent = sent[-most:].rjust(most, b"\0")  # before the first word there was silence
        return likeness(_at_half_rate(heard[-HEARD_MS * BYTES_PER_MS :]), _at_half_rate(bytes(sent))) >= ALIKE


def likeness(heard: Samples, sent: Samples) -> float:
    """0..1: the highest correlation of `heard` with any stretch of `sent` that is as long."""
    if not len(heard) or len(sent) < len(heard):
        return 0.0
    # The difference evens out the spectrum: low tones, which all voices share, would make everything alike.
    heard, sent = np.diff(heard, prepend=heard[:1]), np.diff(sent, prepend=sent[:1])
    size, places = len(sent), len(sent) - len(heard) + 1  # no place that counts runs over the circle's end
    products = np.fft.irfft(np.fft.rfft(sent, size) * np.conj(np.fft.rfft(heard, size)), size)[:places]
    energies = np.zeros(size + 1)
    np.cumsum(np.square(sent), dtype=np.float64, out=energies[1:])
    stretches = energies[len(heard) :] - energies[:places]
    loud = stretches > len(heard) * QUIET_RMS**2
    own = float(np.square(heard, dtype=np.float64).sum())
    if own == 0 or not loud.any():
        return 0.0
    return float((np.abs(products[loud]) / np.sqrt(own * stretches[loud])).max())


def _at_half_rate(pcm: bytes) -> Samples:
    samples = np.frombuffer(pcm[: len(pcm) // 4 * 4], "<i2").astype(np.float32)
    return (samples[::2] + samples[1::2]) * np.float32(0.5)
