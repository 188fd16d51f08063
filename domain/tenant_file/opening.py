"""When a tenant is open: its week, weekend, holidays, Ramadan, announced months and calling hours."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.calendar.hijri import (
    FIRST_YEAR,
    LAST_YEAR,
    MONTHS,
    MOST_DAYS_APART,
    RAMADAN,
    SHAWWAL,
    HijriDate,
    days_apart,
    gregorian_of,
    hijri_of,
    next_month,
)
from domain.tenant import AnnouncedMonth, CallingHours, Holiday, OpenHours, Stretch, TenantProfile, VisitHours
from domain.tenant_file.tables import Table, TenantTables

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKEND, _WORKDAYS = "weekend", "workdays"
LONGEST_HOLIDAY_DAYS = 30
_DAY = re.compile(r"^(?:(?P<year>\d{4})-)?(?P<month>\d{2})-(?P<day>\d{2})$")
_MONTH = re.compile(r"^(?P<year>\d{4})-(?P<month>\d{2})$")
_LEAP_YEAR = 2028
"""In which a date of every year is looked up, so that the 29th of February is one."""
_MONTH_DAYS = (29, 30)
_MOST_VISITORS = 1_000


def time_zone(file: TenantTables, root: Table) -> str:
    name = file.text(root, "time_zone", "")
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise file.wrong("time_zone", f"{name!r} is not a time zone like Asia/Dubai") from error
    return name


def weekend(file: TenantTables, root: Table) -> tuple[int, ...]:
    calendar = file.table(root.get("calendar", {}), "calendar")
    file.only(calendar, frozenset({"weekend", "announced"}), "calendar")
    if "weekend" not in calendar:
        return _profile_default("weekend")
    if calendar["weekend"] == []:
        return ()
    return tuple(_weekdays(file, calendar["weekend"], "calendar.weekend"))


def _profile_default(name: str) -> Any:
    return TenantProfile.__dataclass_fields__[name].default


def week(file: TenantTables, value: Any, place: str, off: tuple[int, ...]) -> tuple[OpenHours, ...]:
    """The rows of a week's hours; `off` is what "weekend" means in them."""
    hours: list[OpenHours] = []
    for index, row in enumerate(file.tables(value, place), start=1):
        where = f"{place}[{index}]"
        file.only(row, frozenset({"days", "opens", "closes"}), where)
        stretch = _stretch(file, row, where)
        days = _weekdays(file, row.get("days"), f"{where}.days", off)
        hours += [OpenHours(weekday=day, opens=stretch.opens, closes=stretch.closes) for day in days]
    return tuple(hours)


def _weekdays(file: TenantTables, value: Any, place: str, off: tuple[int, ...] | None = None) -> list[int]:
    days: list[int] = []
    for day in file.texts(value, place):
        if day in WEEKDAYS:
            days.append(WEEKDAYS.index(day))
        elif off is not None and day in (_WEEKEND, _WORKDAYS):
            days += [weekday for weekday in range(len(WEEKDAYS)) if (weekday in off) is (day == _WEEKEND)]
        else:
            raise file.wrong(place, f"{day!r} is not a weekday")
    if len(set(days)) < len(days):
        raise file.wrong(place, "a day is there twice")
    return days


def _stretch(file: TenantTables, row: Table, place: str) -> Stretch:
    stretch = Stretch(opens=file.hour(row, "opens", place), closes=file.hour(row, "closes", place))
    if stretch.opens == stretch.closes:
        raise file.wrong(place, "it closes when it opens")
    return stretch


# ---------------------------------------------------------------- holidays


def holidays(file: TenantTables, root: Table) -> tuple[Holiday, ...]:
    return tuple(
        _holiday(file, row, f"holidays[{index}]")
        for index, row in enumerate(file.tables(root.get("holidays", []), "holidays"), start=1)
    )


def _holiday(file: TenantTables, row: Table, place: str) -> Holiday:
    file.only(row, frozenset({"name", "date", "hijri", "days", "hours"}), place)
    if ("date" in row) is ("hijri" in row):
        raise file.wrong(place, "either a date or a hijri date is needed")
    year, month, day = _date_in_file(file, row, place)
    rows = file.tables(row.get("hours", []), f"{place}.hours")
    for index, hours in enumerate(rows, start=1):
        file.only(hours, frozenset({"opens", "closes"}), f"{place}.hours[{index}]")
    return Holiday(
        name=file.words(row.get("name"), f"{place}.name"),
        month=month,
        day=day,
        hijri="hijri" in row,
        year=year,
        days=file.whole(row, "days", place, 1, LONGEST_HOLIDAY_DAYS, default=1),
        hours=tuple(_stretch(file, hours, f"{place}.hours[{index}]") for index, hours in enumerate(rows, start=1)),
    )


def _date_in_file(file: TenantTables, row: Table, place: str) -> tuple[int | None, int, int]:
    """Year, month and day, of either calendar; no year means every year."""
    key = "hijri" if "hijri" in row else "date"
    value = row[key]
    if isinstance(value, date) and not isinstance(value, datetime):
        value = value.isoformat()
    found = _DAY.match(value) if isinstance(value, str) else None
    if found is None:
        raise file.wrong(f"{place}.{key}", "a day like 2026-12-02, or 12-02 for every year, is expected")
    year, month, day = (int(part) if part is not None else None for part in found.group("year", "month", "day"))
    assert month is not None
    assert day is not None
    if not (_is_hijri(year, month, day) if key == "hijri" else _is_gregorian(year, month, day)):
        raise file.wrong(f"{place}.{key}", f"{value!r} is no day of the calendar")
    return year, month, day


def _is_gregorian(year: int | None, month: int, day: int) -> bool:
    try:
        date(_LEAP_YEAR if year is None else year, month, day)
    except ValueError:
        return False
    return True


def _is_hijri(year: int | None, month: int, day: int) -> bool:
    if year is not None:
        return gregorian_of(HijriDate(year, month, day)) is not None
    return 1 <= month <= MONTHS and 1 <= day <= max(_MONTH_DAYS)


# ---------------------------------------------------------------- Ramadan and the moon


def ramadan_hours(file: TenantTables, root: Table, off: tuple[int, ...]) -> tuple[OpenHours, ...]:
    ramadan = file.table(root.get("ramadan", {}), "ramadan")
    file.only(ramadan, frozenset({"hours", "announced"}), "ramadan")
    return week(file, ramadan.get("hours", []), "ramadan.hours", off)


def announced_months(file: TenantTables, root: Table) -> tuple[AnnouncedMonth, ...]:
    """From [[calendar.announced]] any month, from [[ramadan.announced]] Ramadan's first and last day."""
    months: dict[tuple[int, int], AnnouncedMonth] = {}
    for place, month in [*_announced(file, root), *_announced_ramadans(file, root)]:
        apart = days_apart(month)
        if apart is None:
            raise file.wrong(place, f"only months of the years {FIRST_YEAR} to {LAST_YEAR} are known")
        if abs(apart) > MOST_DAYS_APART:
            raise file.wrong(place, f"{month.starts} is {abs(apart)} days from where the calendar has the month")
        if months.setdefault((month.year, month.month), month) != month:
            raise file.wrong(place, "the month is announced twice, on different days")
    for (year, number), month in months.items():
        following = months.get(next_month(year, number))
        if following is not None and (following.starts - month.starts).days not in _MONTH_DAYS:
            raise file.wrong("calendar", f"as announced, the month {year}-{number:02d} has neither 29 nor 30 days")
    return tuple(month for _, month in sorted(months.items()))


def _announced(file: TenantTables, root: Table) -> list[tuple[str, AnnouncedMonth]]:
    found: list[tuple[str, AnnouncedMonth]] = []
    rows = file.tables(file.table(root.get("calendar", {}), "calendar").get("announced", []), "calendar.announced")
    for index, row in enumerate(rows, start=1):
        place = f"calendar.announced[{index}]"
        file.only(row, frozenset({"month", "starts"}), place)
        written = _MONTH.match(file.text(row, "month", place))
        if written is None or not 1 <= int(written["month"]) <= MONTHS:
            raise file.wrong(f"{place}.month", 'a Hijri month like "1448-09" is expected')
        starts = file.date(row, "starts", place)
        found.append((place, AnnouncedMonth(year=int(written["year"]), month=int(written["month"]), starts=starts)))
    return found


def _announced_ramadans(file: TenantTables, root: Table) -> list[tuple[str, AnnouncedMonth]]:
    found: list[tuple[str, AnnouncedMonth]] = []
    rows = file.tables(file.table(root.get("ramadan", {}), "ramadan").get("announced", []), "ramadan.announced")
    for index, row in enumerate(rows, start=1):
        place = f"ramadan.announced[{index}]"
        file.only(row, frozenset({"starts", "ends"}), place)
        starts = file.date(row, "starts", place)
        # Two weeks on it is Ramadan by any count.
        middle = hijri_of(starts + timedelta(days=14))
        if middle is None or middle.month != RAMADAN:
            raise file.wrong(f"{place}.starts", f"{starts} is not near the first day of a Ramadan")
        found.append((place, AnnouncedMonth(year=middle.year, month=RAMADAN, starts=starts)))
        if "ends" in row:
            after = file.date(row, "ends", place) + timedelta(days=1)
            found.append((place, AnnouncedMonth(year=middle.year, month=SHAWWAL, starts=after)))
    return found


# ---------------------------------------------------------------- calling people


def calling_hours(file: TenantTables, root: Table) -> CallingHours:
    calling = file.table(root.get("calling", {}), "calling")
    file.only(calling, frozenset({"earliest", "latest"}), "calling")
    usual = CallingHours()
    hours = CallingHours(
        earliest=file.hour(calling, "earliest", "calling", usual.earliest),
        latest=file.hour(calling, "latest", "calling", usual.latest),
    )
    if hours.earliest >= hours.latest:
        raise file.wrong("calling", "the latest time to call must be after the earliest")
    return hours


def visits(file: TenantTables, root: Table) -> tuple[VisitHours, ...]:
    """When technicians come, on every day that isn't closed; two stretches never share a moment."""
    found: list[VisitHours] = []
    for index, row in enumerate(file.tables(root.get("visits", []), "visits"), start=1):
        place = f"visits[{index}]"
        file.only(row, frozenset({"opens", "closes", "at_once"}), place)
        hours = VisitHours(
            opens=file.hour(row, "opens", place),
            closes=file.hour(row, "closes", place),
            at_once=file.whole(row, "at_once", place, 1, _MOST_VISITORS, 1),
        )
        if hours.opens >= hours.closes or (found and hours.opens < found[-1].closes):
            raise file.wrong(place, "visits are listed one after another, and end after they begin")
        found.append(hours)
    return tuple(found)
