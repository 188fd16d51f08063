"""Holidays of both calendars, Ramadan, announced months: what is open, and how it is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.answering.holidays import day_named
from domain.calendar.days import is_weekend, plan_of
from domain.hours import next_opening, open_at, openings_between, openings_on, say_day, say_now, usual_week
from domain.tenant import AnnouncedMonth, Holiday, OpenHours, Stretch
from tests.domain.profiles import AR, EN, SHOP

FITR = {EN: "Eid al-Fitr", AR: "عيد الفطر"}
NATIONAL = {EN: "National Day", AR: "عيد الاتحاد"}
YEAR = replace(
    SHOP,
    hours=tuple(OpenHours(weekday=day, opens="09:00", closes="21:00") for day in range(7)),
    holidays=(
        Holiday(name={EN: "a stocktaking", AR: "جرد"}, year=2026, month=12, day=2),
        Holiday(name=NATIONAL, month=12, day=2, days=2, hours=(Stretch(opens="12:00", closes="18:00"),)),
        Holiday(name=FITR, month=10, day=1, hijri=True, days=3),
        Holiday(name={EN: "the last of Ramadan", AR: "آخر رمضان"}, month=9, day=30, hijri=True),
    ),
    ramadan_hours=tuple(OpenHours(weekday=day, opens="20:00", closes="01:00") for day in range(7)),
)
LATE_EID = (AnnouncedMonth(year=1448, month=10, starts=date(2027, 3, 10)),)


def dubai(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=4)


def hours_of(day: date, profile=YEAR) -> str:
    return ", ".join(f"{o.opens:%H:%M}-{o.closes:%H:%M}" for o in openings_on(profile, day)) or "closed"


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param(date(2026, 12, 1), "09:00-21:00", id="the usual week"),
        pytest.param(date(2026, 12, 2), "closed", id="the first listed of two holidays"),
        pytest.param(date(2026, 12, 3), "12:00-18:00", id="the second day of one"),
        pytest.param(date(2027, 12, 2), "12:00-18:00", id="every year"),
        pytest.param(date(2027, 2, 7), "09:00-21:00", id="before Ramadan"),
        pytest.param(date(2027, 2, 8), "20:00-01:00", id="its first day"),
        pytest.param(date(2027, 3, 8), "20:00-01:00", id="its 29th and last"),
        pytest.param(date(2026, 3, 19), "closed", id="a 30th that is a holiday"),
        pytest.param(date(2027, 3, 9), "closed", id="Eid"),
        pytest.param(date(2027, 3, 11), "closed", id="its third day"),
        pytest.param(date(2027, 3, 12), "09:00-21:00", id="after Eid"),
    ],
)
def test_what_applies_on_a_day(day, hours):
    assert hours_of(day) == hours


def test_eid_moves_with_the_moon():
    moved = replace(YEAR, announced_months=LATE_EID)
    days = [date(2027, 3, 8) + timedelta(days=ahead) for ahead in range(6)]
    open_days = ["20:00-01:00", "closed", "closed", "closed", "closed", "09:00-21:00"]
    assert [hours_of(day, moved) for day in days] == open_days
    assert plan_of(moved, date(2027, 3, 9)).holiday == {EN: "the last of Ramadan", AR: "آخر رمضان"}
    assert plan_of(YEAR, date(2027, 3, 9)).expected
    assert not plan_of(moved, date(2027, 3, 10)).expected


def test_the_weekend_is_data():
    friday = date(2026, 11, 27)
    assert not is_weekend(YEAR, friday)
    assert is_weekend(replace(YEAR, weekend=(4, 5)), friday)


def test_the_night_of_ramadan_reaches_into_the_next_day():
    assert open_at(YEAR, dubai(date(2027, 2, 9), 0, 59)) is not None
    assert open_at(YEAR, dubai(date(2027, 2, 9), 1)) is None
    assert open_at(YEAR, dubai(date(2027, 2, 8), 0, 30)) is None


def test_the_next_opening_is_after_the_holidays():
    coming = next_opening(YEAR, dubai(date(2027, 3, 9), 2))
    assert coming is not None
    assert (coming.opens.date(), coming.opens.hour) == (date(2027, 3, 12), 9)


def test_a_month_of_holidays_is_looked_past():
    away = replace(YEAR, holidays=(Holiday(name=FITR, month=7, day=1, days=30),))
    coming = next_opening(away, dubai(date(2026, 7, 1), 0))
    assert coming is not None
    assert coming.opens.date() == date(2026, 7, 31)


# ---------------------------------------------------------------- windows


def test_openings_are_cut_to_the_window_and_joined():
    nights = replace(
        SHOP,
        hours=(
            OpenHours(weekday=0, opens="20:00", closes="24:00"),
            OpenHours(weekday=1, opens="00:00", closes="02:00"),
            OpenHours(weekday=1, opens="09:00", closes="12:00"),
            OpenHours(weekday=1, opens="11:00", closes="13:00"),
        ),
    )
    monday = date(2026, 11, 23)
    found = openings_between(nights, dubai(monday, 21), dubai(monday, 21) + timedelta(hours=15))
    spans = [f"{o.opens:%a %H:%M}-{o.closes:%a %H:%M}" for o in found]
    assert spans == ["Mon 21:00-Tue 02:00", "Tue 09:00-Tue 12:00"]
    assert found[0].opens.tzinfo == ZoneInfo("Asia/Dubai")


def test_a_window_that_is_empty_or_shut():
    day = date(2026, 12, 2)
    assert openings_between(YEAR, dubai(day, 9), dubai(day, 9)) == []
    assert openings_between(YEAR, dubai(day, 18), dubai(day, 9)) == []
    assert openings_between(YEAR, dubai(day, 0), dubai(day, 23)) == []


def test_a_window_over_a_change_of_the_clock():
    cairo = replace(SHOP, time_zone="Africa/Cairo", hours=(OpenHours(weekday=4, opens="00:00", closes="09:00"),))
    # On Friday 24 April 2026 Egypt goes from 00:00 straight to 01:00.
    begin = datetime(2026, 4, 23, 21, 0, tzinfo=UTC)
    (found,) = openings_between(cairo, begin, begin + timedelta(days=1))
    assert found.closes.astimezone(UTC) == datetime(2026, 4, 24, 6, 0, tzinfo=UTC)


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("at", "language", "words"),
    [
        (
            dubai(date(2027, 3, 9), 10),
            EN,
            "Today is Eid al-Fitr. We are closed right now and open on Friday at 9 AM.",
        ),
        (
            dubai(date(2027, 3, 9), 10),
            AR,
            "اليوم عيد الفطر. نحن مغلقون الآن ونفتح يوم الجمعة الساعة التاسعة صباحًا.",
        ),
        (dubai(date(2027, 12, 2), 13), EN, "Today is National Day. We are open now, until 6 PM."),
        (dubai(date(2027, 12, 2), 13), AR, "اليوم عيد الاتحاد. نحن فاتحون الآن حتى السادسة مساءً."),
    ],
)
def test_a_holiday_is_named_today(at, language, words):
    assert say_now(YEAR, at, language) == words


@pytest.mark.parametrize(
    ("day", "today", "language", "words"),
    [
        (
            date(2027, 3, 9),
            date(2027, 3, 1),
            EN,
            "On Tuesday, 9 March, Eid al-Fitr, we are closed. That is the expected date; it may change by a day.",
        ),
        (date(2027, 3, 9), date(2027, 3, 9), EN, "On Tuesday, Eid al-Fitr, we are closed."),
        (
            date(2027, 12, 2),
            date(2027, 12, 1),
            AR,
            "يوم الخميس، عيد الاتحاد، نفتح من الثانية عشرة ظهرًا إلى السادسة مساءً.",
        ),
        (
            date(2027, 3, 10),
            date(2027, 3, 8),
            AR,
            "يوم الأربعاء، عيد الفطر، نحن مغلقون. هذا هو الموعد المتوقع، وقد يتغير يوماً.",
        ),
        (date(2027, 2, 8), date(2027, 2, 8), EN, "On Monday, in Ramadan, we are open from 8 PM to 1 AM."),
        (
            date(2027, 2, 8),
            date(2027, 2, 8),
            AR,
            "يوم الاثنين في رمضان نفتح من الثامنة مساءً إلى الواحدة صباحًا.",
        ),
    ],
)
def test_why_a_day_has_other_hours(day, today, language, words):
    assert say_day(YEAR, day, language, today) == words


def test_the_usual_week_is_not_told_in_ramadan():
    assert usual_week(YEAR, date(2027, 2, 7))
    assert not usual_week(YEAR, date(2027, 2, 8))
    assert usual_week(replace(YEAR, ramadan_hours=()), date(2027, 2, 8))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Are you open on National Day?", date(2027, 12, 2)),
        ("تفتحون بعيد الاتحاد؟", date(2027, 12, 2)),
        ("are you open over Eid?", date(2027, 3, 9)),
        ("هل تعملون في العيد", date(2027, 3, 9)),
        ("دوامكم في عيد الفطر؟", date(2027, 3, 9)),
        ("When do you open?", None),
        ("متى تفتحون", None),
    ],
)
def test_a_holiday_by_its_name(text, day):
    assert day_named(text, YEAR, date(2027, 1, 5)) == day


def test_a_holiday_that_is_today_is_today():
    assert day_named("open at Eid?", YEAR, date(2027, 3, 10)) == date(2027, 3, 10)
