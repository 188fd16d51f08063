"""Hold music of our own, made by code, and a player that lowers it under a spoken message.

Nobody's licence: soft chords and a plucked arpeggio that end where they begin. Its notes lie between 300 Hz and
1.1 kHz, so that a telephone's band carries all of it, and nothing above is loud enough to be shrill.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain.errors import Refused
from domain.speech import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE_HZ

BEAT_SAMPLES = SAMPLE_RATE_HZ * 4 // 5
"""75 beats a minute, the pace of a resting heart; a whole number of frames."""
BEATS_PER_BAR = 4
BARS = (
    # Four pad notes from 330 Hz up, then the arpeggio's notes, as MIDI numbers: 69 is 440 Hz.
    ((64, 67, 71, 74), (72, 76, 79, 83)),
    ((64, 67, 69, 72), (69, 76, 79, 81)),
    ((65, 69, 72, 76), (69, 72, 77, 81)),
    ((65, 67, 71, 74), (71, 74, 79, 83)),
    ((64, 67, 71, 74), (71, 76, 79, 83)),
    ((64, 69, 72, 76), (72, 76, 81, 84)),
    ((65, 69, 72, 74), (69, 74, 77, 81)),
    ((65, 67, 72, 74), (72, 74, 79, 81)),
)
ARPEGGIO = (0, 1, 2, 3, 2, 1, 2, 1)
"""Which of the bar's notes each half beat plucks."""
LEVEL_DBFS = -27.0
"""Of the whole loop, and in LUFS as well; speech recorded in a studio lies near -19."""
PLUCK_S = 0.45
"""Time in which a plucked note falls to a third."""
PARTIALS = (1.0, 0.22, 0.06)

DUCKED_DB = -15.0
RAMP_MS = 200
PAUSE_MS = 400
"""A message's own pauses are shorter: the music does not come up in the middle of a sentence."""
FADE_IN_MS = 600
MESSAGE_FRAMES = 60_000 // FRAME_MS
"""One minute of message that waits; a longer one is refused, for nobody on hold wants to hear it."""

_Sound = NDArray[np.float64]
_DUCKED = np.float32(10 ** (DUCKED_DB / 20))
_RAMP_STEP = (1 - _DUCKED) * FRAME_MS / RAMP_MS
_FADE_STEP = np.float32(FRAME_MS / FADE_IN_MS)


@cache
def hold_music() -> bytes:
    """The loop: 25.6 s, a whole number of frames, seamless. Takes 0.4 s the first time: not on the event loop."""
    loop = np.zeros(len(BARS) * BEATS_PER_BAR * BEAT_SAMPLES)
    for bar, (pad, plucked) in enumerate(BARS):
        start = bar * BEATS_PER_BAR * BEAT_SAMPLES
        for note in pad:
            _lay(loop, start, 0.16 * _pad(_hz(note)))
        for half, step in enumerate(ARPEGGIO):
            accent = 0.5 if half % 4 == 0 else 0.36
            _lay(loop, start + half * BEAT_SAMPLES // 2, accent * _pluck(_hz(plucked[step])))
    loop *= 32768 * 10 ** (LEVEL_DBFS / 20) / np.sqrt(np.mean(loop**2))
    return np.rint(loop).astype("<i2").tobytes()


def _hz(note: int) -> float:
    return 440.0 * 2 ** ((note - 69) / 12)


def _lay(loop: _Sound, start: int, sound: _Sound) -> None:
    """Add a note; what rings on past the end of the loop is heard at its beginning, so there is no seam."""
    np.add.at(loop, (start + np.arange(len(sound))) % len(loop), sound)


def _seconds(length_s: float) -> _Sound:
    return np.arange(int(length_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ


def _pluck(hz: float) -> _Sound:
    t = _seconds(PLUCK_S * 7)
    partials = (level * np.sin(2 * np.pi * hz * (n + 1) * t) * np.exp(-n * t / 0.2) for n, level in enumerate(PARTIALS))
    return sum(partials, np.zeros_like(t)) * np.exp(-t / PLUCK_S) * np.minimum(1, t / 0.008)


def _pad(hz: float) -> _Sound:
    """A bar and a half long, so that each chord melts into the next; two voices 0.3 % apart keep it moving."""
    t = _seconds(1.5 * BEATS_PER_BAR * BEAT_SAMPLES / SAMPLE_RATE_HZ)
    swell = np.sin(np.pi * np.arange(len(t)) / len(t)) ** 2
    return swell * (np.sin(2 * np.pi * hz * t) + np.sin(2 * np.pi * hz * 1.003 * t)) / 2


class Elsewhere(Protocol):
    """Hold music that is played nearer to the caller. Nothing here blocks."""

    @property
    def works(self) -> bool:
        """False: nobody plays it."""
        ...

    def play(self, on: bool) -> None:
        """Asked every 20 ms of the wait: it pauses while something is said."""
        ...

    def stop(self) -> None:
        """The wait is over."""
        ...


class HoldPlayer:
    """What one held caller hears: `pull` gives 20 ms at a time, music with a message over it while there is one.

    A message comes either whole, by `say`, or as it is made, from `speech`, which gives 20 ms or None when asked.
    """

    def __init__(
        self, music: bytes, speech: Callable[[], bytes | None] | None = None, elsewhere: Elsewhere | None = None
    ) -> None:
        """`music` loops: a whole number of frames; it is silent while it is played `elsewhere`.

        Raises Refused("bad_music").
        """
        if not music or len(music) % FRAME_BYTES:
            raise Refused("bad_music", f"Music has a whole number of frames of {FRAME_BYTES} bytes.")
        self._music = np.frombuffer(music, "<i2").reshape(-1, FRAME_SAMPLES)
        self._speech = speech
        self._elsewhere = elsewhere
        self._message: deque[bytes] = deque()
        self._next = 0
        self._level = np.float32(1)
        self._faded = np.float32(0)
        self._silent_ms = PAUSE_MS

    @property
    def speaking(self) -> bool:
        """A message given to `say` has not yet left."""
        return bool(self._message)

    def say(self, pcm: bytes) -> None:
        """After what is being said; the last frame is filled with silence. Raises Refused("message_too_long")."""
        frames = [pcm[at : at + FRAME_BYTES].ljust(FRAME_BYTES, b"\0") for at in range(0, len(pcm), FRAME_BYTES)]
        if len(self._message) + len(frames) > MESSAGE_FRAMES:
            raise Refused("message_too_long", f"A message has at most {MESSAGE_FRAMES * FRAME_MS // 1000} s.")
        self._message.extend(frames)

    def hush(self) -> None:
        """The caller speaks: drop what is left of the message."""
        self._message.clear()

    def pull(self) -> bytes:
        spoken = self._message.popleft() if self._message else self._speech() if self._speech is not None else None
        self._silent_ms = 0 if spoken is not None else self._silent_ms + FRAME_MS
        frame = self._music[self._next] * (self._gain() if self._is_ours() else np.float32(0))
        self._next = (self._next + 1) % len(self._music)
        if spoken is not None:
            frame = frame + np.frombuffer(spoken, "<i2")
        return np.rint(frame).clip(-32768, 32767).astype("<i2").tobytes()

    def _is_ours(self) -> bool:
        if self._elsewhere is None:
            return True
        self._elsewhere.play(self._silent_ms >= PAUSE_MS)
        return not self._elsewhere.works

    def _gain(self) -> NDArray[np.float32]:
        """The music's level over this frame, ramped from where it was to where it should be."""
        ducked = self._silent_ms < PAUSE_MS
        level = max(_DUCKED, self._level - _RAMP_STEP) if ducked else min(np.float32(1), self._level + _RAMP_STEP)
        faded = min(np.float32(1), self._faded + _FADE_STEP)
        gain = np.linspace(self._level * self._faded, level * faded, FRAME_SAMPLES, endpoint=False, dtype=np.float32)
        self._level, self._faded = np.float32(level), np.float32(faded)
        return gain
