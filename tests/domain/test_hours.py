from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.hours import next_opening, open_at, parse_hour, say_day, say_now
from tests.domain.profiles import AR, EN, SHOP


def dubai(day: int, hour: int, minute: int = 0) -> datetime:
    """November 2026 in Dubai (UTC+4), given in UTC: the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=4)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (dubai(23, 8, 59), False),
        (dubai(23, 9), True),
        (dubai(23, 20, 59), True),
        (dubai(23, 21), False),
        (dubai(27, 23), True),
        (dubai(28, 1, 59), True),
        (dubai(28, 2), False),
        (dubai(28, 14), False),
        (dubai(28, 23, 59), True),
        (dubai(29, 0), False),
        (dubai(29, 12), False),
    ],
)
def test_open_or_not(at, is_open):
    assert (open_at(SHOP, at) is not None) is is_open


def test_the_next_opening_skips_the_closed_day():
    coming = next_opening(SHOP, dubai(29, 12))
    assert coming is not None
    assert (coming.opens.weekday(), coming.opens.hour) == (0, 9)


def test_the_next_opening_of_the_same_weekday_is_next_week():
    once_a_week = replace(SHOP, hours=SHOP.hours[:1])
    coming = next_opening(once_a_week, dubai(23, 10))
    assert coming is not None
    assert coming.opens.date() == date(2026, 11, 30)


def test_a_tenant_without_hours():
    closed = replace(SHOP, hours=())
    assert open_at(closed, dubai(23, 10)) is None
    assert next_opening(closed, dubai(23, 10)) is None
    assert say_now(closed, dubai(23, 10), EN) is None


@pytest.mark.parametrize(
    ("at", "language", "words"),
    [
        (dubai(23, 10), EN, "We are open now, until 9 PM."),
        (dubai(23, 10), AR, "نحن فاتحون الآن حتى التاسعة مساءً."),
        (dubai(23, 8), EN, "We are closed right now and open today at 9 AM."),
        (dubai(23, 22), EN, "We are closed right now and open tomorrow at 9 AM."),
        (dubai(29, 1), EN, "We are closed right now and open tomorrow at 9 AM."),
        (dubai(28, 14), AR, "نحن مغلقون الآن ونفتح اليوم الساعة الرابعة والنصف عصرًا."),
        (dubai(28, 3), EN, "We are closed right now and open today at 10 AM."),
    ],
)
def test_words_for_now(at, language, words):
    assert say_now(SHOP, at, language) == words


def test_a_far_opening_is_named_by_its_day():
    weekly = replace(SHOP, hours=SHOP.hours[:1])
    assert say_now(weekly, dubai(25, 10), EN) == "We are closed right now and open on Monday at 9 AM."
    assert say_now(weekly, dubai(25, 10), AR) == "نحن مغلقون الآن ونفتح يوم الاثنين الساعة التاسعة صباحًا."


def test_words_for_a_day():
    assert say_day(SHOP, date(2026, 11, 27), EN) == "On Friday we are open from 2 PM to 2 AM."
    saturday = "On Saturday we are open from 10 AM to 1 PM and from 4:30 PM to 12 AM."
    assert say_day(SHOP, date(2026, 11, 28), EN) == saturday
    assert say_day(SHOP, date(2026, 11, 29), EN) == "On Sunday we are closed."
    assert say_day(SHOP, date(2026, 11, 29), AR) == "يوم الأحد نحن مغلقون."


@pytest.mark.parametrize("text", ["", "9:00", "09.00", "24:01", "25:00", "12:60", "ab:cd", "-1:00", "٠٩:٠٠x"])
def test_what_is_no_hour(text):
    with pytest.raises(ValueError):
        parse_hour(text)


def test_midnight_is_the_end_of_the_day():
    assert parse_hour("24:00") == (24, 0)
