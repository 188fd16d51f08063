"""Which day a caller means by a holiday's name: "are you open on National Day?", "تفتحون في العيد؟"."""

from __future__ import annotations

from datetime import date, timedelta

from domain.answering.spelling import fold
from domain.answering.wordlist import WordList
from domain.calendar.days import plan_of
from domain.tenant import Holiday, TenantProfile

_EID = WordList("eid, the eid, عيد, العيد, عيدكم")
_FIRST_WORD = WordList("the, يوم")
"""Left out of a name, because callers do."""
_DAYS_AHEAD = 385
"""A Hijri year and a Gregorian one begin again within it, with a leap month's worth to spare."""


def day_named(text: str, profile: TenantProfile, today: date) -> date | None:
    """The next day, today included, of the holiday that `text` names; any Eid for "Eid" alone."""
    folded = f" {fold(text)} "
    named = [holiday for holiday in profile.holidays if _names(holiday, folded)]
    if not named and _EID.found_in(folded.strip()):
        named = [holiday for holiday in profile.holidays if holiday.hijri and _is_eid(holiday)]
    if not named:
        return None
    wanted = [holiday.name for holiday in named]
    for ahead in range(_DAYS_AHEAD):
        day = today + timedelta(days=ahead)
        if plan_of(profile, day).holiday in wanted:
            return day
    return None


def _names(holiday: Holiday, folded: str) -> bool:
    names = (_FIRST_WORD.without(fold(name)) for name in holiday.name.values())
    # Arabic writes "in", "on" and "and" onto the name.
    return any(f" {name} " in folded or f" ب{name} " in folded or f" و{name} " in folded for name in names)


def _is_eid(holiday: Holiday) -> bool:
    return any(_EID.found_in(fold(name)) for name in holiday.name.values())
