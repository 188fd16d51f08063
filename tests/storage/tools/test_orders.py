"""A tenant's orders: sealed, brought in again, and nobody else's."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from domain.acting.orders import OrderStatus
from domain.speech import Language
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tools.orders import PostgresOrders

pytestmark = pytest.mark.servers


def an_order(number: str, english: str = "It is on its way.") -> OrderStatus:
    return OrderStatus(number=number, phone="+971501234567", status={Language.EN: english, Language.AR: "في الطريق."})


async def test_an_order_comes_back_to_its_own_tenant_only(
    db: Database, keys: PostgresKeyRing, tenant: str, other_tenant: str
) -> None:
    store = PostgresOrders(db, keys)
    await store.bring(tenant, [an_order("4572")], all_of_them=True)
    assert await store.order(tenant, "4572") == an_order("4572")
    assert await store.order(tenant, "4573") is None
    assert await store.order(other_tenant, "4572") is None
    async with db.tenant_transaction(tenant) as connection:
        sealed = await connection.scalar(text("SELECT order_sealed FROM hatif.orders"))
    assert b"501234567" not in sealed
    assert b"way" not in sealed


async def test_a_list_replaces_adds_and_takes_away_only_when_it_is_whole(
    db: Database, keys: PostgresKeyRing, tenant: str
) -> None:
    store = PostgresOrders(db, keys)
    await store.bring(tenant, [an_order("4572"), an_order("4573")], all_of_them=True)
    await store.bring(tenant, [an_order("4572", "It has arrived.")], all_of_them=False)
    assert await store.order(tenant, "4572") == an_order("4572", "It has arrived.")
    assert await store.order(tenant, "4573") is not None
    await store.bring(tenant, [an_order("4572")], all_of_them=True)
    assert await store.order(tenant, "4573") is None
