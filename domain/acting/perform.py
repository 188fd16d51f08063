"""How an action is done: from a tool's name and slots to what another system, or a book of ours, made of it."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from domain.acting.action import ActionStart
from domain.acting.afterwards import EMAIL, LOG_CALL, PHONE, START_WORKFLOW, SUMMARY, TICKET, WORKFLOW, interaction
from domain.acting.aim import OF_KEY, REFERENCE
from domain.acting.visits import FULL, NewVisit, VisitBook, Window, at_once
from domain.answering.tickets import headline
from domain.call import CallRow
from domain.crm import Crm, Customer, TicketChange, TicketDraft
from domain.errors import NotFound, Refused, Rejected
from domain.hours import time_on, zone_of
from domain.tenant import TenantProfile

SUBJECT_CHARS = 120
NO_SUCH_CUSTOMER = "no_such_customer"
"""Reason: there is nobody that the call could be filed under."""
WITHDRAWN = "Taken back by the caller."
"""For the company's own people, in the ticket that is closed again."""


class CallbackPromises(Protocol):
    """Where the agent promises that somebody calls back. Raises Rejected, Unavailable."""

    async def promise(self, start: ActionStart, at: datetime, phone: str) -> str:
        """The callback's id. Idempotent by the action's key; one that the call has already is moved to this time.

        Raises Rejected where this number may not be called.
        """
        ...

    async def cancel(self, tenant_id: str, callback_id: str) -> None:
        """One that is settled is left alone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One action, and all that it may be done with. Each step of it may be repeated under its key."""

    start: ActionStart
    profile: TenantProfile
    vendor: Crm | None
    visits: VisitBook
    callbacks: CallbackPromises
    call: CallRow | None = None
    """The call itself, for what is done after it."""

    @property
    def slots(self) -> Mapping[str, str]:
        return self.start.slots

    @property
    def crm(self) -> Crm:
        if self.vendor is None:
            raise Rejected("crm", "no CRM is connected")
        return self.vendor


async def perform(deed: Deed) -> str:
    """The reference of what was made or changed. Raises what the ports raise, and Rejected for an unknown action."""
    doing = DOING.get(deed.start.action)
    if doing is None:
        raise Rejected("tools", "no such action")
    return await doing(deed)


async def _create_ticket(deed: Deed) -> str:
    ticket = await deed.crm.create_ticket(await _draft(deed), deed.start.key)
    return ticket.number


async def _update_ticket(deed: Deed) -> str:
    found = await deed.crm.ticket(deed.slots.get("ticket", ""))
    change = TicketChange(comment=deed.slots.get("comment", ""))
    return (await deed.crm.update_ticket(found.ticket_id, change, deed.start.key)).number


async def _book_visit(deed: Deed) -> str:
    """First the window, then the ticket that sends somebody; a window whose ticket is refused is given back."""
    start, window = deed.start, _window(deed.slots)
    crm, many = deed.crm, at_once(deed.profile, window)
    if not many:
        raise Rejected("visits", FULL)
    await deed.visits.book(start.tenant_id, NewVisit(key=start.key, call_id=start.call_id, window=window, at_once=many))
    due_at = time_on(window.day, window.opens, zone_of(deed.profile))
    at = f"{window.day.isoformat()} {window.opens}-{window.closes}"
    try:
        draft = await _draft(deed, at=at, due_at=due_at)
        return (await crm.create_ticket(draft, start.key)).number
    except (NotFound, Rejected):
        await deed.visits.cancel(start.tenant_id, start.key)
        raise


async def _schedule_callback(deed: Deed) -> str:
    at = datetime.fromisoformat(deed.slots.get("at", ""))
    return await deed.callbacks.promise(deed.start, at, deed.slots.get("phone", ""))


async def _cancel(deed: Deed) -> str:
    """What the call did is undone where it was done, each by the means of its own."""
    slots, start = deed.slots, deed.start
    reference = slots.get(REFERENCE, "")
    match slots.get("what"):
        case "create_ticket":
            await _withdraw(deed, reference)
        case "book_visit":
            await deed.visits.cancel(start.tenant_id, slots.get(OF_KEY, ""))
            await _withdraw(deed, reference)
        case "schedule_callback":
            await deed.callbacks.cancel(start.tenant_id, reference)
        case _:
            raise Rejected("tools", "this can't be taken back")
    return reference


async def _withdraw(deed: Deed, number: str) -> None:
    found = await deed.crm.ticket(number)
    await deed.crm.withdraw_ticket(found.ticket_id, WITHDRAWN, deed.start.key)


async def _log_call(deed: Deed) -> str:
    """On its ticket where it has one; otherwise with its customer, or under the number that was said."""
    slots = deed.slots
    if deed.call is None:
        raise NotFound("calls", "there is no such call")
    number, phone = slots.get(TICKET), slots.get(PHONE)
    ticket = (await deed.crm.ticket(number)).ticket_id if number else None
    customer = await _customer(deed)
    if not (ticket or customer or phone):
        raise Refused(NO_SUCH_CUSTOMER, "Nobody of this address is known there.")
    told = interaction(deed.call, slots.get(SUMMARY, ""), phone, customer, ticket)
    return await deed.crm.log_interaction(told, deed.start.key)


async def _start_workflow(deed: Deed) -> str:
    ticket = await deed.crm.ticket(deed.slots.get(TICKET, ""))
    await deed.crm.trigger_workflow(ticket.ticket_id, deed.slots.get(WORKFLOW, ""), deed.start.key)
    return ticket.number


DOING: Mapping[str, Callable[[Deed], Awaitable[str]]] = {
    "create_ticket": _create_ticket,
    "update_ticket": _update_ticket,
    "book_visit": _book_visit,
    "schedule_callback": _schedule_callback,
    "cancel": _cancel,
    LOG_CALL: _log_call,
    START_WORKFLOW: _start_workflow,
}
"""Every action that changes something, a line each."""


def _window(slots: Mapping[str, str]) -> Window:
    try:
        day = date.fromisoformat(slots.get("day", ""))
    except ValueError:
        raise Rejected("visits", "this is no day") from None
    return Window(day=day, opens=slots.get("opens", ""), closes=slots.get("closes", ""))


async def _draft(deed: Deed, *, at: str = "", due_at: datetime | None = None) -> TicketDraft:
    """In the name of the one customer who has this number; otherwise with the number alone. `at` opens its words."""
    trouble = deed.slots.get("trouble", "").strip()
    return TicketDraft(
        subject=f"{at} {headline(trouble)}".strip()[:SUBJECT_CHARS],
        description=f"{at}\n{trouble}".strip(),
        customer_id=await _customer(deed),
        phone=deed.slots.get(PHONE),
        due_at=due_at,
    )


async def _customer(deed: Deed) -> str | None:
    """The id of the one customer who has the number, or the address, that the caller gave; of several, none."""
    phone, email = deed.slots.get(PHONE), deed.slots.get(EMAIL)
    customers: list[Customer] = []
    with contextlib.suppress(NotFound, Rejected):  # An account that may open tickets may not search people.
        if phone:
            customers = await deed.crm.customers_by_phone(phone)
        elif email:
            customers = await deed.crm.customers_by_email(email)
    return customers[0].customer_id if len(customers) == 1 else None
