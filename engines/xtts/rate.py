"""Sound that comes in chunks at one rate, as 16-bit PCM at another, without a seam between chunks."""

from __future__ import annotations

from typing import Any

import av

from engines.pcm import Floats, to_pcm


class Rate:
    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._from_hz = from_hz
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=to_hz)

    def fed(self, samples: Floats) -> bytes:
        """What of it can be made by now."""
        if not samples.size:
            return b""
        frame = av.AudioFrame(format="s16", layout="mono", samples=samples.size)
        frame.sample_rate = self._from_hz
        frame.planes[0].update(to_pcm(samples))
        return _bytes(self._resampler.resample(frame))

    def flushed(self) -> bytes:
        """The rest; nothing may be fed afterwards."""
        return _bytes(self._resampler.resample(None))


def _bytes(frames: list[Any]) -> bytes:
    return b"".join(bytes(frame.planes[0])[: frame.samples * 2] for frame in frames)
