"""The part of a tenant's file that says when it is open, on its own: read into a profile, and written back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, cast

from domain.tenant import Holiday, OpenHours, Stretch, TenantProfile
from domain.tenant_file import opening
from domain.tenant_file.tables import Table, TenantTables

PROFILE_FIELDS = (
    "time_zone",
    "hours",
    "weekend",
    "holidays",
    "ramadan_hours",
    "announced_months",
    "calling_hours",
)
"""Of a TenantProfile: what the plan says."""
_TABLES = frozenset({"time_zone", "calendar", "hours", "holidays", "ramadan", "calling"})


def with_opening(profile: TenantProfile, plan: Table, name: str) -> TenantProfile:
    """`profile` with all of its PROFILE_FIELDS as `plan` says, in the shape of a tenant's file; dates may be texts.

    Raises SetupError, whose sentence begins with `name` and says where the mistake is.
    """
    file = TenantTables(name)
    file.only(plan, _TABLES, "")
    plan = {key: _dated(value) for key, value in plan.items()}
    off = opening.weekend(file, plan)
    return replace(
        profile,
        time_zone=opening.time_zone(file, plan),
        hours=opening.week(file, plan.get("hours", []), "hours", off),
        weekend=off,
        holidays=opening.holidays(file, plan),
        ramadan_hours=opening.ramadan_hours(file, plan, off),
        announced_months=opening.announced_months(file, plan),
        calling_hours=opening.calling_hours(file, plan),
    )


def opening_plan(profile: TenantProfile) -> Table:
    """What `with_opening` reads, as JSON can carry it."""
    return {
        "time_zone": profile.time_zone,
        "calendar": {
            "weekend": [opening.WEEKDAYS[day] for day in profile.weekend],
            "announced": [
                {"month": f"{month.year}-{month.month:02d}", "starts": month.starts.isoformat()}
                for month in profile.announced_months
            ],
        },
        "hours": _week(profile.hours),
        "holidays": [_holiday(holiday) for holiday in profile.holidays],
        "ramadan": {"hours": _week(profile.ramadan_hours)},
        "calling": {"earliest": profile.calling_hours.earliest, "latest": profile.calling_hours.latest},
    }


def _dated(value: Any, key: str = "") -> Any:
    """TOML has dates where JSON has texts; one that is no date stays as it is, and is refused where it stands."""
    if isinstance(value, dict):
        return {name: _dated(inner, name) for name, inner in cast("Table", value).items()}
    if isinstance(value, list):
        return [_dated(inner, key) for inner in cast("list[Any]", value)]
    if key in ("starts", "ends") and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _week(rows: Sequence[OpenHours]) -> list[Table]:
    """The days of one stretch together, in the order in which they are first named."""
    days: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        days.setdefault((row.opens, row.closes), []).append(opening.WEEKDAYS[row.weekday])
    return [{"days": names, "opens": opens, "closes": closes} for (opens, closes), names in days.items()]


def _holiday(holiday: Holiday) -> Table:
    day = f"{holiday.month:02d}-{holiday.day:02d}"
    return {
        "name": {language.value: name for language, name in holiday.name.items()},
        "hijri" if holiday.hijri else "date": day if holiday.year is None else f"{holiday.year}-{day}",
        "days": holiday.days,
        "hours": [_stretch(stretch) for stretch in holiday.hours],
    }


def _stretch(stretch: Stretch) -> Table:
    return {"opens": stretch.opens, "closes": stretch.closes}
