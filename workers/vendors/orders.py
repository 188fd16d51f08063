"""Where a tenant's orders are: in its own table here, or else in the CRM that it has connected."""

from __future__ import annotations

from domain.acting.orders import OrderBook, OrderStatus, told_by_crm
from domain.errors import NotFound
from workers.vendors.crm import ConnectedCrms

WITH_ORDERS = frozenset({"hubspot", "salesforce"})
"""The vendors that keep orders at all, see docs/connectors.md."""


class TenantOrders:
    """Implements domain.acting.orders.OrderBook."""

    def __init__(self, own: OrderBook, crms: ConnectedCrms) -> None:
        self._own = own
        self._crms = crms

    async def order(self, tenant_id: str, number: str) -> OrderStatus | None:
        found = await self._own.order(tenant_id, number)
        if found is not None:
            return found
        crm = await self._crms.of(tenant_id)
        if crm is None or crm.system not in WITH_ORDERS:
            return None
        try:
            return told_by_crm(await crm.order(number))
        except NotFound:
            return None
