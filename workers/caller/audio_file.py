"""Audio files as a caller's speech: any format that FFmpeg reads, as mono int16 at 48 kHz."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from domain.errors import Refused

Pcm = NDArray[np.int16]

SEND_RATE_HZ = 48_000
"""Opus' own rate: sending anything else makes aiortc's resampler hold back one frame, 20 ms."""
MAX_CLIP_S = 300
"""One turn of a person; the longest complaints heard on a telephone line are well under five minutes."""


def read_clip(path: Path) -> Pcm:
    """The sound of one file, mono at 48 kHz.

    Raises Refused, with a sentence that names the file, for what is missing, unreadable, empty, without audio, or
    longer than MAX_CLIP_S: by its header where that tells, otherwise as soon as the limit is passed.
    """
    if not path.exists():
        raise Refused("no_such_file", f"{path}: there is no such file")
    if not path.is_file():
        raise Refused("not_audio", f"{path}: this is not a file")
    try:
        if path.stat().st_size == 0:
            raise Refused("empty_file", f"{path}: the file is empty")
        return _decode(path)
    except PermissionError:
        raise Refused("unreadable", f"{path}: no permission to read this file") from None
    except (FFmpegError, OSError) as error:
        reason = getattr(error, "strerror", None) or "unknown format"
        raise Refused("not_audio", f"{path}: this is not an audio file that can be read ({reason})") from None


def resample(pcm: Pcm, rate_hz: int) -> Pcm:
    """Mono samples at `rate_hz` as mono samples at 48 kHz."""
    if rate_hz == SEND_RATE_HZ or not len(pcm):
        return pcm
    frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate_hz
    resampler = _resampler()
    return _join([*resampler.resample(frame), *resampler.resample(None)])


def _decode(path: Path) -> Pcm:
    # Only local files: a playlist given as a clip must not make FFmpeg fetch what it names.
    options = {"protocol_whitelist": "file"}
    with av.open(str(path), metadata_errors="ignore", options=options) as container:
        if not container.streams.audio:
            raise Refused("not_audio", f"{path}: there is no audio in this file")
        stream = container.streams.audio[0]
        if container.duration is not None and container.duration / av.time_base > MAX_CLIP_S:
            raise _too_long(path, container.duration / av.time_base)
        resampler = _resampler()
        pieces: list[av.AudioFrame] = []
        samples = 0
        for frame in container.decode(stream):
            frame.pts = None
            for piece in resampler.resample(frame):
                pieces.append(piece)
                samples += piece.samples
            if samples > MAX_CLIP_S * SEND_RATE_HZ:
                raise _too_long(path, None)
        if not pieces:
            raise Refused("empty_file", f"{path}: the file holds no sound")
        return _join([*pieces, *resampler.resample(None)])


def _too_long(path: Path, seconds: float | None) -> Refused:
    length = "" if seconds is None else f" ({seconds / 60:.0f} minutes)"
    return Refused("too_long", f"{path}: too long{length}; one turn may last at most {MAX_CLIP_S // 60} minutes")


def _resampler() -> av.AudioResampler:
    return av.AudioResampler(format="s16", layout="mono", rate=SEND_RATE_HZ)


def _join(frames: list[av.AudioFrame]) -> Pcm:
    return np.concatenate([np.asarray(frame.to_ndarray(), dtype=np.int16).reshape(-1) for frame in frames])
