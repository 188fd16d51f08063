"""Loss concealment: what a network lost is stood in for, so that a call's clock stays true and no words are joined."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FRAME_S = 0.02
MISSING_S, LATE_S = 0.03, 0.04
"""So much too little has come, where since the last look nothing has, and where something has. Up to a frame is always
under way, and the stack's timer and ours are late by some ms."""
EARLY_S = 0.01
"""So much too much has come: what was stood in for has come after all."""
MOST_OWED_S = 0.2
"""Of what stood in, so much may still come; the stack waits 0.1 s for a packet before it plays the next."""
AWAY_S = 2.0
"""Nobody looked for so long: this process was frozen, and what was missed then is gone, time and all."""
FULL_S, GONE_S = 0.01, 0.06
"""From when on what stands in fades, and when it is silence, as in Recommendation G.711 Appendix I: more would buzz."""
SHORTEST_S, LONGEST_S = 0.0025, 0.015
"""Pitch periods of voices, 400 to 66 Hz."""
LIKE_S = 0.02
"""Of the end of what was heard, looked for in what was heard before."""
BLEND_S = 0.005
"""Over which the sound that comes again takes over."""

_Sound = NDArray[np.float32]
_NOTHING: _Sound = np.zeros(0, np.float32)


class Concealment:
    """Of one stream of mono int16.

    The stack leaves out what was lost, and gives everything else at its time: a loss is too little sound for the time
    that has passed. What has come is given on at once, so a frame that comes after it was stood in for is left out, and
    the time is right again.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._began_s: float | None = None
        """When what was given would have begun, had it all come at its time."""
        self._looked_s = 0.0
        self._given = 0
        self._owed = 0
        self._before: _Sound = np.zeros(self._samples(LIKE_S + LONGEST_S), np.float32)
        """The end of what was given."""
        self._period: _Sound = _NOTHING
        self._stood_in = 0
        """How much of it, since sound came."""
        self._follows: _Sound = _NOTHING
        """What would follow what was given last, to blend into what does."""
        self.stood_in_s = 0.0
        """In all."""

    def heard(self, pcm: bytes, now_s: float) -> bytes:
        """What there is to hear since this was asked last; `pcm` came in. Ask every 20 ms, whether or not any did."""
        sound = np.frombuffer(pcm, "<i2").astype(np.float32)
        if self._began_s is None or now_s - self._looked_s > AWAY_S:
            if not pcm:
                return b""
            self._began_s, self._given, self._owed = now_s - len(sound) / self._rate_hz, 0, 0
        self._looked_s = now_s
        late_s = now_s - self._began_s - (self._given + len(sound)) / self._rate_hz
        if late_s < 0 and not self._owed:
            self._began_s += late_s  # the quickest way there is
        elif late_s < -EARLY_S:
            sound = self._without(sound, min(self._owed, round(-late_s * self._rate_hz)))
        standing_in = self._stand_in(late_s, MISSING_S if not pcm else LATE_S)
        if not len(sound):
            return standing_in
        return standing_in + self._took(self._blended(sound))

    def _without(self, sound: _Sound, samples: int) -> _Sound:
        """Less by whole frames."""
        frame = self._samples(FRAME_S)
        left_out = min(-(-samples // frame) * frame, self._owed, len(sound))
        if not self._stood_in:
            self._follows = sound[: self._samples(BLEND_S)]
        self._owed -= left_out
        return sound[left_out:]

    def _stand_in(self, late_s: float, from_s: float) -> bytes:
        frames = 0
        while late_s - frames * FRAME_S >= from_s:
            frames += 1
        if not frames:
            return b""
        samples = frames * self._samples(FRAME_S)
        self._owed = min(self._owed + samples, self._samples(MOST_OWED_S))
        self.stood_in_s += samples / self._rate_hz
        if not self._stood_in:
            self._period = self._last_period()
        wave = self._went_on(samples + self._samples(BLEND_S))
        self._stood_in += samples
        self._follows = wave[samples:]
        return self._took(wave[:samples])

    def _went_on(self, samples: int) -> _Sound:
        """The last period again and again, from where it has come to, fading."""
        n = np.arange(self._stood_in, self._stood_in + samples)
        full, gone = self._samples(FULL_S), self._samples(GONE_S)
        fade = np.clip((gone - n) / (gone - full), 0, 1).astype(np.float32)
        wave = self._period[n % len(self._period)]
        if not self._stood_in:
            # No step from what was heard to the period's begin.
            smooth = len(self._period) // 4
            step = self._before[-1] - self._before[-len(self._period) - 1]
            wave[:smooth] += step * np.linspace(1, 0, smooth, dtype=np.float32)
        return wave * fade

    def _last_period(self) -> _Sound:
        """The end of what was heard that is most like what came before it, its own end led over to its begin."""
        like, shortest, longest = (self._samples(s) for s in (LIKE_S, SHORTEST_S, LONGEST_S))
        before = self._before
        candidates = before[: len(before) - shortest]
        products = np.correlate(candidates, before[-like:], "valid")
        powers = np.convolve(candidates**2, np.ones(like, np.float32), "valid")
        period = longest - int(np.argmax(products / np.sqrt(powers + 1)))
        smooth = period // 4
        rise = np.linspace(0, 1, smooth, dtype=np.float32)
        wave = before[-period:].copy()
        wave[-smooth:] += (before[-period - smooth : -period] - wave[-smooth:]) * rise
        return wave

    def _blended(self, sound: _Sound) -> _Sound:
        both = min(len(self._follows), len(sound))
        if both:
            rise = np.linspace(0, 1, both, dtype=np.float32)
            sound = sound.copy()
            sound[:both] += (self._follows[:both] - sound[:both]) * (1 - rise)
        self._follows, self._stood_in = _NOTHING, 0
        return sound

    def _took(self, sound: _Sound) -> bytes:
        self._given += len(sound)
        self._before = np.concatenate([self._before, sound])[-len(self._before) :]
        return np.rint(sound).clip(-32768, 32767).astype("<i2").tobytes()

    def _samples(self, seconds: float) -> int:
        return round(seconds * self._rate_hz)
