"""Which call of the CRM port an action is: from a tool's name and slots to what the other system made."""

from __future__ import annotations

from collections.abc import Mapping

from domain.crm import Crm, Priority, TicketChange, TicketDraft
from domain.errors import Rejected

SUBJECT_CHARS = 120


async def perform(crm: Crm, action: str, slots: Mapping[str, str], key: str) -> str:
    """The reference of what was made or changed. Raises what the port raises, and Rejected for an unknown action."""
    match action:
        case "create_ticket":
            ticket = await crm.create_ticket(_draft(slots), key)
            return ticket.number
        case "update_ticket":
            change = TicketChange(comment=slots.get("comment", ""))
            ticket = await crm.update_ticket(slots.get("ticket", ""), change, key)
            return ticket.number
        case _:
            raise Rejected(crm.system, "no such action")


def _draft(slots: Mapping[str, str]) -> TicketDraft:
    trouble = slots.get("trouble", "").strip()
    return TicketDraft(
        subject=trouble[:SUBJECT_CHARS],
        description=trouble,
        priority=Priority(slots["priority"]) if "priority" in slots else Priority.NORMAL,
        customer_id=slots.get("customer_id"),
        name=slots.get("name"),
        phone=slots.get("phone"),
        email=slots.get("email"),
    )
