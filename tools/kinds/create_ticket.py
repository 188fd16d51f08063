"""Opening a ticket."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tools.tool import ActionTold, CallersWords, Effect, Phone, Slots, Tool


class CreateTicket(Slots):
    trouble: Annotated[CallersWords, Field(description="What is wrong, in the caller's words")]
    phone: Annotated[Phone | None, Field(description="Where the caller can be reached")] = None


TOOL = Tool(
    name="create_ticket",
    about="Opens a ticket about what the caller reports.",
    takes=CreateTicket,
    gives=ActionTold,
    effect=Effect.WRITE,
    deadline_ms=7_000,
    amount_limited=True,
)
