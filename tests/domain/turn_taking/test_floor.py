"""The turn-taking machine, drawn: one character is 100 ms; `#` caller's speech, `=` agent's speech."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.turn_taking.asked import Asked
from domain.turn_taking.floor import (
    Backchannel,
    BargeIn,
    CallerSilent,
    Contested,
    Decision,
    Floor,
    Reclaimed,
    TurnEnded,
    TurnLikelyOver,
    TurnPaused,
    TurnResumed,
    TurnStarted,
    TurnTaking,
    Yielded,
)

STEP_MS = 100
DETAILS = (TurnStarted, TurnPaused, TurnLikelyOver, TurnResumed, Contested, Yielded, Reclaimed)


Heard = tuple[float | None, str | None]
UNCLEAR: Heard = (0.6, "It is broken.")
"""Whole words, and a sound that says nothing clear: the caller is given 600 ms."""


def run(caller: str, agent: str = "", heard: Heard = UNCLEAR) -> list[Decision]:
    """`heard` is what audio model and recogniser answer to each pause, at once."""
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
        for decision in machine.sound(at_ms, 1.0 if sound == "#" else 0.0):
            decided.append(decision)
            if isinstance(decision, TurnPaused):
                probability, words = heard
                if probability is not None:
                    machine.sounded(decision.at_ms, probability)
                if words is not None:
                    machine.understood(decision.at_ms, words)
    return decided


OUTCOMES = [
    ("a turn", "..######........", "", [TurnEnded(200, 700)]),
    ("a click is no turn", "..#.............", "", []),
    ("a pause inside a sentence", "..####...####.........", "", [TurnEnded(200, 1200)]),
    ("two turns", ".###.......###.......", "", [TurnEnded(100, 300), TurnEnded(1100, 1300)]),
    ("the agent ends while a sound is undecided", "...###.........", "=====", [TurnEnded(300, 500)]),
    ("the caller goes on while the agent begins", ".########.......", "    ====", [BargeIn(400), TurnEnded(100, 800)]),
    (
        "the caller pauses while the agent begins",
        ".####..####......",
        "     ====",
        [TurnEnded(100, 1000)],
    ),
    ("silence is asked about", "." * 82, "", [CallerSilent(8000, 1)]),
    ("silence is asked about twice", "." * 162, "", [CallerSilent(8000, 1), CallerSilent(16000, 2)]),
    ("silence counts from the agent's last word", "." * 90, "=====", [CallerSilent(8500, 1)]),
]


@pytest.mark.parametrize(("caller", "agent", "expected"), [c[1:] for c in OUTCOMES], ids=[c[0] for c in OUTCOMES])
def test_outcomes(caller: str, agent: str, expected: list[Decision]) -> None:
    assert [d for d in run(caller, agent) if not isinstance(d, DETAILS)] == expected


OVERLAPS = [
    (
        "somebody speaks on",
        "..###########........",
        "====================",
        (None, None),
        [Contested(200), Yielded(500), BargeIn(1200)],
    ),
    ("ok", "..##..........", "==============", (0.9, "Okay."), [Contested(200), Backchannel(200, 300)]),
    ("naam", "..##..........", "==============", (0.9, "نعم، طيب"), [Contested(200), Backchannel(200, 300)]),
    (
        "a long ok, for which the agent falls silent",
        "..#######.......",
        "================",
        (0.9, "Okay, okay, I see."),
        [Contested(200), Yielded(500), Backchannel(200, 800)],
    ),
    ("a cough", "..###...........", "===============", (0.9, ""), [Contested(200), Backchannel(200, 400)]),
    (
        "no",
        "..##............",
        "===============",
        (0.9, "No, wait."),
        [Contested(200), BargeIn(500), TurnEnded(200, 300)],
    ),
    (
        "ok, and then a real interruption",
        "..##....###########.......",
        "==========================",
        (0.9, "Okay."),
        [Contested(200), Backchannel(200, 300), Contested(800), Yielded(1100), BargeIn(1800), TurnEnded(800, 1800)],
    ),
    (
        "a short sound that nobody understands in time",
        "..##...................",
        "=======================",
        (None, None),
        [Contested(200), Backchannel(200, 300)],
    ),
    (
        "a longer one",
        "..########................",
        "==========================",
        (None, None),
        [Contested(200), Yielded(500), BargeIn(2400), TurnEnded(200, 900)],
    ),
    (
        "a murmur whose words are late",
        "..#####................",
        "=======================",
        (None, None),
        [Contested(200), Yielded(500), Reclaimed(1100)],
    ),
    (
        "it goes on as the agent does",
        "..#####.....##................",
        "==============================",
        (None, None),
        [Contested(200), Yielded(500), Reclaimed(1100), Yielded(1300), BargeIn(2800), TurnEnded(200, 1300)],
    ),
    (
        "a word, and the agent ends while nobody knows it",
        "..#####..............",
        "============        ",
        (None, None),
        [Contested(200), Yielded(500), Reclaimed(1100), TurnEnded(200, 600)],
    ),
    (
        "two sounds with a pause between them are one",
        "..##...##...............",
        "========================",
        (None, None),
        [Contested(200), Backchannel(200, 800)],
    ),
]


@pytest.mark.parametrize(
    ("caller", "agent", "heard", "expected"), [c[1:] for c in OVERLAPS], ids=[c[0] for c in OVERLAPS]
)
def test_sounds_over_the_agent(caller: str, agent: str, heard: Heard, expected: list[Decision]) -> None:
    told = (Contested, Yielded, Reclaimed, Backchannel, BargeIn, TurnEnded)
    assert [d for d in run(caller, agent, heard) if isinstance(d, told)] == expected


def test_yes_over_a_question_is_its_answer() -> None:
    machine = TurnTaking()
    machine.agent_started(0)
    machine.asked(Asked.YES_OR_NO)
    decided: list[Decision] = []
    for step, sound in enumerate("..##........."):
        decided += machine.sound(step * STEP_MS, 1.0 if sound == "#" else 0.0)
        machine.understood(300, "Yes.")
    assert [d for d in decided if isinstance(d, BargeIn | TurnEnded | Backchannel)] == [
        BargeIn(500),
        TurnEnded(200, 300),
    ]


MURMURED = "..#####" + "." * 20
LATE_WORDS = [
    ("Okay.", [Contested(200), Yielded(500), Reclaimed(1100), Backchannel(200, 600)]),
    ("", [Contested(200), Yielded(500), Reclaimed(1100), Backchannel(200, 600)]),
    ("Stop.", [Contested(200), Yielded(500), Reclaimed(1100), BargeIn(2400), TurnEnded(200, 600)]),
]


@pytest.mark.parametrize(("words", "expected"), LATE_WORDS)
def test_words_that_are_late_are_judged_all_the_same(words: str, expected: list[Decision]) -> None:
    machine = TurnTaking()
    decided = machine.agent_started(0)
    for step, sound in enumerate(MURMURED):
        if step == 24:
            machine.understood(600, words)
        decided += machine.sound(step * STEP_MS, 1.0 if sound == "#" else 0.0)
    assert [d for d in decided if not isinstance(d, TurnPaused | TurnLikelyOver)] == expected


def test_work_can_begin_at_the_first_pause() -> None:
    assert run(".####...##........") == [
        TurnStarted(100),
        TurnPaused(100, 400),
        TurnLikelyOver(100, 400),
        TurnResumed(800),
        TurnPaused(100, 900),
        TurnLikelyOver(100, 900),
        TurnEnded(100, 900),
    ]


ENDS = [
    # One character a tenth of a second: the turn's end is decided where the second `|` would stand.
    ("all is sure", "####....", (0.95, "When do you open?"), 700),
    ("nothing is clear", "####.........", (0.6, "It is broken."), 900),
    ("the voice stays up", "####............", (0.1, "It is broken."), 1200),
    ("the words hang open", "####..................", (0.95, "It is broken and"), 1800),
    ("a number is dictated", "####..................", (0.95, "It's 4572."), 1600),
    ("nothing was understood yet", "####..............", (None, None), 1200),
    ("a noise", "####........", (0.95, ""), 700),
]


@pytest.mark.parametrize(("drawn", "heard", "decided_ms"), [c[1:] for c in ENDS], ids=[c[0] for c in ENDS])
def test_when_a_turn_ends(drawn: str, heard: Heard, decided_ms: int) -> None:
    whole = run(drawn, heard=heard)
    assert whole[-1] == TurnEnded(0, 300)
    steps = next(n for n in range(len(drawn)) if TurnEnded(0, 300) in run(drawn[: n + 1], heard=heard))
    assert steps * STEP_MS == decided_ms


def test_what_is_told_of_an_earlier_pause_is_ignored() -> None:
    machine = TurnTaking()
    for step, sound in enumerate("####..##.."):
        machine.sound(step * STEP_MS, 1.0 if sound == "#" else 0.0)
    machine.sounded(300, 0.99)
    machine.understood(300, "When do you open?")
    assert machine.sound(1000, 0.0) == machine.sound(1100, 0.0) == []
    machine.sounded(700, 0.99)
    machine.understood(700, "When do you open on Friday?")
    assert machine.sound(1200, 0.0) == [TurnEnded(0, 700)]


def test_a_click_in_a_pause_does_not_go_on() -> None:
    assert TurnResumed not in [type(d) for d in run("####...#......")]


def test_a_number_is_waited_for_when_it_was_asked_for() -> None:
    machine = TurnTaking()
    machine.asked(Asked.NUMBER)
    decided: list[Decision] = []
    for step, sound in enumerate("####............."):
        decided += machine.sound(step * STEP_MS, 1.0 if sound == "#" else 0.0)
        machine.sounded(300, 0.99)
        machine.understood(300, "It's 45.")
        assert (TurnEnded(0, 300) in decided) == (step * STEP_MS >= 1600)
    assert [type(d) for d in decided] == [TurnStarted, TurnPaused, TurnEnded]


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
        machine.understood(19 * 32, "")
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
    drawing = Path(__file__).resolve().parents[3] / "docs" / "draw.py"
    assert subprocess.run([sys.executable, str(drawing), "--check"], check=False).returncode == 0
