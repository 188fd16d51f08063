"""Stepping down a profile when a stage falls behind, drawn: one letter is a window of its times.

`#` over the budget, `.` well below it, `-` in between.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pace.profiles import KNOBS, Knobs, Profile
from domain.pace.stepping import CALM_WINDOWS, LATE_WINDOWS, WINDOW, Pace, Stage, Step, budget_ms, knobs_now

CALM = "." * CALM_WINDOWS


def run(chosen: Profile, windows: str, stage: Stage = Stage.SEARCH) -> tuple[Pace, str]:
    """The steps stand where they were taken: `v` down, `^` up, a blank elsewhere."""
    pace = Pace(chosen)
    drawn = ""
    for window in windows:
        budget = budget_ms(stage, pace.profile)
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
    pace = Pace(Profile.ACCURATE)
    for _ in range(LATE_WINDOWS * WINDOW):
        step = pace.took(Stage.RECOGNITION, 900)
    assert step == Step(before=Profile.ACCURATE, after=Profile.BALANCED, stage=Stage.RECOGNITION, took_ms=900)
    assert not [step for _ in range(2 * CALM_WINDOWS * WINDOW) if (step := pace.took(Stage.SEARCH, 5))]
    assert pace.profile is Profile.BALANCED


def test_one_slow_run_among_quick_ones_is_nothing() -> None:
    pace = Pace(Profile.ACCURATE)
    assert not [
        step for n in range(50 * WINDOW) if (step := pace.took(Stage.RECOGNITION, 5_000 if n % WINDOW == 0 else 300))
    ]


@given(st.sampled_from(Profile), st.lists(st.tuples(st.sampled_from(Stage), st.integers(0, 2_000)), max_size=400))
def test_it_never_leaves_the_ladder(chosen: Profile, times: list[tuple[Stage, int]]) -> None:
    pace, order = Pace(chosen), list(Profile)
    for stage, ms in times:
        before = pace.profile
        step = pace.took(stage, ms)
        assert (step is None) == (pace.profile is before)
        assert step is None or abs(order.index(step.before) - order.index(step.after)) == 1
        assert order.index(pace.profile) >= order.index(chosen)


def test_a_knob_that_was_set_by_itself_stays() -> None:
    given_ = Knobs(asr_beam=5, reranker="bge-reranker-v2-m3", knowledge_ms=300, llm_file="qwen2.5-coder-1.5b")
    now = knobs_now(given_, Profile.ACCURATE, Profile.FAST)
    assert now == Knobs(asr_beam=1, reranker="bge-reranker-v2-m3", knowledge_ms=100, llm_file="qwen2.5-coder-1.5b")
    for profile in Profile:
        assert knobs_now(KNOBS[profile], profile, profile) == KNOBS[profile]
