"""Opening hours: open at this moment, until when, the next opening, and the words for them. The time is passed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.speech import Language
from domain.tenant import OpenHours, TenantProfile

_DAYS_AHEAD = 8
"""A week and a day: later today, today next week."""

DAY_NAMES = {
    Language.EN: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    Language.AR: ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
}


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


def _at(day: date, text: str, zone: ZoneInfo) -> datetime:
    hour, minute = parse_hour(text)
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return midnight + timedelta(hours=hour, minutes=minute)


def openings_on(hours: tuple[OpenHours, ...], day: date, zone: ZoneInfo) -> list[Opening]:
    """The stretches that start on this day; one that closes before it opens ends on the next."""
    found: list[Opening] = []
    for row in hours:
        if row.weekday == day.weekday():
            opens, closes = _at(day, row.opens, zone), _at(day, row.closes, zone)
            found.append(Opening(opens, closes if closes > opens else closes + timedelta(days=1)))
    return sorted(found, key=lambda opening: opening.opens)


def open_at(profile: TenantProfile, now: datetime) -> Opening | None:
    """The stretch that `now`, an aware time, falls into."""
    zone = ZoneInfo(profile.time_zone)
    local = now.astimezone(zone)
    for day in (local.date() - timedelta(days=1), local.date()):
        for opening in openings_on(profile.hours, day, zone):
            if opening.opens <= local < opening.closes:
                return opening
    return None


def local_date(profile: TenantProfile, now: datetime) -> date:
    """The tenant's date at `now`, an aware time."""
    return now.astimezone(ZoneInfo(profile.time_zone)).date()


def next_opening(profile: TenantProfile, now: datetime) -> Opening | None:
    """The first stretch that starts after `now`; None when the tenant has no hours."""
    zone = ZoneInfo(profile.time_zone)
    local = now.astimezone(zone)
    for ahead in range(_DAYS_AHEAD):
        for opening in openings_on(profile.hours, local.date() + timedelta(days=ahead), zone):
            if opening.opens > local:
                return opening
    return None


_ARABIC_HOURS = (
    *("الثانية عشرة", "الواحدة", "الثانية", "الثالثة", "الرابعة", "الخامسة"),
    *("السادسة", "السابعة", "الثامنة", "التاسعة", "العاشرة", "الحادية عشرة"),
)
_ARABIC_MINUTES = {0: "", 15: " والربع", 20: " والثلث", 30: " والنصف"}


def spoken_time(at: datetime, language: Language) -> str:
    """A time as it is said: "9 AM", "10:30 PM", "التاسعة والنصف صباحًا"."""
    if language is Language.EN:
        hour = at.hour % 12 or 12
        clock = f"{hour}:{at.minute:02d}" if at.minute else f"{hour}"
        return f"{clock} {'AM' if at.hour < 12 else 'PM'}"
    # In words: which hour is "ظهرًا" or "عصرًا" is more than text-to-speech can know.
    minutes = _ARABIC_MINUTES.get(at.minute, f" و{at.minute} دقيقة")
    return f"{_ARABIC_HOURS[at.hour % 12]}{minutes} {_arabic_part_of_day(at.hour)}"


def _arabic_part_of_day(hour: int) -> str:
    if hour < 12:
        return "صباحًا"
    if hour < 15:
        return "ظهرًا"
    return "عصرًا" if hour < 17 else "مساءً"


def say_now(profile: TenantProfile, now: datetime, language: Language) -> str | None:
    """Whether it is open at this moment and when that changes; None when the tenant has no hours."""
    current = open_at(profile, now)
    if current is not None:
        until = spoken_time(current.closes, language)
        return f"We are open now, until {until}." if language is Language.EN else f"نحن فاتحون الآن حتى {until}."
    coming = next_opening(profile, now)
    if coming is None:
        return None
    at, day = spoken_time(coming.opens, language), _day_from(now, coming.opens, language)
    if language is Language.EN:
        return f"We are closed right now and open {day} at {at}."
    return f"نحن مغلقون الآن ونفتح {day} الساعة {at}."


def _day_from(now: datetime, then: datetime, language: Language) -> str:
    ahead = (then.date() - now.astimezone(then.tzinfo).date()).days
    near = {Language.EN: ("today", "tomorrow"), Language.AR: ("اليوم", "غداً")}[language]
    if ahead < len(near):
        return near[ahead]
    name = DAY_NAMES[language][then.weekday()]
    return f"on {name}" if language is Language.EN else f"يوم {name}"


def say_day(profile: TenantProfile, day: date, language: Language) -> str:
    """The hours of one day."""
    zone = ZoneInfo(profile.time_zone)
    name = DAY_NAMES[language][day.weekday()]
    stretches = [
        (spoken_time(opening.opens, language), spoken_time(opening.closes, language))
        for opening in openings_on(profile.hours, day, zone)
    ]
    if language is Language.EN:
        if not stretches:
            return f"On {name} we are closed."
        return (
            f"On {name} we are open " + " and ".join(f"from {opens} to {closes}" for opens, closes in stretches) + "."
        )
    if not stretches:
        return f"يوم {name} نحن مغلقون."
    return f"يوم {name} نفتح " + " و".join(f"من {opens} إلى {closes}" for opens, closes in stretches) + "."
