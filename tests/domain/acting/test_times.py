"""When a call back or a visit is meant, drawn: words said on a Monday at noon in Dubai, and the moment they come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain.acting.errands.callback import time_meant
from domain.acting.visits import BookedCount, Window, first_free, windows_on
from domain.tenant import Holiday, VisitHours
from tests.domain.profiles import AR, EN, SHOP

NOON = datetime(2026, 11, 23, 8, tzinfo=UTC)
PHONE = "+971501234567"
VISITS = (VisitHours(opens="09:00", closes="12:00"), VisitHours(opens="13:00", closes="17:00", at_once=2))
HOLIDAY = Holiday(name={EN: "National Day", AR: "اليوم الوطني"}, month=11, day=24)
PROFILE = replace(SHOP, visits=VISITS, holidays=(HOLIDAY,))


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("call me back", "23 12:00"),
        ("call me at 5", "23 17:00"),
        ("call me at five", "23 17:00"),
        ("call me back at 5 pm", "23 17:00"),
        # Too early today for the bare hour, which comes again in the afternoon; with "am" it is tomorrow's.
        ("call me at 1", "23 13:00"),
        ("call me at 10", "25 10:00"),
        ("call me at 10 in the morning on Wednesday", "25 10:00"),
        ("call me in half an hour", "23 12:30"),
        ("call me in two hours", "23 14:00"),
        # Nobody is called in the night, nor before the shop opens, nor on its holiday.
        ("call me at 8 am tomorrow", "25 09:00"),
        ("call me tomorrow", "25 09:00"),
        ("call me on Friday at 10 am", "27 14:00"),
        ("اتصلوا بي الساعة 5", "23 17:00"),
        ("اتصلوا بي الأربعاء الساعة 10 الصبح", "25 10:00"),
        ("كلموني بعد ساعة", "23 13:00"),
        # A telephone number is neither a day nor a time.
        ("call me back\n050 123 4567", "23 12:00"),
    ],
)
def test_a_call_back_has_the_first_time_at_which_people_may_be_called(said: str, at: str) -> None:
    found = time_meant(said, PHONE, replace(PROFILE, holidays=(HOLIDAY,)), NOON)
    assert found is not None
    assert found.strftime("%d %H:%M") == at


def test_who_may_never_be_called_is_promised_nothing() -> None:
    assert time_meant("call me", PHONE, replace(PROFILE, hours=SHOP.hours[:0], weekend=tuple(range(7))), NOON) is None


def test_windows_are_those_of_open_days_that_have_not_begun() -> None:
    monday, holiday, wednesday, sunday = (date(2026, 11, day) for day in (23, 24, 25, 29))
    assert [window.opens for window in windows_on(PROFILE, monday, NOON)] == ["13:00"]
    assert windows_on(PROFILE, holiday, NOON) == []
    assert [window.opens for window in windows_on(PROFILE, wednesday, NOON)] == ["09:00", "13:00"]
    assert windows_on(PROFILE, sunday, NOON) == []
    for far in (date(2026, 11, 22), date(2027, 11, 23)):
        assert windows_on(PROFILE, far, NOON) == []


def test_the_next_free_window_is_the_first_with_somebody_in_it() -> None:
    afternoon = Window(day=date(2026, 11, 23), opens="13:00", closes="17:00")
    morning = Window(day=date(2026, 11, 25), opens="09:00", closes="12:00")
    assert first_free(PROFILE, afternoon, BookedCount({afternoon: 1}), NOON) == afternoon
    assert first_free(PROFILE, afternoon, BookedCount({afternoon: 2}), NOON) == morning
    assert first_free(replace(PROFILE, visits=()), afternoon, BookedCount({}), NOON) is None
