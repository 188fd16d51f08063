"""Taking back what was just done."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tools.tool import ActionTold, Effect, Slots, Tool


class Cancel(Slots):
    what: Annotated[
        Literal["create_ticket", "book_visit", "schedule_callback"],
        Field(description="The latest of this kind that this call did"),
    ]


TOOL = Tool(
    name="cancel",
    about="Takes back the ticket, the visit or the callback that this call made last: a new action, done once.",
    takes=Cancel,
    gives=ActionTold,
    effect=Effect.WRITE,
    deadline_ms=7_000,
)
