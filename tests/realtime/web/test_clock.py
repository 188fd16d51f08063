"""The line's clock against RTP stamps: gaps, stalls, what comes late after them, and senders that count otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from domain.speech import FRAME_MS
from realtime.web.clock import AHEAD_MS, LIVE_MS, GapClock


@dataclass
class Caller:
    """Frames of 20 ms, and what became of them."""

    clock: GapClock = field(default_factory=GapClock)
    now_s: float = 100.0
    heard: list[int] = field(default_factory=list[int])
    """Stamps."""
    silence_ms: int = 0

    def sends(self, from_ms: int, frames: int, *, live: bool = True) -> None:
        """At the pace of speech, or all at once."""
        for stamp in range(from_ms, from_ms + frames * FRAME_MS, FRAME_MS):
            if live:
                self.now_s += FRAME_MS / 1000
            missing_ms = self.clock.missing_ms(stamp, 960, 48_000, self.now_s)
            if missing_ms is not None:
                self.silence_ms += missing_ms
                self.heard.append(stamp)

    def stalls(self, filled_ms: int) -> None:
        for _ in range(0, filled_ms, FRAME_MS):
            self.now_s += FRAME_MS / 1000
            self.clock.filled(FRAME_MS)


@pytest.fixture
def caller() -> Caller:
    made = Caller()
    made.sends(1_000, 10)
    return made


def test_a_gap_is_filled_with_as_much_silence(caller: Caller) -> None:
    caller.sends(1_260, 1)
    assert caller.silence_ms == 60


def test_a_gap_that_was_filled_in_part_is_filled_to_its_length(caller: Caller) -> None:
    caller.stalls(300)
    caller.sends(1_200 + 400, 10)
    assert caller.silence_ms == 100


def test_what_comes_late_after_a_stall_is_heard_as_far_as_it_moves_the_clock_a_little(caller: Caller) -> None:
    caller.heard.clear()
    caller.stalls(AHEAD_MS + 200)
    caller.sends(1_200, 100, live=False)
    assert caller.heard == [*range(1_400, 3_200, FRAME_MS)]
    assert caller.silence_ms == 0


def test_there_is_as_much_room_after_every_stall(caller: Caller) -> None:
    for stall in range(5):
        caller.stalls(AHEAD_MS)
        caller.sends(1_200 + stall * 1_000, 50, live=False)
    assert caller.heard == [*range(1_000, 6_200, FRAME_MS)]


@pytest.mark.parametrize("away_ms", [1_000, 3_000, 4_500])
def test_a_sender_whose_clock_stands_still_while_it_sends_nothing_is_heard_when_it_sends_again(
    caller: Caller, away_ms: int
) -> None:
    caller.heard.clear()
    caller.stalls(away_ms)
    caller.sends(1_200, 100)
    assert caller.heard[0] <= 1_200 + LIVE_MS
    assert caller.heard == [*range(caller.heard[0], 3_200, FRAME_MS)]


def test_a_sender_that_restarts_its_clock_is_followed(caller: Caller) -> None:
    caller.sends(90_000_000, 2)
    assert caller.silence_ms == 0
    assert caller.heard[-2:] == [90_000_000, 90_000_020]
