"""What a campaign is for: whom it calls why, with which words, when, and how fast."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.desk.calling import calling_windows
from domain.errors import Refused
from domain.hours import local_date, parse_hour, time_on, zone_of
from domain.outbound.opening import IT_IS, Opening
from domain.speech import Language
from domain.tenant import TenantProfile, Words

MOST_AT_ONCE, MOST_A_MINUTE, MOST_TRIES = 50, 120, 5
LONGEST_NAME, LONGEST_OPENING, LONGEST_ABOUT = 100, 500, 1_000
"""Characters. An opening of 500 is half a minute of speech, and nobody listens longer."""
_DAYS_AHEAD = 62
_FIELD = re.compile(r"\{([^{}]*)\}")


class Purpose(StrEnum):
    SERVICE = "service"
    """About something that the person has with the company: an order, an appointment."""
    MARKETING = "marketing"
    """Only people who have agreed to it are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPlan:
    name: str
    purpose: Purpose
    opening: Words
    """What is said first; {name}, and {any other column} of the list, stand for what a contact's row says."""
    about: str
    """For the agent: what the call is about."""
    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    """0 = Monday; on which people are called, within the tenant's opening and calling hours."""
    earliest: str = "09:00"
    latest: str = "18:00"
    a_minute: int = 6
    """Calls that may begin in a minute."""
    at_once: int = 2
    """Calls that ring or go on at the same time."""
    tries: int = 2
    """For one person; a day has one of them."""
    to_advisor: bool = False
    """Whether whoever answers is handed to an advisor, after the opening; then only as many are called as are ready."""


def checked(plan: CampaignPlan, columns: Collection[str]) -> CampaignPlan:
    """The plan in its normal form, for a list with these columns.

    Raises Refused: "bad_name", "bad_about", "bad_days", "bad_pace", "bad_hours", "bad_opening" and "unknown_column".
    """
    plan = replace(
        plan,
        name=plan.name.strip(),
        about=plan.about.strip(),
        opening={language: plan.opening.get(language, "").strip() for language in Language},
        days=tuple(sorted(set(plan.days))),
    )
    _insist(0 < len(plan.name) <= LONGEST_NAME, "bad_name", f"The name has 1 to {LONGEST_NAME} characters.")
    _insist(len(plan.about) <= LONGEST_ABOUT, "bad_about", f"What it is about has at most {LONGEST_ABOUT} characters.")
    days_fit = bool(plan.days) and set(plan.days) <= set(range(7))
    _insist(days_fit, "bad_days", "There is at least one day, from 0 (Monday) to 6.")
    _insist(1 <= plan.a_minute <= MOST_A_MINUTE, "bad_pace", f"1 to {MOST_A_MINUTE} calls may begin in a minute.")
    _insist(1 <= plan.at_once <= MOST_AT_ONCE, "bad_pace", f"1 to {MOST_AT_ONCE} calls may go on at once.")
    _insist(1 <= plan.tries <= MOST_TRIES, "bad_pace", f"One person is tried 1 to {MOST_TRIES} times.")
    try:
        opens, closes = parse_hour(plan.earliest), parse_hour(plan.latest)
    except ValueError as wrong:
        raise Refused("bad_hours", f"An hour is written as in 09:00: {wrong}.") from wrong
    _insist(opens < closes, "bad_hours", "The last hour comes after the first.")
    for opening in plan.opening.values():
        fits = 0 < len(opening) <= LONGEST_OPENING
        _insist(fits, "bad_opening", f"The opening has 1 to {LONGEST_OPENING} characters in each language.")
        for field in _FIELD.findall(opening):
            _insist(field in columns, "unknown_column", f"The opening names {{{field}}}; the list has no such column.")
    return plan


def _insist(is_so: bool, code: str, otherwise: str) -> None:
    if not is_so:
        raise Refused(code, otherwise)


def fields_of(plan: CampaignPlan, language: Language) -> tuple[str, ...]:
    """The columns that the opening in this language needs."""
    return tuple(_FIELD.findall(plan.opening[language]))


def opening_for(plan: CampaignPlan, profile: TenantProfile, language: Language, fields: Mapping[str, str]) -> Opening:
    """Says first who calls, and that it is no human being."""
    said = _FIELD.sub(lambda found: fields.get(found[1], ""), plan.opening[language])
    text = f"{IT_IS[language].format(name=profile.name[language])} {said}"
    return Opening(language=language, text=text, about=plan.about or None)


def next_window(profile: TenantProfile, plan: CampaignPlan, now: datetime) -> datetime | None:
    """The first moment from now on at which the campaign may call people; None for never. `now` is aware."""
    zone = zone_of(profile)
    for window in calling_windows(profile, now, now + timedelta(days=_DAYS_AHEAD)):
        day = local_date(profile, window.opens)
        if day.weekday() not in plan.days:
            continue
        opens = max(window.opens, time_on(day, plan.earliest, zone), now.astimezone(zone))
        if opens < min(window.closes, time_on(day, plan.latest, zone)):
            return opens
    return None
