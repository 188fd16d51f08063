"""A caller looked up in the tenant's CRM beside the search for a person: within a deadline, and never in its way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from temporalio import activity

from domain.crm import Crm, Customer
from domain.desk.callbacks import Contact
from domain.desk.customer import MOST_CUSTOMERS, Address, CrmAnswer, CustomerKnown, FoundBy, addresses_of, known
from domain.errors import HatifError
from domain.speech import Turn

CUSTOMER_MS = 4_000
"""A vendor answers a search in half a second and a history in another; it rings for twenty."""
HISTORY = 10
"""Of each customer, newest first: an open ticket that is older than ten others is not what somebody calls about."""


class Contacts(Protocol):
    async def contact(self, tenant_id: str, call_id: str) -> Contact: ...


AddressOf = Callable[[str, str], Awaitable[str | None]]
"""The number that the person of a thread writes from, by tenant and call."""


class CustomerLookup:
    """Implements CustomerRecords."""

    def __init__(
        self,
        crm_of: Callable[[str], Awaitable[Crm | None]],
        contacts: Contacts,
        writes_from: AddressOf,
        *,
        deadline_ms: int = CUSTOMER_MS,
    ) -> None:
        self._crm_of = crm_of
        self._contacts = contacts
        self._writes_from = writes_from
        self._deadline_ms = deadline_ms

    async def of_caller(self, tenant_id: str, call_id: str, turns: Sequence[Turn]) -> CustomerKnown:
        try:
            async with asyncio.timeout(self._deadline_ms / 1000):
                return await self._looked_up(tenant_id, call_id, turns)
        except (HatifError, TimeoutError) as error:
            activity.logger.warning("brief_without_customer", extra={"error": type(error).__name__})
            return CustomerKnown(answer=CrmAnswer.AWAY)

    async def _looked_up(self, tenant_id: str, call_id: str, turns: Sequence[Turn]) -> CustomerKnown:
        crm = await self._crm_of(tenant_id)
        if crm is None:
            return CustomerKnown(answer=CrmAnswer.NOT_CONNECTED)
        addresses = addresses_of(
            turns,
            number=(await self._contacts.contact(tenant_id, call_id)).number,
            writes_from=await self._writes_from(tenant_id, call_id),
        )
        if not addresses:
            return CustomerKnown(answer=CrmAnswer.NO_ADDRESS)
        for address in addresses:
            customers = await _found(crm, address)
            if customers:
                first = customers[:MOST_CUSTOMERS]
                histories = await asyncio.gather(*(crm.history(each.customer_id, HISTORY) for each in first))
                return known(crm.system, address.by, customers, histories)
        return CustomerKnown(answer=CrmAnswer.STRANGER)


async def _found(crm: Crm, address: Address) -> list[Customer]:
    if address.by is FoundBy.EMAIL:
        return await crm.customers_by_email(address.value)
    return await crm.customers_by_phone(address.value)
