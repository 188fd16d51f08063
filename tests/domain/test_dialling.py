"""Calling out: what a final status means, and which numbers a trunk dials."""

from __future__ import annotations

import pytest

from domain.errors import Refused
from domain.outbound.dialling import DialLimits, DialState, state_of


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (486, DialState.BUSY),
        (600, DialState.BUSY),
        (480, DialState.NO_ANSWER),
        (603, DialState.REJECTED),
        (403, DialState.REJECTED),
        (404, DialState.UNREACHABLE),
        (503, DialState.UNREACHABLE),
        (None, DialState.UNREACHABLE),
    ],
)
def test_a_final_status_is_one_state(status: int | None, state: DialState) -> None:
    assert state_of(status) is state


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("+442071234567", "country_not_allowed"),
        ("0044 207 123 4567", "country_not_allowed"),
        ("112", "bad_number"),
        ("alice", "bad_number"),
        ("+97150 1234567;transport=tcp", "bad_number"),
    ],
)
def test_other_countries_and_what_is_no_number_are_refused(number: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        DialLimits(countries=("971",), an_hour=5).count(number, 0.0)
    assert refused.value.code == code


def test_a_trunk_without_countries_dials_nobody() -> None:
    with pytest.raises(Refused):
        DialLimits(countries=(), an_hour=5).count("+971501234567", 0.0)


def test_an_extension_is_dialled_as_it_stands_and_not_counted() -> None:
    limits = DialLimits(countries=(), an_hour=0, extensions=("200", "+442071234567"))
    assert [limits.count(number, 0.0) for number in ("200", "+442071234567", "200")] == ["200", "+442071234567", "200"]
    for number in ("201", "200;transport=tcp", " 200", "+442071234568"):
        with pytest.raises(Refused):
            limits.count(number, 0.0)


def test_an_hour_has_so_many_calls_and_the_next_as_many_again() -> None:
    limits = DialLimits(countries=("971",), an_hour=2)
    assert limits.count("050 123 4567", 0.0) == "+971501234567"
    limits.count("+971501234568", 60.0)
    with pytest.raises(Refused) as refused:
        limits.count("+971501234569", 3_599.0)
    assert refused.value.code == "too_many_calls"
    limits.count("+971501234569", 3_600.0)
    with pytest.raises(Refused):
        limits.count("+971501234569", 3_601.0)
