"""When somebody may be called, when the next try is due, and whom not to call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.desk.calling import (
    RETRY_AFTER_S,
    NeverCalled,
    Try,
    Wish,
    calling_windows,
    may_call,
    next_try,
    normal_number,
)
from domain.hours import open_at
from domain.tenant import CallingHours, Holiday, OpenHours
from tests.domain.profiles import AR, EN, SHOP

NUMBER = "+971501234567"


def dubai(day: int, hour: int, minute: int = 0) -> datetime:
    """November 2026 in Dubai (UTC+4), given in UTC: the 23rd is a Monday, the shop is closed on Sundays."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=4)


def spans(windows) -> list[str]:
    return [f"{w.opens:%a %H:%M}-{w.closes:%H:%M}" for w in windows]


def test_windows_are_open_and_within_the_calling_hours():
    assert spans(calling_windows(SHOP, dubai(26, 0), dubai(30, 23))) == [
        "Thu 09:00-20:00",
        "Fri 14:00-20:00",
        "Sat 10:00-13:00",
        "Sat 16:30-20:00",
        "Mon 09:00-20:00",
    ]


def test_a_window_is_cut_to_what_was_asked_for():
    assert spans(calling_windows(SHOP, dubai(23, 19), dubai(24, 9, 30))) == ["Mon 19:00-20:00", "Tue 09:00-09:30"]
    assert calling_windows(SHOP, dubai(23, 20), dubai(24, 9)) == []


def test_calling_hours_are_the_tenants_own():
    late = replace(SHOP, calling_hours=CallingHours(earliest="18:00", latest="24:00"))
    assert spans(calling_windows(late, dubai(23, 0), dubai(24, 0))) == ["Mon 18:00-21:00"]


def test_in_ramadan_its_own_hours_count_and_nobody_is_called_at_night():
    days = replace(SHOP, ramadan_hours=tuple(OpenHours(weekday=day, opens="10:00", closes="15:00") for day in range(7)))
    nights = replace(
        SHOP, ramadan_hours=tuple(OpenHours(weekday=day, opens="20:00", closes="23:00") for day in range(7))
    )
    at = datetime(2027, 2, 20, 13, tzinfo=UTC)
    morning, after_it = (next_try(each, now=at, number=NUMBER, forbidden=False, wish=None) for each in (days, nights))
    assert isinstance(morning, Try)
    assert f"{morning.at:%d %b %H:%M}" == "21 Feb 10:00"
    assert isinstance(after_it, Try)
    assert f"{after_it.at:%d %b %H:%M}" == "09 Mar 09:00", "the day after the month"


def test_nobody_is_called_on_a_holiday():
    away = replace(SHOP, holidays=(Holiday(name={EN: "Away", AR: "عطلة"}, month=11, day=23),))
    assert calling_windows(away, dubai(23, 0), dubai(24, 0)) == []


def test_without_opening_hours_the_working_days_count():
    bare = replace(SHOP, hours=(), holidays=(Holiday(name={EN: "Away", AR: "عطلة"}, month=11, day=26),))
    assert spans(calling_windows(bare, dubai(26, 0), dubai(30, 10))) == ["Fri 09:00-20:00", "Mon 09:00-10:00"]


# ---------------------------------------------------------------- tries


def due(now: datetime, profile=SHOP, **given) -> str:
    found = next_try(profile, now=now, **{"number": NUMBER, **given})
    if isinstance(found, NeverCalled):
        return found.value
    return f"{found.at:%a %H:%M}" + ("" if found.as_wished else ", not as wished")


@pytest.mark.parametrize(
    ("now", "tries", "last", "expected"),
    [
        pytest.param(dubai(23, 10), 0, None, "Mon 10:00", id="at once"),
        pytest.param(dubai(23, 8), 0, None, "Mon 09:00", id="when it opens"),
        pytest.param(dubai(23, 20), 0, None, "Tue 09:00", id="the calling hours are over, the shop is open"),
        pytest.param(dubai(28, 14), 0, None, "Sat 16:30", id="after the lunch break"),
        pytest.param(dubai(28, 23), 0, None, "Mon 09:00", id="over the closed day"),
        pytest.param(dubai(23, 10), 1, dubai(23, 10), "Mon 10:05", id="the second after five minutes"),
        pytest.param(dubai(23, 10, 20), 1, dubai(23, 10), "Mon 10:20", id="overdue is now"),
        pytest.param(dubai(23, 10), 2, dubai(23, 10), "Mon 10:30", id="the third after half an hour"),
        pytest.param(dubai(23, 19, 58), 1, dubai(23, 19, 58), "Tue 09:00", id="not after the calling hours"),
        pytest.param(dubai(23, 12), 3, dubai(23, 12), "Tue 09:00", id="the fourth in the next window"),
        pytest.param(dubai(28, 11), 3, dubai(28, 11), "Sat 16:30", id="which may be today's"),
        pytest.param(dubai(25, 12), 3, dubai(23, 12), "Wed 12:00", id="a window that is missed is not waited for"),
        pytest.param(dubai(23, 12), 4, dubai(23, 12), "tries_used", id="then never"),
    ],
)
def test_when_the_next_try_is_due(now, tries, last, expected):
    assert due(now, tries=tries, last_try_at=last) == expected


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        pytest.param(dubai(23, 17), None, "Mon 17:00", id="after five"),
        pytest.param(dubai(23, 17), dubai(23, 19), "Mon 17:00", id="between five and seven"),
        pytest.param(dubai(23, 9), dubai(23, 12), "Mon 10:00", id="it has begun already"),
        pytest.param(dubai(23, 20, 30), dubai(23, 22), "Tue 09:00, not as wished", id="too late in the evening"),
        pytest.param(dubai(29, 12), dubai(29, 14), "Mon 09:00, not as wished", id="on the closed day"),
        pytest.param(dubai(23, 7), dubai(23, 9), "Mon 10:00, not as wished", id="over already"),
        pytest.param(dubai(23, 20), None, "Tue 09:00", id="after eight has no end"),
    ],
)
def test_a_wish(begins, ends, expected):
    assert due(dubai(23, 10), wish=Wish(begins=begins, ends=ends)) == expected


def test_a_wish_is_for_the_first_try():
    wish = Wish(begins=dubai(23, 17), ends=dubai(23, 19))
    assert due(dubai(23, 17, 1), tries=1, last_try_at=dubai(23, 17), wish=wish) == "Mon 17:05"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"number": None}, "no_number"),
        ({"forbidden": True}, "do_not_call"),
        ({"forbidden": True, "tries": 9}, "do_not_call"),
        ({"profile": replace(SHOP, calling_hours=CallingHours(earliest="03:00", latest="04:00"))}, "no_window"),
    ],
)
def test_why_never(given, reason):
    assert due(dubai(23, 10), **given) == reason


def test_the_time_is_the_tenants():
    found = next_try(SHOP, now=dubai(23, 10), number=NUMBER)
    assert isinstance(found, Try)
    assert found.at.utcoffset() == timedelta(hours=4)
    assert found.window_ends - found.at == timedelta(hours=10)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.integers(0, len(RETRY_AFTER_S)),
    st.integers(0, 100_000),
)
def test_nobody_is_ever_called_when_it_is_closed_or_too_early_or_late(now, tries, since_s):
    last = now - timedelta(seconds=since_s) if tries else None
    found = next_try(SHOP, now=now, number=NUMBER, tries=tries, last_try_at=last)
    assert isinstance(found, Try)
    assert found.at >= now
    assert open_at(SHOP, found.at) is not None
    assert 9 <= found.at.hour < 20
    assert found.at < found.window_ends


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    "text",
    [
        "+971 50 123 4567",
        "00971501234567",
        "971501234567",
        "050-123-4567",
        "50 123 4567",
        "+971 (0)50 1234567",
        "٠٥٠١٢٣٤٥٦٧",
        "tel:+971501234567",
    ],
)
def test_one_number_has_one_form(text):
    assert normal_number(text) == NUMBER


def test_numbers_of_other_countries():
    assert normal_number("+20 100 123 4567") == "+201001234567"
    assert normal_number("0501234567", country="966") == "+966501234567"
    assert normal_number("04 555 0142") == "+97145550142"


@pytest.mark.parametrize("text", ["", "hello", "12", "+", "+0501234567", "0000", "+9715012345678901", "050x1234567"])
def test_what_is_no_number(text):
    assert normal_number(text) is None
    assert not may_call(text, [])


def test_the_list_is_compared_by_the_normal_form():
    assert not may_call("050 123 4567", ["00971 50 123 4567"])
    assert may_call("050 123 4568", ["+971501234567", "nonsense"])
