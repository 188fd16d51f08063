"""The choice of a profile: a quicker machine never gets a less accurate one, and what is unknown is not trusted."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pace.profiles import Profile
from domain.pace.tuning import Measured, ModelSpeed, checks, chosen

QUICK = Measured(
    recognition_ms=150,
    wide_recognition_ms=300,
    judgement_ms=40,
    retrieval_ms=60,
    voice_s_per_s=12.0,
    model=ModelSpeed(prefill_per_s=900, tokens_per_s=60),
    larger_model=ModelSpeed(prefill_per_s=400, tokens_per_s=25),
)
ms = st.none() | st.integers(0, 2_000)
speeds = st.none() | st.builds(ModelSpeed, prefill_per_s=st.floats(0, 500), tokens_per_s=st.floats(0, 50))
machines = st.builds(Measured, wide_recognition_ms=ms, retrieval_ms=ms, larger_model=speeds)
ACCURACY = list(reversed(Profile))


@pytest.mark.parametrize(
    ("slower", "profile"),
    [
        ({}, Profile.ACCURATE),
        ({"wide_recognition_ms": 900}, Profile.BALANCED),
        ({"larger_model": None}, Profile.BALANCED),
        ({"larger_model": ModelSpeed(prefill_per_s=400, tokens_per_s=5)}, Profile.BALANCED),
        ({"retrieval_ms": 151}, Profile.FAST),
        ({"retrieval_ms": None}, Profile.FAST),
    ],
)
def test_the_slowest_stage_decides(slower: dict[str, object], profile: Profile) -> None:
    assert chosen(dataclasses.replace(QUICK, **slower)) is profile


@given(machines, st.integers(0, 500))
def test_a_quicker_machine_never_gets_a_less_accurate_profile(machine: Measured, less_ms: int) -> None:
    quicker = dataclasses.replace(
        machine,
        wide_recognition_ms=_less(machine.wide_recognition_ms, less_ms),
        retrieval_ms=_less(machine.retrieval_ms, less_ms),
    )
    assert ACCURACY.index(chosen(quicker)) >= ACCURACY.index(chosen(machine))


@given(machines)
def test_the_table_holds_the_reason(machine: Measured) -> None:
    unmet = {check.profile for check in checks(machine) if not check.met}
    match chosen(machine):
        case Profile.ACCURATE:
            assert not unmet
        case Profile.BALANCED:
            assert unmet == {Profile.ACCURATE}
        case Profile.FAST:
            assert Profile.BALANCED in unmet


def _less(figure: int | None, by: int) -> int | None:
    return None if figure is None else max(0, figure - by)
