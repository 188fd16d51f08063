"""A tenant's orders, or appointments: what is read to a caller once it is certain that it is theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from domain.calendar.words import shown_date
from domain.crm import Order
from domain.speech import Language
from domain.tenant import Words

AT: Words = {
    Language.EN: "Its state in our system is: {state}.",
    Language.AR: "حالته في نظامنا: {state}.",
}
EXPECTED: Words = {
    Language.EN: "It is expected on {day}.",
    Language.AR: "موعده المتوقع {day}.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStatus:
    """One order. Its words and its phone are personal data."""

    number: str
    phone: str | None
    """The second fact that its caller has to tell; nobody hears of an order without one."""
    status: Words
    """Where it stands, in whole sentences."""


class OrderBook(Protocol):
    """Where a tenant's orders are looked up."""

    async def order(self, tenant_id: str, number: str) -> OrderStatus | None:
        """None for a number that the tenant doesn't have. Raises Rejected, Unavailable."""
        ...


class OrderImport(Protocol):
    """Where orders are brought in from a file. Raises Unavailable("postgres", ...)."""

    async def bring(self, tenant_id: str, listed: Sequence[OrderStatus], *, all_of_them: bool) -> None:
        """Add or replace each by its number; with `all_of_them` those that are not listed go."""
        ...


class OrderShelf(OrderImport, Protocol):
    """The orders that a tenant keeps here, for its administrators. Raises Unavailable("postgres", ...)."""

    async def count(self, tenant_id: str) -> int: ...

    async def listed(self, tenant_id: str, limit: int, after: str) -> list[OrderStatus]:
        """By number, those behind `after`."""
        ...

    async def remove(self, tenant_id: str, number: str) -> bool:
        """False when there was none."""
        ...


def told_by_crm(order: Order) -> OrderStatus:
    """A vendor's order in sentences; the state is the vendor's own word, whatever its language."""
    return OrderStatus(
        number=order.number, phone=order.phone, status={each: _sentences(order, each) for each in Language}
    )


def _sentences(order: Order, language: Language) -> str:
    said = AT[language].format(state=order.state)
    try:
        day = date.fromisoformat(order.expected_on or "")
    except ValueError:
        return said
    return f"{said} {EXPECTED[language].format(day=shown_date(day, language))}"
