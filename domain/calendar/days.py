"""The plan of one day: the usual week, the week of Ramadan, or a holiday."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from domain.calendar.hijri import RAMADAN, hijri_of
from domain.tenant import Holiday, Stretch, TenantProfile, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    stretches: tuple[Stretch, ...]
    holiday: Words | None = None
    """Its name, on a holiday."""
    expected: bool = False
    """Whether the holiday's date still depends on the sighting of a moon."""
    ramadan: bool = False
    """Whether the hours of Ramadan apply."""


def plan_of(profile: TenantProfile, day: date) -> DayPlan:
    """What applies on this day of the tenant's."""
    for holiday in profile.holidays:
        first = _first_day(profile, holiday, day)
        if first is not None:
            expected = holiday.hijri and not _is_announced(profile, first)
            return DayPlan(stretches=holiday.hours, holiday=holiday.name, expected=expected)
    ramadan = bool(profile.ramadan_hours) and is_ramadan(profile, day)
    week = profile.ramadan_hours if ramadan else profile.hours
    stretches = tuple(Stretch(opens=row.opens, closes=row.closes) for row in week if row.weekday == day.weekday())
    return DayPlan(stretches=stretches, ramadan=ramadan)


def is_ramadan(profile: TenantProfile, day: date) -> bool:
    hijri = hijri_of(day, profile.announced_months)
    return hijri is not None and hijri.month == RAMADAN


def is_weekend(profile: TenantProfile, day: date) -> bool:
    return day.weekday() in profile.weekend


def _first_day(profile: TenantProfile, holiday: Holiday, day: date) -> date | None:
    """The first day of the holiday that `day` falls into."""
    for since in range(holiday.days):
        first = day - timedelta(days=since)
        found = hijri_of(first, profile.announced_months) if holiday.hijri else first
        if found is None or (found.month, found.day) != (holiday.month, holiday.day):
            continue
        if holiday.year in (None, found.year):
            return first
    return None


def _is_announced(profile: TenantProfile, day: date) -> bool:
    hijri = hijri_of(day, profile.announced_months)
    return hijri is not None and any(
        (month.year, month.month) == (hijri.year, hijri.month) for month in profile.announced_months
    )
