"""Promising a call at a time."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tools.tool import ActionTold, Effect, Moment, Phone, Slots, Tool


class ScheduleCallback(Slots):
    at: Annotated[Moment, Field(description="When, within the hours in which the company calls people")]
    phone: Annotated[Phone, Field(description="The number to call, as the caller said it")]


TOOL = Tool(
    name="schedule_callback",
    about="Promises that a person calls back at a time.",
    takes=ScheduleCallback,
    gives=ActionTold,
    effect=Effect.WRITE,
    deadline_ms=7_000,
)
