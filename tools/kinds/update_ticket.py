"""Adding to a ticket."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from domain.acting.assurance import Assurance
from tools.tool import ActionTold, CallersWords, Effect, Slots, TicketNumber, Tool


class UpdateTicket(Slots):
    comment: Annotated[CallersWords, Field(description="What is to be added, in the caller's words")]
    ticket: Annotated[
        TicketNumber | None,
        Field(
            description="The ticket's number; without it the one that this call opened, or the only open one of theirs"
        ),
    ] = None


TOOL = Tool(
    name="update_ticket",
    about="Adds what the caller says to the ticket that this call opened, or to another one of theirs.",
    takes=UpdateTicket,
    gives=ActionTold,
    effect=Effect.WRITE,
    # The ticket that this very call opened is the caller's own without a proof.
    assurance=Assurance.SECOND_FACT,
    deadline_ms=7_000,
    amount_limited=True,
)
