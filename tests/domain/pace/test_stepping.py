"""Stepping down a profile when a stage falls behind, drawn: one letter is a window of its times.

`#` over the budget, `.` well below it, `-` in between.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pace.profiles import KNOBS, Knobs, Profile
from domain.pace.stepping import CALM_WINDOWS, LATE_WINDOWS, WINDOW, Pace, Stage, Step, broken_off

CALM = "." * CALM_WINDOWS


def paced(chosen: Profile) -> Pace:
    return Pace(chosen, KNOBS[chosen])


def run(chosen: Profile, windows: str, stage: Stage = Stage.SEARCH) -> tuple[Pace, str]:
    """The steps stand where they were taken: `v` down, `^` up, a blank elsewhere."""
    pace = paced(chosen)
    drawn = ""
    for window in windows:
        budget = pace.budget_ms(stage)
        ms = {"#": budget + 1, "-": budget * 3 // 4, ".": budget // 3}[window]
        steps = [step for _ in range(WINDOW) if (step := pace.took(stage, ms))]
        drawn += " " if not steps else "v" if steps[0].down else "^"
    return pace, drawn


@pytest.mark.parametrize(
    ("chosen", "windows", "steps", "profile"),
    [
        (Profile.BALANCED, "....", "    ", Profile.BALANCED),
        (Profile.BALANCED, ".#.#.#", "      ", Profile.BALANCED),
        (Profile.BALANCED, ".##.", "  v ", Profile.FAST),
        (Profile.BALANCED, "##########", " v        ", Profile.FAST),
        (Profile.ACCURATE, "##..##", " v   v", Profile.FAST),
        (Profile.FAST, "######", "      ", Profile.FAST),
        (Profile.BALANCED, "##--------------", " v              ", Profile.FAST),
        (Profile.BALANCED, "##" + CALM, " v" + " " * (CALM_WINDOWS - 1) + "^", Profile.BALANCED),
        (Profile.BALANCED, CALM + CALM, " " * 2 * CALM_WINDOWS, Profile.BALANCED),
        (Profile.BALANCED, "##" + CALM[1:] + "-" + CALM[1:], " v" + " " * (2 * CALM_WINDOWS - 1), Profile.FAST),
    ],
)
def test_drawn(chosen: Profile, windows: str, steps: str, profile: Profile) -> None:
    pace, drawn = run(chosen, windows)
    assert drawn == steps
    assert pace.profile is profile


def test_who_falls_behind_again_is_given_twice_the_time() -> None:
    _, drawn = run(Profile.BALANCED, "##" + CALM + "##" + 3 * CALM)
    assert [place for place, step in enumerate(drawn) if step == "^"] == [1 + CALM_WINDOWS, 3 + 3 * CALM_WINDOWS]


def test_a_stage_that_is_well_does_not_take_back_what_another_asked_for() -> None:
    pace = paced(Profile.ACCURATE)
    for _ in range(LATE_WINDOWS * WINDOW):
        step = pace.took(Stage.RECOGNITION, 900)
    assert step == Step(before=Profile.ACCURATE, after=Profile.BALANCED, stage=Stage.RECOGNITION, took_ms=900)
    assert not [step for _ in range(2 * CALM_WINDOWS * WINDOW) if (step := pace.took(Stage.SEARCH, 5))]
    assert pace.profile is Profile.BALANCED


def test_one_slow_run_among_quick_ones_is_nothing() -> None:
    pace = paced(Profile.ACCURATE)
    assert not [
        step for n in range(50 * WINDOW) if (step := pace.took(Stage.RECOGNITION, 5_000 if n % WINDOW == 0 else 300))
    ]


def test_searches_that_answers_gave_up_on_are_late() -> None:
    pace = paced(Profile.BALANCED)
    given_up_ms = KNOBS[Profile.BALANCED].knowledge_ms
    counted = broken_off(given_up_ms, pace.budget_ms(Stage.SEARCH))
    assert counted is not None
    steps = [step for _ in range(LATE_WINDOWS * WINDOW) if (step := pace.took(Stage.SEARCH, counted))]
    assert [step.after for step in steps] == [Profile.FAST]
    assert broken_off(given_up_ms - 1, given_up_ms) is None
    assert broken_off(900, given_up_ms) == 900


@given(st.sampled_from(Profile), st.lists(st.tuples(st.sampled_from(Stage), st.integers(0, 2_000)), max_size=400))
def test_it_never_leaves_the_ladder(chosen: Profile, times: list[tuple[Stage, int]]) -> None:
    pace, order = paced(chosen), list(Profile)
    for stage, ms in times:
        before = pace.profile
        step = pace.took(stage, ms)
        assert (step is None) == (pace.profile is before)
        assert step is None or abs(order.index(step.before) - order.index(step.after)) == 1
        assert order.index(pace.profile) >= order.index(chosen)


def stepped_down(given_: Knobs, chosen: Profile, stage: Stage, ms: int) -> Pace:
    pace = Pace(chosen, given_)
    for _ in range(LATE_WINDOWS * WINDOW):
        pace.took(stage, ms)
    return pace


def test_a_knob_that_was_set_by_itself_stays() -> None:
    own = replace(KNOBS[Profile.ACCURATE], reranker="bge-reranker-v2-m3")
    pace = stepped_down(own, Profile.ACCURATE, Stage.RECOGNITION, 900)
    assert pace.knobs == replace(KNOBS[Profile.BALANCED], reranker=own.reranker, llm_file=own.llm_file)
    for profile in Profile:
        assert paced(profile).knobs == KNOBS[profile]


@pytest.mark.parametrize(("patience_ms", "took_ms", "after"), [(90, 91, Profile.FAST), (900, 800, Profile.BALANCED)])
def test_a_search_is_late_when_answers_go_on_without_it(patience_ms: int, took_ms: int, after: Profile) -> None:
    own = replace(KNOBS[Profile.BALANCED], knowledge_ms=patience_ms)
    assert stepped_down(own, Profile.BALANCED, Stage.SEARCH, took_ms).profile is after
