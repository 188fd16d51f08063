"""One call's bridge: what each party says, 20 ms at a time, and what each party hears of the others.

Sans-IO: the lines `push` what arrives and `pull` what leaves, each at the pace of its own clock. All on one thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from domain.errors import Refused
from domain.media.hearing import BridgeRole, ListenMode, Seat, check_seat, hears
from domain.speech import FRAME_BYTES, FRAME_MS, SAMPLE_RATE_HZ

__all__ = ["Bridge", "BridgeRole", "ListenMode"]

MAX_PARTIES = 8
"""Caller, agent, two advisors in a consultation, and supervisors; measured per pull: 0.4 µs of two, 10 µs of five."""
PRIME_FRAMES = 2
"""40 ms gathered before a voice begins: a frame for the two clocks' phase, and one for a packet that comes late."""
MOST_FRAMES = 4
"""80 ms of one voice waiting for one listener: more is heard as people talking over each other."""
FADE_SAMPLES = SAMPLE_RATE_HZ * 5 // 1000
"""5 ms: shorter is heard as a click, longer eats a consonant."""

_Samples = NDArray[np.int16]
_RISE = np.linspace(0.0, 1.0, FRAME_BYTES // 2, dtype=np.float32)
_FADE_IN = np.linspace(0.0, 1.0, FADE_SAMPLES, dtype=np.float32)
_FADE_OUT = _FADE_IN[::-1]


@dataclass(slots=True, eq=False)
class _Pipe:
    """One voice on its way to one listener, between their two clocks.

    Overflow rule: the two oldest frames are folded into one, so the oldest 20 ms go without a click. Underrun rule:
    silence after a fade, until PRIME_FRAMES are there again.
    """

    waiting: deque[bytes] = field(default_factory=deque[bytes])
    playing: bool = False
    last: bytes = b""
    """What was heard last, for its fade."""
    patience: int = 0
    folded: int = 0
    ran_dry: int = 0

    def put(self, pcm: bytes) -> None:
        self.waiting.append(pcm)
        if len(self.waiting) > MOST_FRAMES:
            oldest, following = self.waiting.popleft(), self.waiting.popleft()
            self.waiting.appendleft(_folded(oldest, following))
            self.folded += 1

    def take(self) -> bytes | None:
        """The next 20 ms; None while there is silence."""
        if not self.playing:
            return self._begin()
        if not self.waiting:
            self.ran_dry += 1
            return self.tail()
        self.last = self.waiting.popleft()
        return self.last

    def _begin(self) -> bytes | None:
        if not self.waiting:
            return None
        self.patience += 1
        # A sound shorter than the cushion is let go as late as a longer one.
        if len(self.waiting) < PRIME_FRAMES and self.patience <= PRIME_FRAMES:
            return None
        self.playing, self.patience = True, 0
        self.last = self.waiting.popleft()
        return _faded_in(self.last)

    def tail(self) -> bytes | None:
        """End here: what was heard last, mirrored and falling to silence, so that the wave does not break off."""
        if not self.playing:
            return None
        self.playing = False
        return fade_out(self.last)


@dataclass(slots=True, eq=False)
class _Party:
    seat: Seat
    heard: dict[str, _Pipe] = field(default_factory=dict[str, _Pipe])
    """By whose voice."""
    tails: list[bytes] = field(default_factory=list[bytes])
    """Fades of what ended since the last pull; bounded by the number of parties, and gone with the next pull."""
    hold: Callable[[], bytes] | None = None
    hold_last: bytes = b""

    def pull(self) -> bytes | None:
        frames, self.tails = self.tails, []
        if self.hold is not None:
            self.hold_last = _checked(self.hold())
            frames.append(self.hold_last)
        for pipe in self.heard.values():
            if (frame := pipe.take()) is not None:
                frames.append(frame)
        return mixed(frames)


class Bridge:
    """A party is a name of the caller's choice, e.g. the id of its line. Refused codes: see each method."""

    def __init__(self) -> None:
        self._parties: dict[str, _Party] = {}
        self._listeners: dict[str, list[_Pipe]] = {}
        """By speaker: where each frame of theirs goes."""
        self._gone = (0, 0)

    def add(self, party: str, role: BridgeRole, mode: ListenMode = ListenMode.TALK) -> None:
        """Raises Refused: "party_taken", "bridge_full" or "bad_mode"."""
        check_seat(role, mode)
        if party in self._parties:
            raise Refused("party_taken", "This party is on the bridge already.")
        if len(self._parties) >= MAX_PARTIES:
            raise Refused("bridge_full", f"A bridge has room for {MAX_PARTIES} parties.")
        self._parties[party] = _Party(Seat(role=role, mode=mode))
        self._connect()

    def set_mode(self, party: str, mode: ListenMode) -> None:
        """At once: not even what waits already is heard by those who no longer may. Raises Refused("bad_mode")."""
        found = self._on_bridge(party)
        check_seat(found.seat.role, mode)
        self._seat(found, replace(found.seat, mode=mode))

    def remove(self, party: str) -> None:
        """A party that is not there is ignored: two ends of a line may hang up at once."""
        if (gone := self._parties.pop(party, None)) is not None:
            for pipe in gone.heard.values():
                self._count(pipe)
            self._connect()

    def hold(self, party: str, source: Callable[[], bytes]) -> None:
        """From now on the party hears only `source`, which gives 20 ms each time it is asked."""
        held = self._on_bridge(party)
        self._end_hold(held)
        held.hold = source
        self._seat(held, replace(held.seat, held=True))

    def resume(self, party: str) -> None:
        """Back among the others; a party that was not held is left alone."""
        held = self._on_bridge(party)
        self._end_hold(held)
        self._seat(held, replace(held.seat, held=False))

    def push(self, party: str, pcm: bytes) -> None:
        """20 ms that the party said. Raises Refused("bad_frame"); a party that just left is ignored."""
        _checked(pcm)
        for pipe in self._listeners.get(party, ()):
            pipe.put(pcm)

    def pull(self, party: str) -> bytes | None:
        """20 ms for the party to hear, or None for silence."""
        found = self._parties.get(party)
        return None if found is None else found.pull()

    def roles(self) -> dict[str, BridgeRole]:
        return {name: party.seat.role for name, party in self._parties.items()}

    @property
    def folded_ms(self) -> int:
        """Audio lost to clocks and bursts so far, over all pairs."""
        return (self._gone[0] + sum(pipe.folded for pipe in self._pipes())) * FRAME_MS

    @property
    def ran_dry(self) -> int:
        """How often a voice stopped, at its end or for want of audio, over all pairs."""
        return self._gone[1] + sum(pipe.ran_dry for pipe in self._pipes())

    def _on_bridge(self, party: str) -> _Party:
        if party not in self._parties:
            raise Refused("unknown_party", "This party is not on the bridge.")
        return self._parties[party]

    def _seat(self, party: _Party, seat: Seat) -> None:
        party.seat = seat
        self._connect()

    def _end_hold(self, party: _Party) -> None:
        if party.hold is not None and party.hold_last:
            party.tails.append(fade_out(party.hold_last))
        party.hold, party.hold_last = None, b""

    def _connect(self) -> None:
        """Lay a pipe from each speaker to each listener that may hear it, and end those that may no longer."""
        self._listeners = {name: [] for name in self._parties}
        for to, listener in self._parties.items():
            before, listener.heard = listener.heard, {}
            for name, speaker in self._parties.items():
                if name != to and hears(listener.seat, speaker.seat):
                    pipe = listener.heard[name] = before.pop(name, None) or _Pipe()
                    self._listeners[name].append(pipe)
            for pipe in before.values():
                self._count(pipe)
                if (tail := pipe.tail()) is not None:
                    listener.tails.append(tail)

    def _count(self, pipe: _Pipe) -> None:
        self._gone = (self._gone[0] + pipe.folded, self._gone[1] + pipe.ran_dry)

    def _pipes(self) -> list[_Pipe]:
        return [pipe for party in self._parties.values() for pipe in party.heard.values()]


def fade_out(pcm: bytes) -> bytes:
    """20 ms that begin where `pcm` ended: its end mirrored, falling to silence within 5 ms."""
    fading = np.zeros(FRAME_BYTES // 2, np.int16)
    fading[:FADE_SAMPLES] = (_samples(pcm)[: -FADE_SAMPLES - 1 : -1] * _FADE_OUT).astype(np.int16)
    return fading.tobytes()


def _faded_in(pcm: bytes) -> bytes:
    rising = _samples(pcm).copy()
    rising[:FADE_SAMPLES] = (rising[:FADE_SAMPLES] * _FADE_IN).astype(np.int16)
    return rising.tobytes()


def _folded(first: bytes, second: bytes) -> bytes:
    mixed = _samples(first) * (1 - _RISE) + _samples(second) * _RISE
    return mixed.astype(np.int16).tobytes()


def mixed(frames: list[bytes]) -> bytes | None:
    """The sum, cut off where 16 bits end; None of nothing."""
    if len(frames) < 2:
        return frames[0] if frames else None
    total = _samples(frames[0]).astype(np.int32)
    for frame in frames[1:]:
        total += _samples(frame)
    return total.clip(-32768, 32767).astype("<i2").tobytes()


def _samples(pcm: bytes) -> _Samples:
    return np.frombuffer(pcm, "<i2")


def _checked(pcm: bytes) -> bytes:
    if len(pcm) != FRAME_BYTES:
        raise Refused("bad_frame", f"A frame has {FRAME_BYTES} bytes, not {len(pcm)}.")
    return pcm
