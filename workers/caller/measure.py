"""Voice-to-voice from the recorded waveform: the caller's last sample to the answer's first.

The caller's speech ends at the last sample above a threshold that is relative to how loud the caller speaks. The
answer begins at the first received sample above a threshold that belongs to an answering sentence: the server says on
the data channel which sentence's first frame leaves, and its sound is looked for from that frame on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from workers.caller.audio_file import Pcm
from workers.caller.recording import RATE_HZ, to_ms, to_samples

_WINDOW = RATE_HZ // 100
"""10 ms: fine enough for a figure of ±20 ms, long enough to hold a period of the deepest voice."""
SPEECH_BELOW_LEVEL_DB = 26
"""Speech ends where it falls this far below its own level: final consonants stay in, breath and room noise don't."""
NOISE_MARGIN_DB = 10
"""Where a steady noise is louder than that, speech is what stands this far above it."""
STEADY_DB = 2
"""The quietest windows of a noise differ by less than this (0.5 dB of spread at 10 ms), those of speech by far more."""
SILENCE_RMS = 33
"""-60 dBFS: a file that never gets above it holds no speech."""
CALLER_RUN_WINDOWS = 3
"""Sound shorter than 30 ms is a click; the shortest phones that end a word last about 40 ms."""
AGENT_RUN_WINDOWS = 2
SPREAD_MS = 40
"""How far a message and the packet that belongs to it are apart: they leave one after the other, but not together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The server's word that a sentence begins: where its first frame stands, in samples of the recording."""

    at: int
    answers: bool
    """Whether the sentence's kind answers the caller; openers, fillers and apologies do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Milliseconds from the caller's last sample; None where there was no such sound."""

    voice_to_voice_ms: int | None
    with_openers_ms: int | None


def speech_end(pcm: Pcm) -> int | None:
    """The sample after the last one of speech, or None where there is only silence or clicks."""
    level = _open(_rms(pcm), CALLER_RUN_WINDOWS)
    threshold = _threshold(level, _rms(pcm))
    if threshold is None:
        return None
    window = int(np.flatnonzero(level > threshold)[-1])
    start = window * _WINDOW
    loud = np.flatnonzero(np.abs(pcm[start : start + _WINDOW].astype(np.int32)) > threshold)
    return start + (int(loud[-1]) + 1 if len(loud) else _WINDOW)


def latency(received: Pcm, told: Sequence[Told], caller_end: int) -> Latency:
    """What the caller waited. `received` and all places are on the recording's clock, from its beginning.

    A sentence that sounds before the caller's end answers something earlier and does not count.
    """
    runs = sounds(received)
    first: int | None = None
    for sentence, following in zip_longest(told, told[1:]):
        until = None if following is None else following.at - to_samples(SPREAD_MS)
        onset = _onset(runs, sentence.at, until)
        if onset is None or onset < caller_end:
            continue
        first = onset if first is None else first
        if sentence.answers:
            return Latency(voice_to_voice_ms=to_ms(onset - caller_end), with_openers_ms=to_ms(first - caller_end))
    return Latency(voice_to_voice_ms=None, with_openers_ms=None if first is None else to_ms(first - caller_end))


def first_sound(received: Pcm, after: int) -> int | None:
    """The first sample of any sound that begins at or after this place; a click is none."""
    return next((start for start, _ in sounds(received) if start >= after), None)


def _onset(runs: Sequence[tuple[int, int]], told_at: int, until: int | None) -> int | None:
    """The first sample of the sentence that was told at `told_at`, before `until`, among the runs of sound."""
    spread = to_samples(SPREAD_MS)
    for start, end in runs:
        if until is not None and start >= until:
            return None
        if start >= told_at - spread:
            return start
        if end > told_at + spread:
            # One sentence runs into the next without a gap: only the server's word tells them apart.
            return told_at
    return None


def sounds(pcm: Pcm) -> list[tuple[int, int]]:
    """Stretches of sound, as (first sample, sample after the last)."""
    level = _open(_rms(pcm), AGENT_RUN_WINDOWS)
    threshold = _threshold(level, _rms(pcm))
    if threshold is None:
        return []
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (level > threshold).astype(np.int8), [0]])))
    runs: list[tuple[int, int]] = []
    for first, after in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        start = first * _WINDOW
        loud = np.flatnonzero(np.abs(pcm[start : start + _WINDOW].astype(np.int32)) > threshold)
        runs.append((start + (int(loud[0]) if len(loud) else 0), after * _WINDOW))
    return runs


def _threshold(opened: NDArray[np.float64], level: NDArray[np.float64]) -> float | None:
    """The RMS that tells speech from the rest; None where nothing stands out."""
    peak = float(opened.max(initial=0.0))
    if peak < SILENCE_RMS:
        return None
    speech = float(np.percentile(opened[opened > peak / _ratio(SPEECH_BELOW_LEVEL_DB)], 75))
    quietest, quiet = (float(rms) for rms in np.percentile(level[level > 0], [3, 10]))
    steady = quiet < quietest * _ratio(STEADY_DB)
    noise = quiet * _ratio(NOISE_MARGIN_DB) if steady else 0.0
    threshold = speech / _ratio(SPEECH_BELOW_LEVEL_DB)
    if noise > threshold:
        threshold = min(noise, speech / _ratio(NOISE_MARGIN_DB))
    return max(threshold, SILENCE_RMS)


def _ratio(db: float) -> float:
    return 10 ** (db / 20)


def _rms(pcm: Pcm) -> NDArray[np.float64]:
    """The level of each 10 ms window; a last partial window is filled with silence."""
    windows = np.pad(pcm, (0, -len(pcm) % _WINDOW)).astype(np.float64).reshape(-1, _WINDOW)
    return np.sqrt((windows**2).mean(axis=1))


def _open(level: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Morphological opening: sounds shorter than `width` windows vanish, the edges of longer ones stay."""
    if len(level) < width:
        return np.zeros_like(level)
    lows = np.lib.stride_tricks.sliding_window_view(level, width).min(axis=1)
    padded = np.pad(lows, (width - 1, width - 1))
    return np.lib.stride_tricks.sliding_window_view(padded, width).max(axis=1)
