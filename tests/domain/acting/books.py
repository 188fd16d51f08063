"""A tenant's book of visits and its promised callbacks, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.acting.action import ActionStart
from domain.acting.visits import FULL, NewVisit, Window
from domain.errors import Rejected, Unavailable


@dataclass
class Book:
    """The visit book in memory."""

    held: dict[str, NewVisit] = field(default_factory=dict[str, NewVisit])
    away: bool = False

    async def taken(self, tenant_id: str, first: date, last: date) -> Mapping[Window, int]:
        if self.away:
            raise Unavailable("book", "away")
        windows = [each.window for each in self.held.values() if first <= each.window.day <= last]
        return {window: windows.count(window) for window in windows}

    async def book(self, tenant_id: str, new: NewVisit) -> None:
        if new.key not in self.held and [each.window for each in self.held.values()].count(new.window) >= new.at_once:
            raise Rejected("book", FULL)
        self.held[new.key] = new

    async def cancel(self, tenant_id: str, key: str) -> None:
        self.held.pop(key, None)


@dataclass
class Promises:
    """Promised callbacks in memory."""

    held: dict[str, tuple[datetime, str]] = field(default_factory=dict[str, tuple[datetime, str]])

    async def promise(self, start: ActionStart, at: datetime, phone: str) -> str:
        self.held[start.key] = (at, phone)
        return start.key

    async def cancel(self, tenant_id: str, callback_id: str) -> None:
        del self.held[callback_id]
