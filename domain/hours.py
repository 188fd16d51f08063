"""Opening hours: open at this moment, until when, the next opening, and the sentences for them. Time is passed in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.calendar.days import DayPlan, plan_of
from domain.calendar.words import named_day, spoken_day, spoken_time
from domain.speech import Language
from domain.tenant import TenantProfile

_DAYS_AHEAD = 62
"""The longest holiday that a tenant's file allows is 30 days, and twice as much is looked through."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One stretch of being open, in the tenant's local time."""

    opens: datetime
    closes: datetime


def parse_hour(text: str) -> tuple[int, int]:
    """Hour and minute of "HH:MM", up to "24:00". Raises ValueError."""
    hour_text, _, minute_text = text.partition(":")
    if len(hour_text) != 2 or len(minute_text) != 2 or not (hour_text + minute_text).isdecimal():
        raise ValueError(f"{text!r} is not a time like 09:30")
    hour, minute = int(hour_text), int(minute_text)
    if minute > 59 or hour > 24 or (hour == 24 and minute):
        raise ValueError(f"{text!r} is not a time of the day")
    return hour, minute


def zone_of(profile: TenantProfile) -> ZoneInfo:
    return ZoneInfo(profile.time_zone)


def time_on(day: date, text: str, zone: ZoneInfo) -> datetime:
    """The local time "HH:MM" on this day."""
    hour, minute = parse_hour(text)
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return midnight + timedelta(hours=hour, minutes=minute)


def local_date(profile: TenantProfile, now: datetime) -> date:
    """The tenant's date at `now`, an aware time."""
    return now.astimezone(zone_of(profile)).date()


# ---------------------------------------------------------------- openings


def openings_on(profile: TenantProfile, day: date) -> list[Opening]:
    """The stretches that start on this day; one that closes before it opens ends on the next."""
    zone = zone_of(profile)
    found: list[Opening] = []
    for stretch in plan_of(profile, day).stretches:
        opens, closes = time_on(day, stretch.opens, zone), time_on(day, stretch.closes, zone)
        found.append(Opening(opens, closes if closes > opens else closes + timedelta(days=1)))
    return sorted(found, key=lambda opening: opening.opens)


def open_at(profile: TenantProfile, now: datetime) -> Opening | None:
    """The stretch that `now`, an aware time, falls into."""
    local = now.astimezone(zone_of(profile))
    for day in (local.date() - timedelta(days=1), local.date()):
        for opening in openings_on(profile, day):
            if opening.opens <= local < opening.closes:
                return opening
    return None


def next_opening(profile: TenantProfile, now: datetime) -> Opening | None:
    """The first stretch that starts after `now`; None when the tenant has no hours."""
    local = now.astimezone(zone_of(profile))
    for ahead in range(_DAYS_AHEAD):
        for opening in openings_on(profile, local.date() + timedelta(days=ahead)):
            if opening.opens > local:
                return opening
    return None


def openings_between(profile: TenantProfile, begin: datetime, end: datetime) -> list[Opening]:
    """When it is open inside [begin, end), two aware times: cut to fit, and joined where one goes on as the next."""
    joined: list[Opening] = []
    for opening in _cut(profile, begin, end):
        if joined and opening.opens <= joined[-1].closes:
            joined[-1] = Opening(joined[-1].opens, max(joined[-1].closes, opening.closes))
        else:
            joined.append(opening)
    return joined


def _cut(profile: TenantProfile, begin: datetime, end: datetime) -> Iterator[Opening]:
    zone = zone_of(profile)
    first, last = begin.astimezone(zone), end.astimezone(zone)
    # The night before the first day may reach into it.
    for since in range(-1, (last.date() - first.date()).days + 1):
        for opening in openings_on(profile, first.date() + timedelta(days=since)):
            # Compared in UTC: two local times around a change of the clock are not as far apart as they read.
            opens, closes = max(opening.opens.astimezone(UTC), begin), min(opening.closes.astimezone(UTC), end)
            if opens < closes:
                yield Opening(opens.astimezone(zone), closes.astimezone(zone))


def usual_week(profile: TenantProfile, day: date) -> bool:
    """Whether what the tenant says of its usual week holds around this day: not in a Ramadan with hours of its own."""
    return not plan_of(profile, day).ramadan


# ---------------------------------------------------------------- sentences


def say_now(profile: TenantProfile, now: datetime, language: Language) -> str | None:
    """Whether it is open at this moment and when that changes; None when the tenant has no hours."""
    current, coming = open_at(profile, now), next_opening(profile, now)
    if current is None and coming is None:
        return None
    today = local_date(profile, now)
    named = _holiday_today(plan_of(profile, today), language)
    if current is not None:
        until = spoken_time(current.closes, language)
        return named + (
            f"We are open now, until {until}." if language is Language.EN else f"نحن فاتحون الآن حتى {until}."
        )
    assert coming is not None
    at, day = spoken_time(coming.opens, language), spoken_day(coming.opens.date(), today, language)
    if language is Language.EN:
        return f"{named}We are closed right now and open {day} at {at}."
    return f"{named}نحن مغلقون الآن ونفتح {day} الساعة {at}."


def _holiday_today(plan: DayPlan, language: Language) -> str:
    if plan.holiday is None:
        return ""
    name = plan.holiday[language]
    return f"Today is {name}. " if language is Language.EN else f"اليوم {name}. "


def say_day(profile: TenantProfile, day: date, language: Language, today: date | None = None) -> str:
    """The hours of one day, and why they are others than usual. `today` lets a far day be named by its date too."""
    plan = plan_of(profile, day)
    stretches = [
        (spoken_time(opening.opens, language), spoken_time(opening.closes, language))
        for opening in openings_on(profile, day)
    ]
    name = named_day(day, today, language)
    # Once the day has come, nobody waits for the moon any more.
    unsure = plan.expected and today is not None and day > today
    if language is Language.EN:
        reason = f", {plan.holiday[language]}," if plan.holiday else ", in Ramadan," if plan.ramadan else ""
        spans = " and ".join(f"from {opens} to {closes}" for opens, closes in stretches)
        sentence = f"On {name}{reason} we are {'open ' + spans if spans else 'closed'}."
        return sentence + (" That is the expected date; it may change by a day." if unsure else "")
    reason = f"، {plan.holiday[language]}،" if plan.holiday else " في رمضان" if plan.ramadan else ""
    spans = " و".join(f"من {opens} إلى {closes}" for opens, closes in stretches)
    sentence = f"يوم {name}{reason} {'نفتح ' + spans if spans else 'نحن مغلقون'}."
    return sentence + (" هذا هو الموعد المتوقع، وقد يتغير يوماً." if unsure else "")
