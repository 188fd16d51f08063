"""The turn-taking machine, drawn: one character is 100 ms; `#` caller's speech, `=` agent's speech."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.turn_taking import (
    Backchannel,
    BargeIn,
    CallerSilent,
    Contested,
    Decision,
    Floor,
    TurnEnded,
    TurnPaused,
    TurnResumed,
    TurnStarted,
    TurnTaking,
)

STEP_MS = 100
DETAILS = (TurnStarted, TurnPaused, TurnResumed, Contested)


def run(caller: str, agent: str = "") -> list[Decision]:
    machine = TurnTaking()
    decided: list[Decision] = []
    speaking = False
    for step, sound in enumerate(caller):
        at_ms = step * STEP_MS
        now_speaking = step < len(agent) and agent[step] == "="
        if now_speaking and not speaking:
            decided += machine.agent_started(at_ms)
        if speaking and not now_speaking:
            decided += machine.agent_stopped(at_ms)
        speaking = now_speaking
        decided += machine.sound(at_ms, 1.0 if sound == "#" else 0.0)
    return decided


OUTCOMES = [
    ("a turn", "..######........", "", [TurnEnded(200, 700)]),
    ("a click is no turn", "..#.............", "", []),
    ("a pause inside a sentence", "..####...####.........", "", [TurnEnded(200, 1200)]),
    ("two turns", ".###.......###.......", "", [TurnEnded(100, 300), TurnEnded(1100, 1300)]),
    ("an interruption", "..######........", "=======    ", [BargeIn(600), TurnEnded(200, 700)]),
    ("uh-huh over the agent", "..##............", "============", [Backchannel(200, 300)]),
    (
        "uh-huh, then a real interruption",
        "..##....#####.......",
        "==============",
        [Backchannel(200, 300), BargeIn(1200), TurnEnded(800, 1200)],
    ),
    ("the agent ends while a sound is undecided", "...###.........", "=====", [TurnEnded(300, 500)]),
    ("the caller goes on while the agent begins", ".########.......", "    ====", [BargeIn(500), TurnEnded(100, 800)]),
    ("silence is asked about", "." * 82, "", [CallerSilent(8000, 1)]),
    ("silence is asked about twice", "." * 162, "", [CallerSilent(8000, 1), CallerSilent(16000, 2)]),
    ("silence counts from the agent's last word", "." * 90, "=====", [CallerSilent(8500, 1)]),
]


@pytest.mark.parametrize(("caller", "agent", "expected"), [c[1:] for c in OUTCOMES], ids=[c[0] for c in OUTCOMES])
def test_outcomes(caller: str, agent: str, expected: list[Decision]) -> None:
    assert [d for d in run(caller, agent) if not isinstance(d, DETAILS)] == expected


def test_work_can_begin_at_the_first_pause() -> None:
    assert run(".####...##........") == [
        TurnStarted(100),
        TurnPaused(100, 400),
        TurnResumed(800),
        TurnPaused(100, 900),
        TurnEnded(100, 900),
    ]


def test_a_contest_is_told_at_once() -> None:
    assert run("..##....", "========")[0] == Contested(200)


def test_an_endless_sound_ends_a_turn() -> None:
    decided = run("#" * 1220)
    assert [d for d in decided if isinstance(d, TurnEnded)] == [TurnEnded(0, 60_000), TurnEnded(60_100, 120_100)]


def test_a_flickering_probability_stays_one_turn() -> None:
    machine = TurnTaking()
    decided: list[Decision] = []
    for step in range(40):
        decided += machine.sound(step * 32, 0.9 if step < 3 else 0.4 if step < 20 else 0.1)
    assert [d for d in decided if isinstance(d, TurnStarted | TurnEnded)] == [TurnStarted(0), TurnEnded(0, 19 * 32)]


@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from(["", "start", "stop"])), max_size=400))
def test_turns_never_overlap_and_time_never_runs_back(steps: list[tuple[float, str]]) -> None:
    machine = TurnTaking()
    last_end = -1
    for index, (probability, agent) in enumerate(steps):
        at_ms = index * 32
        if agent == "start":
            machine.agent_started(at_ms)
        elif agent == "stop":
            machine.agent_stopped(at_ms)
        for decision in machine.sound(at_ms, probability):
            if isinstance(decision, TurnEnded):
                assert last_end < decision.started_ms <= decision.ended_ms <= at_ms
                last_end = decision.ended_ms
                assert machine.floor is Floor.OPEN


def test_the_drawn_page_is_the_machine() -> None:
    """`make docs` draws it again."""
    drawing = Path(__file__).resolve().parents[2] / "docs" / "draw.py"
    assert subprocess.run([sys.executable, str(drawing), "--check"], check=False).returncode == 0
