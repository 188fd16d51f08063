"""Calling out: what a final status means, and which numbers a trunk dials."""

from __future__ import annotations

import pytest

from domain.errors import Refused
from domain.outbound.dialling import DialLimits, DialState, NumberFacts, state_of


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


def plan(number: str) -> NumberFacts:
    region = "AE" if number.startswith("+971") else "GB" if number.startswith("+44") else None
    return NumberFacts(region=region, is_ordinary=not number.startswith("+971900"))


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("+442071234567", "country_not_allowed"),
        ("0044 207 123 4567", "country_not_allowed"),
        ("+870776000000", "country_not_allowed"),
        ("+971900123456", "costly_number"),
        ("112", "bad_number"),
        ("alice", "bad_number"),
        ("+97150 1234567;transport=tcp", "bad_number"),
    ],
)
def test_other_countries_costly_numbers_and_what_is_none_are_refused(number: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        DialLimits(regions={"AE"}, an_hour=5, plan=plan).permitted(number)
    assert refused.value.code == code


def test_a_number_that_may_be_dialled_gets_its_normal_form() -> None:
    assert DialLimits(regions={"AE"}, an_hour=5, plan=plan).permitted("050 123 4567") == "+971501234567"


def test_a_trunk_without_countries_dials_nobody() -> None:
    for number in ("+971501234567", "+870776000000"):
        with pytest.raises(Refused):
            DialLimits(regions=(), an_hour=5, plan=plan).permitted(number)


def test_an_extension_is_dialled_as_it_stands_and_not_counted() -> None:
    limits = DialLimits(regions=(), an_hour=0, plan=plan, extensions=("200", "+442071234567"))
    for number in ("200", "+442071234567"):
        assert limits.permitted(number) == number
        limits.count(number, 0.0)
    for number in ("201", "200;transport=tcp", " 200", "+442071234568"):
        with pytest.raises(Refused):
            limits.permitted(number)


def test_an_hour_has_so_many_calls_and_the_next_as_many_again() -> None:
    limits = DialLimits(regions={"AE"}, an_hour=2, plan=plan)
    for now_s in (0.0, 60.0):
        limits.count("+971501234567", now_s)
    with pytest.raises(Refused) as refused:
        limits.count("+971501234567", 3_599.0)
    assert refused.value.code == "too_many_calls"
    limits.count("+971501234567", 3_600.0)
    with pytest.raises(Refused):
        limits.count("+971501234567", 3_601.0)


def test_workers_that_share_a_limit_have_a_part_each() -> None:
    for an_hour, shared_by, part in ((6, 2, 3), (7, 2, 3), (1, 4, 1), (0, 4, 0)):
        limits = DialLimits(regions={"AE"}, an_hour=an_hour, plan=plan)
        for _ in range(part):
            limits.count("+971501234567", 0.0, shared_by=shared_by)
        with pytest.raises(Refused):
            limits.count("+971501234567", 0.0, shared_by=shared_by)
