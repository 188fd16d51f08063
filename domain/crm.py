"""Customers, tickets and orders as every CRM knows them, and the port to one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    customer_id: str
    name: str
    phone: str | None = None
    email: str | None = None


class TicketState(StrEnum):
    OPEN = "open"
    PENDING = "pending"
    """Somebody waits for the customer."""
    SOLVED = "solved"
    CLOSED = "closed"


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketDraft:
    """`customer_id` where the customer is known; otherwise the phone or e-mail under which the vendor files it."""

    subject: str
    description: str
    priority: Priority = Priority.NORMAL
    customer_id: str | None = None
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    due_at: datetime | None = None
    """When somebody is to be there. A vendor whose tickets have no such time has it in the description only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketChange:
    """`comment` is for the company's own people, never sent to the customer."""

    comment: str
    state: TicketState | None = None
    priority: Priority | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    ticket_id: str
    number: str
    """What is read to a caller; the same as the id where the vendor has no other number."""
    subject: str
    state: TicketState
    priority: Priority
    customer_id: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """A call or a thread that took place, told for the company's own people."""

    summary: str
    started_at: datetime
    duration_s: int
    channel: str
    outcome: str = ""
    customer_id: str | None = None
    ticket_id: str | None = None
    phone: str | None = None

    @property
    def title(self) -> str:
        return f"{self.channel}, {self.outcome}" if self.outcome else self.channel


class HistoryKind(StrEnum):
    TICKET = "ticket"
    INTERACTION = "interaction"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    kind: HistoryKind
    reference: str
    summary: str
    at: datetime
    state: TicketState | None = None
    number: str = ""
    """Of a ticket, as it is read to a caller."""


def ticket_entry(ticket: Ticket) -> HistoryEntry:
    return HistoryEntry(
        kind=HistoryKind.TICKET,
        reference=ticket.ticket_id,
        summary=ticket.subject,
        at=ticket.updated_at,
        state=ticket.state,
        number=ticket.number,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`state` is the vendor's own word. `customer_id` and `phone` are what a caller's second fact is compared with."""

    number: str
    state: str
    customer_id: str | None = None
    phone: str | None = None
    expected_on: str | None = None
    """ISO 8601 date."""


class Crm(Protocol):
    """One tenant's account at one vendor.

    Every write takes the action's key (`domain.actions.action_key`), and the same key has one effect however often,
    and by however many processes, it is asked. A write ends in one of these ways:

    - it returns: the effect exists, made now or by an earlier attempt,
    - NotFound, Rejected: nothing was done, and asking again does not help; NotFound also when what an earlier attempt
      made has been deleted since,
    - Unavailable(retry_after_ms): ask again with the same key, after that time. Either nothing was done, or it can't be
      seen yet; asking earlier is refused in the same way and does no harm,
    - OutcomeUnknown: it may have been done, and no search tells. A person has to look. Asking again looks once more
      and never repeats the write.

    Reads raise NotFound, Rejected and Unavailable. An id that no vendor could have given is NotFound.
    """

    system: str

    async def check(self) -> str:
        """Whose account this is, by the vendor's own answer: what a test button shows."""
        ...

    async def customers_by_phone(self, phone: str) -> list[Customer]:
        """Best first; several where a family or an office shares a number."""
        ...

    async def customers_by_email(self, email: str) -> list[Customer]: ...

    async def customer(self, customer_id: str) -> Customer:
        """By the id that a ticket has for its customer."""
        ...

    async def history(self, customer_id: str, limit: int = 10) -> list[HistoryEntry]:
        """Newest first."""
        ...

    async def ticket(self, ticket_id: str) -> Ticket:
        """By its id, or by the number that a caller says."""
        ...

    async def tickets_changed(self, since: datetime, limit: int = 100) -> list[Ticket]:
        """Oldest change first: polling, for nobody pushes changes to a machine behind a company's firewall."""
        ...

    async def order(self, number: str) -> Order:
        """Raises Rejected where the vendor has no orders."""
        ...

    async def create_ticket(self, draft: TicketDraft, key: str) -> Ticket: ...

    async def update_ticket(self, ticket_id: str, change: TicketChange, key: str) -> Ticket: ...

    async def withdraw_ticket(self, ticket_id: str, reason: str, key: str) -> Ticket:
        """The compensation of `create_ticket`: closed for good, with the reason in a comment."""
        ...

    async def log_interaction(self, interaction: Interaction, key: str) -> str:
        """The reference of what was written."""
        ...

    async def trigger_workflow(self, ticket_id: str, name: str, key: str) -> None:
        """Mark a ticket so that the vendor's own automation starts; once for a ticket and a name."""
        ...

    async def close(self) -> None: ...


MIN_SAME_DIGITS = 7
"""Shorter numbers are extensions and short codes: they are compared whole."""
MAX_TRUNK_DIGITS = 4
"""A country code and a trunk zero: how much longer the same number is when it is written in full."""


def same_number(one: str, other: str) -> bool:
    """Whether two ways of writing a telephone number mean the same: +966 50 123 4567, 00966501234567, 0501234567."""
    first, second = (re.sub(r"\D", "", text).lstrip("0") for text in (one, other))
    short, long = sorted((first, second), key=len)
    if len(short) < MIN_SAME_DIGITS:
        return bool(short) and short == long
    return long.endswith(short) and len(long) - len(short) <= MAX_TRUNK_DIGITS
