"""Booking a technician's visit."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tools.tool import ActionTold, CallersWords, Clock, Day, Effect, Phone, Slots, Tool


class BookVisit(Slots):
    trouble: Annotated[CallersWords, Field(description="What the visit is for, in the caller's words")]
    day: Annotated[Day, Field(description="The day, Gregorian")]
    opens: Annotated[Clock, Field(description="When the window of the visit begins, where the company is")]
    closes: Annotated[Clock, Field(description="When it ends")]
    phone: Annotated[Phone, Field(description="Where the technician can reach the caller")]


TOOL = Tool(
    name="book_visit",
    about="Books a technician for a day and a window of the company's that is still free.",
    takes=BookVisit,
    gives=ActionTold,
    effect=Effect.WRITE,
    deadline_ms=7_000,
    amount_limited=True,
)
