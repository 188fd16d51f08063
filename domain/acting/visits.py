"""Visits of a tenant's technicians: the windows in which they come, how many can, and the book of what is taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from domain.hours import local_date, openings_on, parse_hour, time_on, zone_of
from domain.tenant import TenantProfile

DAYS_AHEAD = 21
"""As far as visits are booked: nobody waits longer for a repair without a word from a person."""
FULL = "full"
"""What a book says of a window in which nobody is free any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of a day in which a technician comes; local times as "HH:MM"."""

    day: date
    opens: str
    closes: str

    @property
    def hour(self) -> int:
        return parse_hour(self.opens)[0]


@dataclass(frozen=True, slots=True)
class BookedCount:
    """How many visits each window has."""

    taken: Mapping[Window, int]

    def of(self, window: Window) -> int:
        return self.taken.get(window, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVisit:
    """`key` is its action's: one visit, however often it is asked for."""

    key: str
    call_id: str
    window: Window
    at_once: int
    """How many technicians there are in this window."""


class VisitBook(Protocol):
    """What is taken, of every tenant. Raises Unavailable("postgres", ...)."""

    async def taken(self, tenant_id: str, first: date, last: date) -> Mapping[Window, int]:
        """By window, the days included."""
        ...

    async def book(self, tenant_id: str, visit: NewVisit) -> None:
        """Idempotent by key, also where it was cancelled since. Raises Rejected(FULL) where nobody is free any more."""
        ...

    async def cancel(self, tenant_id: str, key: str) -> None:
        """Its window is free again. Idempotent; a visit that isn't there is ignored."""
        ...


def windows_on(profile: TenantProfile, day: date, now: datetime) -> list[Window]:
    """Those of a day that haven't begun yet; none on a day on which the tenant is closed."""
    today = local_date(profile, now)
    if not today <= day <= today + timedelta(days=DAYS_AHEAD) or not openings_on(profile, day):
        return []
    zone = zone_of(profile)
    ahead = [hours for hours in profile.visits if time_on(day, hours.opens, zone) > now]
    return [Window(day=day, opens=hours.opens, closes=hours.closes) for hours in ahead]


def at_once(profile: TenantProfile, window: Window) -> int:
    """How many technicians the tenant has in it; 0 where it has no such window."""
    found = (hours for hours in profile.visits if (hours.opens, hours.closes) == (window.opens, window.closes))
    return next((hours.at_once for hours in found), 0)


def is_free(profile: TenantProfile, window: Window, booked: BookedCount) -> bool:
    return booked.of(window) < at_once(profile, window)


def first_free(profile: TenantProfile, after: Window, booked: BookedCount, now: datetime) -> Window | None:
    """The next window from this one on in which somebody can come."""
    for ahead in range(DAYS_AHEAD + 1):
        for window in windows_on(profile, after.day + timedelta(days=ahead), now):
            if (window.day, window.opens) >= (after.day, after.opens) and is_free(profile, window, booked):
                return window
    return None
