"""What a company's CRM is told of a call that is over, where the connection says so: that it was, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from domain.acting.action import ActionRow, ActionState
from domain.acting.aim import OF_KEY
from domain.answering import triggers
from domain.answering.spelling import fold
from domain.call import CallRow, Channel, Outcome
from domain.crm import Interaction
from domain.desk.customer import Address, FoundBy
from domain.post_call import Disposition
from domain.speech import Speaker, Turn

LOG_CALL, START_WORKFLOW = "log_call", "start_workflow"
AFTERWARDS = (LOG_CALL, START_WORKFLOW)
"""Actions of the house's own: no caller asks for them, and no tool proposes them."""

LOG_CALLS, START_WORKFLOWS = "log_calls", "start_workflows"
"""Settings of a connection."""
ON = "yes"

TICKET, WORKFLOW, SUMMARY, PHONE, EMAIL = "ticket", "workflow", "summary", "phone", "email"
"""Slots."""

_ON_TICKETS = frozenset({"create_ticket", "update_ticket", "book_visit"})
"""Actions whose reference is a ticket's number."""
_NO_CALLS = (Outcome.BUSY, Outcome.REFUSED)
_CHANNELS: Mapping[Channel, str] = {Channel.WEB: "Web call", Channel.PHONE: "Phone call"}


class LogCalls(StrEnum):
    """How much of a call is written down there."""

    NO = "no"
    BARE = "bare"
    """When it was, how long, and how it ended: nothing of what was said."""
    SUMMARY = "summary"
    """Its summary too; never its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one connection wants to be told."""

    log_calls: LogCalls = LogCalls.NO
    start_workflows: bool = False


NOTHING = Wanted()


def wanted(settings: Mapping[str, str]) -> Wanted:
    """A connection that never said so is told nothing."""
    return Wanted(
        log_calls=LogCalls(settings.get(LOG_CALLS, LogCalls.NO)), start_workflows=settings.get(START_WORKFLOWS) == ON
    )


def due(
    asked: Wanted, call: CallRow, addresses: Sequence[Address], actions: Sequence[ActionRow]
) -> Iterator[tuple[str, dict[str, str]]]:
    """What is to be done there now, by action and slots; `actions` are the call's own.

    A call without a request, and one whose words were erased, is nobody's business there. One is written down on the
    ticket that it opened or changed, else with the customer that it can be filed under.
    """
    erased = call.summary is None
    if erased or call.outcome in _NO_CALLS or call.disposition in (None, Disposition.NO_REQUEST):
        return
    tickets = _tickets(actions)
    who = {_slot(address): address.value for address in addresses[:1]}
    if asked.log_calls is not LogCalls.NO and (tickets or who):
        words = {SUMMARY: call.summary or ""} if asked.log_calls is LogCalls.SUMMARY else {}
        yield LOG_CALL, ({TICKET: tickets[0]} if tickets else {}) | who | words
    if asked.start_workflows:
        for ticket in tickets:
            yield START_WORKFLOW, {TICKET: ticket, WORKFLOW: call.disposition}


def asked_never_to_be_called(turns: Sequence[Turn]) -> bool:
    return any(turn.speaker is Speaker.CALLER and triggers.asks_never_to_be_called(fold(turn.text)) for turn in turns)


def interaction(
    call: CallRow, summary: str, phone: str | None, customer: str | None, ticket: str | None
) -> Interaction:
    """`customer` and `ticket` by their ids there."""
    ended_at = call.started_at if call.ended_at is None else call.ended_at
    return Interaction(
        summary=summary,
        started_at=datetime.fromtimestamp(call.started_at, UTC),
        duration_s=round(ended_at - call.started_at),
        channel=_CHANNELS.get(call.channel, call.channel),
        outcome=(call.disposition or "").replace("_", " "),
        customer_id=customer,
        ticket_id=ticket,
        phone=phone,
    )


def _tickets(actions: Sequence[ActionRow]) -> list[str]:
    """The numbers of those that the call opened or changed and did not take back, each once."""
    taken_back = {row.slots.get(OF_KEY) for row in actions if row.state is ActionState.DONE}
    numbers = (
        row.reference
        for row in actions
        if row.action in _ON_TICKETS and row.state is ActionState.DONE and row.key not in taken_back
    )
    return list(dict.fromkeys(number for number in numbers if number))


def _slot(address: Address) -> str:
    return EMAIL if address.by is FoundBy.EMAIL else PHONE
