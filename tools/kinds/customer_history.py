"""Reading what became of a customer's tickets."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from domain.acting.assurance import Assurance
from tools.tool import Effect, Slots, TicketNumber, Tool


class CustomerHistory(Slots):
    ticket: Annotated[TicketNumber, Field(description="The number of one of the caller's tickets")]


class HistoryTold(Slots):
    history: Annotated[str, Field(description="Where the ticket stands and when it was last worked on, as it is read")]


TOOL = Tool(
    name="customer_history",
    about="Reads whether anybody has looked at the caller's own ticket, and where it stands.",
    takes=CustomerHistory,
    gives=HistoryTold,
    effect=Effect.READ,
    # The ticket that this very call opened is the caller's own without a proof.
    assurance=Assurance.SECOND_FACT,
    deadline_ms=6_000,
)
