"""Calling people: when somebody may be called, whom not to call, and when the next try of a promised call is due."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from domain.answering.spelling import ascii_digits
from domain.calendar.days import is_weekend, plan_of
from domain.hours import Opening, local_date, openings_between, time_on, zone_of
from domain.tenant import TenantProfile

RETRY_AFTER_S: tuple[int | None, ...] = (300, 1800, None)
"""Waits after the first, second and third try; None is for the next window, usually tomorrow's. Then it is given up."""
_DAYS_AHEAD = 62
"""As far as openings are looked for."""


class NeverCalled(StrEnum):
    """Why there is no next try."""

    DO_NOT_CALL = "do_not_call"
    NO_NUMBER = "no_number"
    TRIES_USED = "tries_used"
    NO_WINDOW = "no_window"
    """Nobody may be called in the next two months: the tenant is closed, or its hours and calling hours never meet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """When to call, and the end of the window that this falls into; aware times of the tenant's zone."""

    at: datetime
    window_ends: datetime
    as_wished: bool = True
    """False when the wish can't be met: the time is the first one allowed after its beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """When the caller wants to be called, e.g. "after 5"; aware times."""

    begins: datetime
    ends: datetime | None = None


def next_try(
    profile: TenantProfile,
    *,
    now: datetime,
    number: str | None,
    forbidden: bool = False,
    tries: int = 0,
    last_try_at: datetime | None = None,
    wish: Wish | None = None,
) -> Try | NeverCalled:
    """When to call somebody back, or why never. `now` and `last_try_at` are aware; `tries` were made so far.

    A wish is for the first try; once it was called in vain, the backoff decides.
    """
    if number is None:
        return NeverCalled.NO_NUMBER
    if forbidden:
        return NeverCalled.DO_NOT_CALL
    if tries > len(RETRY_AFTER_S):
        return NeverCalled.TRIES_USED
    if tries == 0 or last_try_at is None:
        return _first_try(profile, now, wish)
    wait_s = RETRY_AFTER_S[tries - 1]
    if wait_s is None:
        return _after_this_window(profile, now, last_try_at)
    # Elapsed time, not the clock on the wall.
    due = last_try_at.astimezone(UTC) + timedelta(seconds=wait_s)
    return _in_window(profile, max(due, now)) or NeverCalled.NO_WINDOW


def _first_try(profile: TenantProfile, now: datetime, wish: Wish | None) -> Try | NeverCalled:
    earliest = max(now, wish.begins) if wish is not None else now
    found = _in_window(profile, earliest)
    if found is None:
        return NeverCalled.NO_WINDOW
    if wish is not None and wish.ends is not None and found.at >= wish.ends:
        return Try(at=found.at, window_ends=found.window_ends, as_wished=False)
    return found


def _after_this_window(profile: TenantProfile, now: datetime, last_try_at: datetime) -> Try | NeverCalled:
    for window in _windows_from(profile, last_try_at):
        if window.opens > last_try_at and window.closes > now:
            return _try_in(window, now)
    return NeverCalled.NO_WINDOW


def _in_window(profile: TenantProfile, earliest: datetime) -> Try | None:
    for window in _windows_from(profile, earliest):
        return _try_in(window, earliest)
    return None


def _try_in(window: Opening, earliest: datetime) -> Try:
    return Try(at=max(window.opens, earliest.astimezone(window.opens.tzinfo)), window_ends=window.closes)


# ---------------------------------------------------------------- windows


def calling_windows(profile: TenantProfile, begin: datetime, end: datetime) -> list[Opening]:
    """When people may be called inside [begin, end): the tenant is open, and it is within the calling hours.

    A tenant without opening hours calls within the calling hours, neither at the weekend nor on a holiday.
    """
    found: list[Opening] = []
    first, last = local_date(profile, begin), local_date(profile, end)
    for ahead in range((last - first).days + 1):
        allowed = _allowed_on(profile, first + timedelta(days=ahead))
        opens, closes = max(allowed.opens, begin), min(allowed.closes, end)
        if opens >= closes:
            continue
        if profile.hours:
            found += openings_between(profile, opens, closes)
        elif not _is_day_off(profile, first + timedelta(days=ahead)):
            found.append(Opening(opens.astimezone(zone_of(profile)), closes.astimezone(zone_of(profile))))
    return found


def _windows_from(profile: TenantProfile, earliest: datetime) -> list[Opening]:
    return calling_windows(profile, earliest, earliest + timedelta(days=_DAYS_AHEAD))


def _allowed_on(profile: TenantProfile, day: date) -> Opening:
    zone = zone_of(profile)
    hours = profile.calling_hours
    return Opening(time_on(day, hours.earliest, zone).astimezone(UTC), time_on(day, hours.latest, zone).astimezone(UTC))


def _is_day_off(profile: TenantProfile, day: date) -> bool:
    return is_weekend(profile, day) or plan_of(profile, day).holiday is not None


# ---------------------------------------------------------------- whom not to call

EMIRATES = "971"
_SHORTEST_NUMBER, _LONGEST_NUMBER = 7, 15
"""Digits with the country's code; E.164 allows 15."""
_WRITTEN_BETWEEN = re.compile(r"[\s\-().\u2010-\u2015/]+")


def normal_number(text: str, country: str = EMIRATES) -> str | None:
    """A telephone number as +<country><number>, so that one number is written in one way; None when it is none."""
    compact = _WRITTEN_BETWEEN.sub("", ascii_digits(text).strip().removeprefix("tel:"))
    international = re.match(r"^(?:\+|00)(?P<rest>[1-9]\d+)$", compact)
    if international is not None:
        digits = international["rest"]
        if digits.startswith(country + "0"):  # "+971 (0)50 …"
            digits = country + digits[len(country) + 1 :]
    elif re.fullmatch(rf"{country}\d{{8,}}", compact):
        digits = compact
    elif re.fullmatch(r"0?[1-9]\d+", compact):
        digits = country + compact.removeprefix("0")
    else:
        return None
    return f"+{digits}" if _SHORTEST_NUMBER <= len(digits) <= _LONGEST_NUMBER else None


def may_call(number: str, do_not_call: Collection[str], country: str = EMIRATES) -> bool:
    """Whether this is a number, and none on the list; both are compared in their normal form."""
    wanted = normal_number(number, country)
    return wanted is not None and wanted not in {normal_number(listed, country) for listed in do_not_call}
