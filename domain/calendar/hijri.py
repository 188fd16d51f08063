"""The Hijri calendar of Umm al-Qura: a date both ways, with the first days that were announced otherwise.

The calendar is calculated ahead; what holds in a country is announced when the new moon has been sighted, and may be a
day earlier or later. So a date ahead is an expected one, and an announced first day of a month beats the table.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from domain.tenant import AnnouncedMonth

RAMADAN, SHAWWAL = 9, 10
MONTHS = 12
FIRST_YEAR = 1420
_FIRST_DAY = date(1999, 4, 17)
"""The first of Muharram 1420, with which today's rule of Umm al-Qura begins (moonset after sunset in Mecca)."""
_LONG_MONTHS = (
    "bd2bc4b89a9552d5adb6a6d4dc9d92aa69562ae56d36ab55aaa94d49d95d2ba5b55aad55a9a92e26e"
    "55dada6d46a554ba9754eaae5acba9d92b2564bcab55ab556d2ea5e4aa9552daad36c7596d269552d"
    "a5b4ba9ba3b4b69b52aa64b696d2ec6d9eb2d54d2aa564ae96dd6ab54b29a9352ba57536ab56aae93"
)
"""Three hexadecimal digits a year, 1420 to 1500; bit 0 is Muharram, and a set bit is a month of 30 days, else 29.

From the table of the package hijridate 2.6.0 (MIT, Mohammed Alshehri), made from the calendars as published and from
those of the King Abdulaziz City for Science and Technology. Up to 1450 (2029) it is the same, day for day, as ICU's
table; after that ICU's begins 211 months a day later, at moons already 24 to 42 hours old, so ours is nearer the rule.
"""
LAST_YEAR = FIRST_YEAR + len(_LONG_MONTHS) // 3 - 1
_SHORT, _LONG = 29, 30
MOST_DAYS_APART = 2
"""An announced first day further than this from the calculated one is a slip of the pen."""


@dataclass(frozen=True, slots=True, order=True)
class HijriDate:
    year: int
    month: int
    day: int


def hijri_of(day: date, announced: tuple[AnnouncedMonth, ...] = ()) -> HijriDate | None:
    """The Hijri date of a day; None outside the years of the table."""
    starts = _starts(announced)
    ordinal = day.toordinal()
    index = bisect_right(starts, ordinal) - 1
    if not 0 <= index < len(starts) - 1:
        return None
    year, month = divmod(index, MONTHS)
    return HijriDate(FIRST_YEAR + year, month + 1, ordinal - starts[index] + 1)


def gregorian_of(hijri: HijriDate, announced: tuple[AnnouncedMonth, ...] = ()) -> date | None:
    """The day of a Hijri date; None where there is none: the 30th of a short month, or a year outside the table."""
    starts = _starts(announced)
    index = _index(hijri.year, hijri.month)
    if not (0 <= index < len(starts) - 1 and 1 <= hijri.month <= MONTHS and hijri.day >= 1):
        return None
    ordinal = starts[index] + hijri.day - 1
    return date.fromordinal(ordinal) if ordinal < starts[index + 1] else None


def days_apart(month: AnnouncedMonth) -> int | None:
    """Days from the calculated first day of a month to the announced one; None outside the table."""
    calculated = gregorian_of(HijriDate(month.year, month.month, 1))
    return None if calculated is None else (month.starts - calculated).days


def next_month(year: int, month: int) -> tuple[int, int]:
    return (year, month + 1) if month < MONTHS else (year + 1, 1)


def _index(year: int, month: int) -> int:
    return (year - FIRST_YEAR) * MONTHS + month - 1


def _calculated() -> Iterator[int]:
    """The first day of every month in the table, and of the one after it."""
    start = _FIRST_DAY.toordinal()
    for year in range(LAST_YEAR - FIRST_YEAR + 1):
        long_months = int(_LONG_MONTHS[3 * year : 3 * year + 3], 16)
        for month in range(MONTHS):
            yield start
            start += _LONG if long_months >> month & 1 else _SHORT
    yield start


@lru_cache(maxsize=64)
def _starts(announced: tuple[AnnouncedMonth, ...]) -> tuple[int, ...]:
    """The first day of every month, as an ordinal: as announced, else as calculated.

    The months beside an announced one give way, so that each still has 29 or 30 days.
    """
    starts = list(_calculated())
    fixed = {_index(month.year, month.month): month.starts.toordinal() for month in announced}
    for index, ordinal in fixed.items():
        starts[index] = ordinal
    for index in fixed:
        for before in range(index - 1, -1, -1):
            given_way = min(max(starts[before], starts[before + 1] - _LONG), starts[before + 1] - _SHORT)
            if before in fixed or given_way == starts[before]:
                break
            starts[before] = given_way
    for index in fixed:
        for after in range(index + 1, len(starts)):
            given_way = min(max(starts[after], starts[after - 1] + _SHORT), starts[after - 1] + _LONG)
            if after in fixed or given_way == starts[after]:
                break
            starts[after] = given_way
    return tuple(starts)
