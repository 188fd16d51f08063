"""`hatif hours`: when a tenant is open, shown and changed."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from domain.calendar.words import shown_date
from domain.errors import Refused, SetupError
from domain.hours import local_date, open_at
from domain.speech import Language
from domain.tenant import OpenHours, TenantProfile
from domain.tenant_file.opening import WEEKDAYS
from domain.tenant_file.opening_plan import PROFILE_FIELDS, opening_plan, with_opening
from workers.commands.house.profiles import profile_of
from workers.commands.house.shown import print_json, print_table, say
from workers.commands.house.words import listed
from workers.commands.store import OPERATOR, opened
from workers.settings import Settings

CLOSED = "closed"


def show(settings: Settings, *, tenant: str | None, as_json: bool) -> None:
    profile = asyncio.run(_read(settings, tenant))
    if as_json:
        print_json({"tenant": profile.slug, **opening_plan(profile)})
        return
    now = datetime.now(UTC)
    today = local_date(profile, now)
    say(f"{profile.slug}, {profile.time_zone}: {'open' if open_at(profile, now) else 'closed'} now.")
    say(shown_date(today, Language.EN, profile.announced_months))
    say("")
    print_table(("day", "hours", "in Ramadan"), [_day(profile, weekday) for weekday in range(len(WEEKDAYS))])
    for holiday in profile.holidays:
        day = f"{holiday.month:02d}-{holiday.day:02d}" + (" Hijri" if holiday.hijri else "")
        hours = ", ".join(f"{stretch.opens}-{stretch.closes}" for stretch in holiday.hours) or CLOSED
        year = "every year" if holiday.year is None else str(holiday.year)
        say(f"{holiday.name[Language.EN]}: {day}, {year}, {holiday.days} d, {hours}")
    say(f"People are called from {profile.calling_hours.earliest} to {profile.calling_hours.latest}.")


def _day(profile: TenantProfile, weekday: int) -> tuple[str, str, str]:
    usual, ramadan = (
        ", ".join(f"{row.opens}-{row.closes}" for row in rows if row.weekday == weekday) or CLOSED
        for rows in (profile.hours, profile.ramadan_hours)
    )
    weekend = " (weekend)" if weekday in profile.weekend else ""
    return WEEKDAYS[weekday] + weekend, usual, ramadan if profile.ramadan_hours else "as usual"


async def _read(settings: Settings, tenant: str | None) -> TenantProfile:
    async with opened(settings, tenant) as store:
        return await profile_of(store, store.one_tenant)


def set_days(settings: Settings, days: str, stretches: Sequence[str], *, tenant: str | None) -> None:
    """`days` like "monday,friday" or "all"; each stretch like 09:00-17:00, or the one word "closed"."""
    weekdays = _weekdays(days)
    spans = [] if list(stretches) == [CLOSED] else [_span(stretch) for stretch in stretches]

    def changed(profile: TenantProfile) -> TenantProfile:
        kept = [row for row in profile.hours if row.weekday not in weekdays]
        fresh = [OpenHours(weekday=day, opens=opens, closes=closes) for day in weekdays for opens, closes in spans]
        hours = tuple(sorted([*kept, *fresh], key=lambda row: (row.weekday, row.opens)))
        # Read once more as a file is, so that the same mistakes are found.
        return with_opening(profile, opening_plan(replace(profile, hours=hours)), "hours")

    asyncio.run(_change(settings, tenant, changed))


def set_from_file(settings: Settings, path: Path, *, tenant: str | None) -> None:
    """The whole plan, from a TOML file with the same tables as a tenant's. Raises SetupError."""
    try:
        plan = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SetupError(f"{path}: not readable as TOML: {error}") from error
    asyncio.run(_change(settings, tenant, lambda profile: with_opening(profile, plan, path.name)))


async def _change(settings: Settings, tenant: str | None, change: Callable[[TenantProfile], TenantProfile]) -> None:
    async with opened(settings, tenant) as store:
        tenant_id = store.one_tenant
        changed = change(await profile_of(store, tenant_id))
        await store.profiles.change(changed, PROFILE_FIELDS)
        await store.audit.record(tenant_id, OPERATOR, "hours_changed", tenant_id, {})
    say(f"The hours of {changed.slug} are saved; calls that begin from now on go by them.")


def _weekdays(days: str) -> list[int]:
    names = list(WEEKDAYS) if days == "all" else [name.lower() for name in listed(days)]
    if not names or not set(names) <= set(WEEKDAYS):
        raise Refused("bad_value", f"{days!r} names no days: all, or some of {','.join(WEEKDAYS)}.")
    return [WEEKDAYS.index(name) for name in dict.fromkeys(names)]


def _span(stretch: str) -> tuple[str, str]:
    opens, dash, closes = stretch.partition("-")
    if not dash:
        raise Refused("bad_value", f"{stretch!r} is not a time from opening to closing, like 09:00-17:00.")
    return opens.strip(), closes.strip()
