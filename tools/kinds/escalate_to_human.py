"""Bringing in a person."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from tools.tool import Effect, Slots, Tool


class EscalateToHuman(Slots):
    reason: Annotated[
        str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$"), Field(description="Why, by a code such as caller_asked")
    ]


class Nothing(Slots):
    pass


TOOL = Tool(
    name="escalate_to_human",
    about="Brings a person into the call, or promises to call back when nobody is there.",
    takes=EscalateToHuman,
    gives=Nothing,
    effect=Effect.WRITE,
    deadline_ms=1_000,
)
