"""What the company's CRM knows of a caller: what they are found by, and what is still open for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.crm import Customer, HistoryEntry, HistoryKind, TicketState
from domain.desk.contact import spoken_number
from domain.desk.handoffs import OpenFact
from domain.speech import Speaker, Turn

MOST_CUSTOMERS = 2
"""Who share a number: a couple, a front office. With more of them a name says nothing."""
MOST_TICKETS = 3
"""The newest: what an advisor reads while it rings."""
TICKET_CHARS = 120
_EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")


class CrmAnswer(StrEnum):
    """What came of asking, by a code that the desk puts into words."""

    LOOKING = "looking"
    FOUND = "found"
    STRANGER = "stranger"
    """Nobody of that number or e-mail address is in it."""
    NO_ADDRESS = "no_address"
    """The caller is known by neither."""
    NOT_CONNECTED = "not_connected"
    """The tenant has none."""
    AWAY = "away"
    """It did not answer in time, or not at all."""


class FoundBy(StrEnum):
    """What a customer was found by. Only the first is more than the caller's word."""

    WRITES_FROM = "writes_from"
    """The number of a thread."""
    NUMBER = "number"
    EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    by: FoundBy
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerKnown:
    answer: CrmAnswer
    name: str | None = None
    by: FoundBy | None = None
    tickets: tuple[OpenFact, ...] = ()


class CustomerRecords(Protocol):
    async def of_caller(self, tenant_id: str, call_id: str, turns: Sequence[Turn]) -> CustomerKnown:
        """Within a deadline of its own. Never fails: whatever goes wrong is AWAY."""
        ...


def addresses_of(turns: Sequence[Turn], *, number: str | None, writes_from: str | None) -> list[Address]:
    """By what to look for a caller, the surest first; `number` is the one noted for this call."""
    said = (number or spoken_number(turns), _email_in(turns))
    found = [
        Address(by=by, value=value)
        for by, value in zip(FoundBy, (writes_from, *said), strict=True)
        if value is not None
    ]
    return [each for index, each in enumerate(found) if each.value not in {one.value for one in found[:index]}]


def known(
    system: str, by: FoundBy, customers: Sequence[Customer], histories: Sequence[Sequence[HistoryEntry]]
) -> CustomerKnown:
    """`histories` are those of the first customers, in their order."""
    names = [customer.name for customer in customers[:MOST_CUSTOMERS] if customer.name]
    open_ones = [entry for history in histories for entry in history if _is_open(entry)]
    newest = sorted(open_ones, key=lambda entry: entry.at, reverse=True)[:MOST_TICKETS]
    return CustomerKnown(
        answer=CrmAnswer.FOUND,
        name=" / ".join(names) if names and len(customers) <= MOST_CUSTOMERS else None,
        by=by,
        tickets=tuple(_fact(system, entry) for entry in newest),
    )


TICKET_KINDS = {TicketState.OPEN: "ticket_open", TicketState.PENDING: "ticket_pending"}
"""Kinds of an OpenFact, by the state in the CRM."""


def _is_open(entry: HistoryEntry) -> bool:
    return entry.kind is HistoryKind.TICKET and entry.state in TICKET_KINDS


def _fact(system: str, entry: HistoryEntry) -> OpenFact:
    kind = TICKET_KINDS[entry.state or TicketState.OPEN]
    return OpenFact(system=system, kind=kind, text=f"{entry.reference} · {entry.summary}"[:TICKET_CHARS])


def _email_in(turns: Sequence[Turn]) -> str | None:
    """The last one that the caller typed, or that a recogniser wrote as one."""
    for turn in reversed(turns):
        if turn.speaker is Speaker.CALLER and (written := _EMAIL.findall(turn.text)):
            return str(written[-1]).rstrip(".-")
    return None
