"""The Hijri calendar against known days, and as a calendar: every day has one date, months have 29 or 30 days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar.hijri import FIRST_YEAR, LAST_YEAR, HijriDate, days_apart, gregorian_of, hijri_of
from domain.tenant import AnnouncedMonth


@pytest.mark.parametrize(
    ("hijri", "gregorian"),
    [
        (HijriDate(1420, 1, 1), date(1999, 4, 17)),
        (HijriDate(1440, 1, 1), date(2018, 9, 11)),
        (HijriDate(1442, 9, 1), date(2021, 4, 13)),
        (HijriDate(1445, 10, 1), date(2024, 4, 10)),
        (HijriDate(1446, 12, 10), date(2025, 6, 6)),
        (HijriDate(1447, 9, 1), date(2026, 2, 18)),
        (HijriDate(1447, 9, 30), date(2026, 3, 19)),
        (HijriDate(1447, 10, 1), date(2026, 3, 20)),
        (HijriDate(1448, 1, 1), date(2026, 6, 16)),
        (HijriDate(1448, 9, 1), date(2027, 2, 8)),
        (HijriDate(1500, 12, 30), date(2077, 11, 16)),
    ],
)
def test_known_days(hijri: HijriDate, gregorian: date):
    assert gregorian_of(hijri) == gregorian
    assert hijri_of(gregorian) == hijri


@pytest.mark.parametrize("day", [date(1999, 4, 16), date(2077, 11, 17), date.min, date.max])
def test_outside_the_table(day: date):
    assert hijri_of(day) is None


@pytest.mark.parametrize(
    "hijri",
    [
        pytest.param(HijriDate(1448, 9, 30), id="the 30th of a short month"),
        pytest.param(HijriDate(1448, 9, 31), id="no month has 31 days"),
        pytest.param(HijriDate(1448, 13, 1), id="no 13th month"),
        pytest.param(HijriDate(1448, 0, 1), id="no month 0"),
        pytest.param(HijriDate(1448, 1, 0), id="no day 0"),
        pytest.param(HijriDate(FIRST_YEAR - 1, 12, 1), id="before the table"),
        pytest.param(HijriDate(LAST_YEAR + 1, 1, 1), id="after the table"),
    ],
)
def test_what_is_no_date(hijri: HijriDate):
    assert gregorian_of(hijri) is None


@given(st.dates(date(1999, 4, 17), date(2077, 11, 15)))
def test_every_day_has_one_date_and_comes_back(day: date):
    hijri, following = hijri_of(day), hijri_of(day + timedelta(days=1))
    assert hijri is not None
    assert following is not None
    assert gregorian_of(hijri) == day
    assert hijri < following
    assert following.day in (hijri.day + 1, 1)
    assert hijri.day <= 30


def announced(year: int, month: int, starts: date) -> tuple[AnnouncedMonth, ...]:
    return (AnnouncedMonth(year=year, month=month, starts=starts),)


def test_a_month_that_was_announced_a_day_later():
    later = announced(1447, 9, date(2026, 2, 19))
    assert hijri_of(date(2026, 2, 18), later) == HijriDate(1447, 8, 30)
    assert hijri_of(date(2026, 2, 19), later) == HijriDate(1447, 9, 1)
    assert hijri_of(date(2026, 3, 20), later) == HijriDate(1447, 10, 1)
    assert hijri_of(date(2026, 2, 18)) == HijriDate(1447, 9, 1)


def test_the_months_beside_an_announced_one_give_way():
    earlier = announced(1447, 9, date(2026, 2, 17))
    day, end = date(2025, 6, 26), date(2027, 6, 6)
    while day < end:
        hijri = hijri_of(day, earlier)
        assert hijri is not None
        assert hijri.day <= 30
        assert gregorian_of(hijri, earlier) == day
        day += timedelta(days=1)


def test_how_far_an_announcement_is_from_the_calculation():
    assert [days_apart(month) for month in announced(1447, 9, date(2026, 2, 20))] == [2]
    assert [days_apart(month) for month in announced(1600, 9, date(2026, 2, 20))] == [None]
