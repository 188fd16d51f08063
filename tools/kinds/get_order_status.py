"""Reading where an order or appointment stands."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from domain.acting.assurance import Assurance
from tools.tool import Effect, OrderNumber, Slots, Tool


class GetOrderStatus(Slots):
    number: Annotated[OrderNumber, Field(description="The number of the order or appointment")]


class OrderTold(Slots):
    status: Annotated[str, Field(description="Where it stands, as it is read to the caller")]


TOOL = Tool(
    name="get_order_status",
    about="Reads where the caller's own order or appointment stands.",
    takes=GetOrderStatus,
    gives=OrderTold,
    effect=Effect.READ,
    assurance=Assurance.SECOND_FACT,
    deadline_ms=6_000,
)
