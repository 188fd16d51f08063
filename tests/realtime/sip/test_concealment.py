"""What is heard where packets were lost or came late: how long, how smooth, and for how long anything at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.sip.concealment import AWAY_S, EARLY_S, FRAME_S, GONE_S, LATE_S, Concealment

LOOK_S = 0.0213
"""Somewhat more than a frame, as a loop that sleeps for one."""
WAYS = st.lists(st.sampled_from("#####.<"), min_size=20, max_size=200).map("".join)


def voice(frames: int, rate_hz: int) -> np.ndarray:
    """A hum of 170 Hz and two of its harmonics: no whole number of periods fits a frame."""
    n = np.arange(round(frames * FRAME_S * rate_hz)) * (2 * np.pi / rate_hz)
    return (6_000 * np.sin(170 * n) + 3_000 * np.sin(340 * n) + 1_000 * np.sin(1_020 * n)).astype("<i2")


@dataclass
class Played:
    sent: np.ndarray
    heard: np.ndarray
    stood_in_ms: int
    off_ms: list[float]
    """How far what was given had fallen behind the time, at every look."""


def played(drawn: str, rate_hz: int = 8_000, away_after: int | None = None) -> Played:
    """A frame for each character: `#` comes in time, `.` is lost, `<` comes 60 ms late, and those behind it not before.

    Nobody looks for AWAY_S and a second after so many looks.
    """
    sent, frame = voice(len(drawn), rate_hz), round(FRAME_S * rate_hz)
    waiting: list[tuple[float, int]] = []
    at_s = 0.0
    for index, kind in enumerate(drawn):
        at_s = max(at_s, index * FRAME_S + (0.06 if kind == "<" else 0.0))
        if kind != ".":
            waiting.append((at_s, index))
    whole, heard, off_ms, now_s = Concealment(rate_hz), b"", list[float](), 0.0
    while now_s < len(drawn) * FRAME_S:
        pcm = b""
        while waiting and waiting[0][0] <= now_s:
            _, index = waiting.pop(0)
            pcm += sent[index * frame : (index + 1) * frame].tobytes()
        heard += whole.heard(pcm, now_s)
        off_ms.append(1_000 * (now_s + FRAME_S - len(heard) / 2 / rate_hz))
        now_s += LOOK_S if len(off_ms) != away_after else AWAY_S + 1
    return Played(sent, np.frombuffer(heard, "<i2"), round(1_000 * whole.stood_in_s), off_ms)


def steepest(sound: np.ndarray) -> int:
    return int(np.abs(np.diff(sound.astype(int))).max())


def test_what_comes_whole_is_given_on_as_it_is() -> None:
    whole = played("#" * 500)
    assert np.array_equal(whole.heard, whole.sent[: len(whole.heard)])
    assert whole.stood_in_ms == 0


@pytest.mark.parametrize("rate_hz", [8_000, 16_000])
def test_one_frame_in_ten_is_stood_in_for_at_its_place(rate_hz: int) -> None:
    lossy = played("#########." * 20, rate_hz)
    assert lossy.stood_in_ms == pytest.approx(400, abs=20)
    assert max(lossy.off_ms) <= 1_000 * LATE_S
    loud = np.abs(lossy.heard[: len(lossy.heard) // 160 * 160].reshape(-1, 160).astype(int)).max(axis=1)
    assert loud.min() > 4_000, "there is a hole"


def test_a_voice_goes_on_without_a_step() -> None:
    """Three frames are gone: the hum goes on in its own period, and what follows takes over."""
    lossy = played("#" * 30 + "..." + "#" * 40)
    assert lossy.stood_in_ms == pytest.approx(60, abs=20)
    assert steepest(lossy.heard) <= 1.3 * steepest(lossy.sent)


def test_a_long_gap_fades_and_its_time_passes() -> None:
    gap = played("#" * 50 + "." * 50 + "#" * 50)
    assert gap.stood_in_ms == pytest.approx(1_000, abs=40)
    silent = np.flatnonzero(gap.heard[8_000:16_000] == 0)
    assert silent[0] <= (GONE_S + LATE_S) * 8_000
    assert not gap.heard[8_000 + round((GONE_S + LATE_S) * 8_000) : 15_000].any()


def test_what_comes_late_takes_the_place_of_what_stood_in() -> None:
    late = played("#" * 20 + "<" + "#" * 79)
    assert late.stood_in_ms > 0
    assert len(late.heard) / 8 == pytest.approx(len(late.sent) / 8, abs=40)
    assert late.off_ms[-1] == pytest.approx(late.off_ms[5], abs=25)


@given(WAYS)
def test_the_clock_stays_true_whatever_comes(drawn: str) -> None:
    off_ms = played("#####" + drawn).off_ms
    assert max(off_ms) <= 1_000 * (LATE_S + LOOK_S)
    assert min(off_ms) >= -1_000 * (EARLY_S + FRAME_S)


def test_nothing_is_heard_before_the_first_sound_nor_made_of_a_time_in_which_nobody_looked() -> None:
    whole = Concealment(8_000)
    assert [whole.heard(b"", now_s) for now_s in (1.0, 2.0, 3.0)] == [b""] * 3
    frozen = played("#" * 300, away_after=50)
    assert frozen.stood_in_ms == 0
