from __future__ import annotations

from datetime import date

import pytest

from domain.calendar.words import named_day, shown_date, spoken_day
from domain.tenant import AnnouncedMonth
from tests.domain.profiles import AR, EN


@pytest.mark.parametrize(
    ("day", "language", "shown"),
    [
        (date(2026, 3, 20), EN, "Friday, 20 March 2026 (1 Shawwal 1447 AH)"),
        (date(2026, 3, 20), AR, "الجمعة 20 مارس 2026 (1 شوال 1447 هـ)"),
        (date(2026, 5, 26), AR, "الثلاثاء 26 مايو 2026 (9 ذو الحجة 1447 هـ)"),
        (date(2026, 12, 2), EN, "Wednesday, 2 December 2026 (22 Jumada al-Akhirah 1448 AH)"),
        (date(1998, 1, 1), EN, "Thursday, 1 January 1998"),
    ],
)
def test_a_date_in_both_calendars(day, language, shown):
    assert shown_date(day, language) == shown


def test_an_announced_month_is_shown():
    later = (AnnouncedMonth(year=1447, month=10, starts=date(2026, 3, 21)),)
    assert shown_date(date(2026, 3, 20), EN, later) == "Friday, 20 March 2026 (30 Ramadan 1447 AH)"


MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("day", "english", "arabic"),
    [
        (MONDAY, "today", "اليوم"),
        (date(2026, 11, 24), "tomorrow", "غداً"),
        (date(2026, 11, 29), "on Sunday", "يوم الأحد"),
        (date(2026, 11, 30), "on Monday, 30 November", "يوم الاثنين 30 نوفمبر"),
    ],
)
def test_a_day_inside_a_sentence(day, english, arabic):
    assert (spoken_day(day, MONDAY, EN), spoken_day(day, MONDAY, AR)) == (english, arabic)


def test_a_day_by_its_name_alone():
    assert named_day(date(2027, 1, 1), None, EN) == "Friday"
