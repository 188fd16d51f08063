"""The orders, or appointments, that the administrator's own tenant keeps here: brought in, looked at, removed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field

from domain.acting.orders import OrderStatus
from domain.speech import Language
from gateway.access import Admin
from gateway.body import Body
from gateway.deps import Deps
from gateway.problems import Problem
from gateway.team.words import Sentence

router = APIRouter(prefix="/v1/orders")

MOST_AT_ONCE = 100
"""With two sentences each they fit a body; a longer list comes in parts."""
NUMBER = r"^[0-9]{3,8}$"
PHONE = r"^\+?[0-9][0-9 ()-]{5,22}[0-9]$"
SHOWN_DIGITS = 3
"""Of the phone: enough to recognise it, and no use to whoever looks over a shoulder."""

Number = Annotated[str, Path(pattern=NUMBER)]


class StatusTold(Body):
    en: Sentence
    ar: Sentence


class OrderAsked(Body):
    number: Annotated[str, Field(pattern=NUMBER)]
    phone: Annotated[str, Field(pattern=PHONE)] | None = None
    """Without one nobody hears of it."""
    status: StatusTold


class OrdersAsked(Body):
    orders: Annotated[list[OrderAsked], Field(min_length=1, max_length=MOST_AT_ONCE)]


@router.get("")
async def listed(
    admin: Admin, deps: Deps, after: Annotated[str, Query(pattern=r"^[0-9]{0,8}$")] = ""
) -> dict[str, Any]:
    found = await deps.orders.listed(admin.tenant_id, MOST_AT_ONCE, after)
    return {"count": await deps.orders.count(admin.tenant_id), "orders": [_shown(order) for order in found]}


@router.post("")
async def bring(asked: OrdersAsked, admin: Admin, deps: Deps) -> dict[str, Any]:
    """Each replaces the one with its number; the others stay."""
    listed = {
        order.number: OrderStatus(
            number=order.number,
            phone=order.phone,
            status={Language.EN: order.status.en, Language.AR: order.status.ar},
        )
        for order in asked.orders
    }
    if len(listed) < len(asked.orders):
        raise Problem(422, "invalid", "A number is listed twice.")
    await deps.orders.bring(admin.tenant_id, list(listed.values()), all_of_them=False)
    await deps.audit.record(admin.tenant_id, admin.user_id, "orders_brought", "orders", {"count": str(len(listed))})
    return {"count": await deps.orders.count(admin.tenant_id)}


@router.delete("/{number}", status_code=204)
async def remove(number: Number, admin: Admin, deps: Deps) -> None:
    if not await deps.orders.remove(admin.tenant_id, number):
        raise Problem(404, "not_found", "There is no such order.")
    await deps.audit.record(admin.tenant_id, admin.user_id, "order_removed", number, {})


def _shown(order: OrderStatus) -> dict[str, Any]:
    return {
        "number": order.number,
        "phone_ends": order.phone[-SHOWN_DIGITS:] if order.phone else None,
        "status": {language.value: text for language, text in order.status.items()},
    }
