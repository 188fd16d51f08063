"""What became of dialling a number, and which numbers a trunk may dial at all."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import StrEnum

from domain.desk.calling import normal_number
from domain.errors import Refused

HOUR_S = 3_600.0


class DialState(StrEnum):
    ANSWERED = "answered"
    MACHINE = "machine"
    """A machine picked up, and was hung up on."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFacts:
    """What the numbering plans of the world say of a number."""

    region: str | None
    """The country or territory, as ISO 3166 writes it; None for a number of none, such as a satellite's."""
    is_ordinary: bool
    """A valid number that costs what a call to a person there costs: no premium or shared-cost one."""


NumberPlan = Callable[[str], NumberFacts]
"""Of a number in its normal form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialLimits:
    """Against toll fraud: the numbers and the extensions that one trunk may dial, and how often in an hour."""

    regions: Collection[str]
    """As in NumberFacts; a trunk without any dials nobody."""
    an_hour: int
    plan: NumberPlan
    extensions: Collection[str] = ()
    """Dialled as they stand, in any country or none, and not counted: they ring inside the house."""
    _dialled: deque[float] = field(default_factory=deque[float])

    def permitted(self, number: str) -> str:
        """The number as it is dialled. Raises Refused("bad_number" | "country_not_allowed" | "costly_number")."""
        if number in self.extensions:
            return number
        normal = normal_number(number)
        if normal is None:
            raise Refused("bad_number", "This is not a telephone number with its country's code.")
        found = self.plan(normal)
        if found.region not in self.regions:
            raise Refused("country_not_allowed", "The trunk may not dial this country.")
        if not found.is_ordinary:
            raise Refused("costly_number", "Premium and shared-cost numbers, and those of no plan, are not dialled.")
        return normal

    def count(self, permitted: str, now_s: float, *, shared_by: int = 1) -> None:
        """Count what is dialled for a call that is there already; extensions aren't. Raises Refused("too_many_calls").

        So many workers share the limit, and each has its part. Calls that we make are counted in the store.
        """
        if permitted in self.extensions:
            return
        while self._dialled and now_s - self._dialled[0] >= HOUR_S:
            self._dialled.popleft()
        if len(self._dialled) >= max(min(1, self.an_hour), self.an_hour // shared_by):
            raise Refused("too_many_calls", "The trunk has dialled as often in this hour as it may.")
        self._dialled.append(now_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class DialWay:
    """By which trunk a number may be dialled."""

    trunk: str
    """Its name."""
    number: str
    address: str
    """Of the number at this trunk."""
    an_hour: int
    """How many calls may be dialled for the tenant in an hour."""
