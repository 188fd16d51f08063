"""A call that Hatif makes: whether it may be made now, what becomes of it, and when it is tried again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain.desk.callbacks import Contact
from domain.desk.calling import NeverCalled, Try, next_try
from domain.outbound.dialling import DialState
from domain.outbound.opening import Opening
from domain.tenant import TenantProfile

DIAL_NUMBER = "dial_number"
"""The name of the activity that dials; the media worker at which the tenant's trunk is registered implements it."""

_REQUESTS = uuid.UUID("7d1f1b0a-54cb-4b8e-9f4e-6f0f0b3c9a52")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundStart:
    """The argument of OutboundCallWorkflow. Whom to call is in the store."""

    tenant_id: str
    call_id: str
    """Of the first try, and the name of the request: each later try is a call of its own, see `call_of_try`."""
    tries: int = 1
    """At most, as whoever asks wishes; the tenant's own limit holds beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialAsked:
    tenant_id: str
    call_id: str
    is_screened: bool = False
    """Whoever picks up may be a machine, and is listened to before the call begins."""


class OutboundResult(StrEnum):
    ANSWERED = "answered"
    """Somebody picked up, and the call is one like any other from then on."""
    MACHINE = "machine"
    """An answering machine picked up. It was hung up on without a word: nothing about a customer is left on it."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    NO_NUMBER = "no_number"
    DO_NOT_CALL = "do_not_call"
    NOT_NOW = "not_now"
    """Outside the hours in which the tenant calls people."""
    NOT_ALLOWED = "not_allowed"
    """The trunk may not dial this number."""
    TOO_MANY = "too_many_calls"
    """As many calls were dialled within the last hour as may be."""
    NO_LINE = "no_line"
    """No trunk of the tenant is registered: nothing was dialled."""
    NO_ROOM = "no_room"
    """All slots of the worker that has the trunk are taken: nothing was dialled."""
    STOPPED = "stopped"
    """Somebody asked to stop calling; what rang was hung up."""
    UNKNOWN = "unknown"
    """The worker that dialled was lost, or the call found no place when it was answered: it may have rung. It is not
    dialled again by itself."""


OF_DIALLING = {
    DialState.ANSWERED: OutboundResult.ANSWERED,
    DialState.MACHINE: OutboundResult.MACHINE,
    DialState.BUSY: OutboundResult.BUSY,
    DialState.NO_ANSWER: OutboundResult.NO_ANSWER,
    DialState.REJECTED: OutboundResult.REJECTED,
    DialState.UNREACHABLE: OutboundResult.UNREACHABLE,
}
OF_REFUSAL = {
    "bad_number": OutboundResult.NOT_ALLOWED,
    "country_not_allowed": OutboundResult.NOT_ALLOWED,
    "costly_number": OutboundResult.NOT_ALLOWED,
    "too_many_calls": OutboundResult.TOO_MANY,
    "no_trunk": OutboundResult.NO_LINE,
    "no_room": OutboundResult.NO_ROOM,
    "no_number": OutboundResult.NO_NUMBER,
}
"""By the code of what refused to dial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundStanding:
    """How far a request to call somebody has come."""

    call_id: str
    """Of the present, or the last, try."""
    tries: int
    """The present one included."""
    result: OutboundResult | None = None
    """Of the last try; None while it is being dialled."""
    next_at: float | None = None
    """When it is tried again, in Unix seconds; None when it is not, or dialled at this moment."""

    @property
    def is_over(self) -> bool:
        return self.result is not None and self.next_at is None


class DialBook(Protocol):
    """What is asked for and what was dialled. Raises Unavailable("postgres", …)."""

    async def ask(self, tenant_id: str, call_id: str, number: str, opening: Opening | None = None) -> str | None:
        """Note a call out, its number and its opening, all or nothing; the number that is noted for this call then.

        None when what is known of the call was erased.
        """
        ...

    async def opening(self, tenant_id: str, call_id: str) -> Opening | None: ...

    async def count(self, tenant_id: str, call_id: str, most_an_hour: int) -> None:
        """Note that a call's number is dialled now.

        Raises Refused("too_many_calls") when as many calls of the tenant were dialled within the last hour, and
        Refused("dialled_before") when this one was: no call's number is dialled twice.
        """
        ...


def request_of(tenant_id: str, key: str) -> str:
    """The id of the request that a tenant makes under this key."""
    return str(uuid.uuid5(_REQUESTS, f"{tenant_id}/{key}"))


def call_of_try(request: str, number: int) -> str:
    """The id of a request's `number`th call; the first one has the request's own."""
    return request if number == 1 else str(uuid.uuid5(uuid.UUID(request), f"try {number}"))


def why_not(profile: TenantProfile, contact: Contact, now: datetime) -> OutboundResult | None:
    """Why this person is not called now; None when they may be. `now` is aware."""
    match next_try(profile, now=now, number=contact.number, forbidden=contact.is_forbidden):
        case NeverCalled.NO_NUMBER:
            return OutboundResult.NO_NUMBER
        case NeverCalled.DO_NOT_CALL:
            return OutboundResult.DO_NOT_CALL
        case NeverCalled():
            return OutboundResult.NOT_NOW
        case found:
            return None if found.at <= now else OutboundResult.NOT_NOW


def next_dial(
    profile: TenantProfile, contact: Contact, result: OutboundResult, *, tries: int, most: int, now: datetime
) -> datetime | None:
    """When the number is dialled again after `tries` tries, the last of which ended like this; None for never.

    Only where nobody can have been disturbed but by the ringing, and within the hours in which people are called.
    """
    plan = profile.dial_tries
    match result:
        case OutboundResult.BUSY | OutboundResult.NO_LINE | OutboundResult.NO_ROOM:
            wait = timedelta(minutes=plan.busy_min)
        case OutboundResult.NO_ANSWER | OutboundResult.MACHINE:
            wait = timedelta(minutes=plan.no_answer_min)
        case _:
            return None
    if tries >= min(most, plan.most):
        return None
    found = next_try(profile, now=now + wait, number=contact.number, forbidden=contact.is_forbidden)
    return found.at if isinstance(found, Try) else None
