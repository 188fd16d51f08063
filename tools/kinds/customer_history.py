"""Reading what became of a customer's tickets."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from domain.acting.assurance import Assurance
from tools.tool import Effect, Slots, TicketNumber, Tool


class CustomerHistory(Slots):
    number: Annotated[
        TicketNumber,
        Field(description="Of one of the caller's tickets, or of an order of theirs for all their tickets"),
    ]


class HistoryTold(Slots):
    history: Annotated[str, Field(description="Where the ticket stands, or the latest three, as it is read")]


TOOL = Tool(
    name="customer_history",
    about="Reads where the caller's own ticket stands, or up to three of them.",
    takes=CustomerHistory,
    gives=HistoryTold,
    effect=Effect.READ,
    # The ticket that this very call opened is the caller's own without a proof.
    assurance=Assurance.SECOND_FACT,
    deadline_ms=6_000,
)
