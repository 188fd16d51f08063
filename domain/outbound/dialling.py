"""What became of dialling a number, and which numbers a trunk may dial at all."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from domain.desk.calling import normal_number
from domain.errors import Refused

HOUR_S = 3_600.0


class DialState(StrEnum):
    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    """It rang for as long as is allowed, or the network said that nobody is there now."""
    REJECTED = "rejected"
    """The other side, or the trunk, will not have this call."""
    UNREACHABLE = "unreachable"
    """There is no such number, or the way to it is broken."""


_BY_STATUS: dict[int | None, DialState] = {
    486: DialState.BUSY,
    600: DialState.BUSY,
    408: DialState.NO_ANSWER,
    480: DialState.NO_ANSWER,
    487: DialState.NO_ANSWER,
    401: DialState.REJECTED,
    402: DialState.REJECTED,
    403: DialState.REJECTED,
    407: DialState.REJECTED,
    433: DialState.REJECTED,
    603: DialState.REJECTED,
    607: DialState.REJECTED,
    608: DialState.REJECTED,
}


def state_of(status: int | None) -> DialState:
    """Of the final status of a call that nobody answered; None where none came."""
    return _BY_STATUS.get(status, DialState.UNREACHABLE)


@dataclass(slots=True, kw_only=True)
class DialLimits:
    """Against toll fraud: the countries and the extensions that one trunk may dial, and how often in an hour."""

    countries: Collection[str]
    """Their codes, such as "971"; a trunk without any dials nobody."""
    an_hour: int
    extensions: Collection[str] = ()
    """Dialled as they stand, in any country or none, and not counted: they ring inside the house."""
    _dialled: deque[float] = field(default_factory=deque[float])

    def count(self, number: str, now_s: float) -> str:
        """The number as it is dialled, and counted unless it is an extension.

        Raises Refused("bad_number" | "country_not_allowed" | "too_many_calls").
        """
        if number in self.extensions:
            return number
        normal = normal_number(number)
        if normal is None:
            raise Refused("bad_number", "This is not a telephone number with its country's code.")
        if not any(normal.startswith(f"+{country}") for country in self.countries):
            raise Refused("country_not_allowed", "The trunk may not dial this country.")
        while self._dialled and now_s - self._dialled[0] >= HOUR_S:
            self._dialled.popleft()
        if len(self._dialled) >= self.an_hour:
            raise Refused("too_many_calls", "The trunk has dialled as often in this hour as it may.")
        self._dialled.append(now_s)
        return normal
