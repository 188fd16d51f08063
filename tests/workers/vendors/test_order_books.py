"""Where a tenant's orders are looked up: in its own table, and in the CRM that it connected. One port, one contract."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from domain.acting.connection import ConnectionRow
from domain.acting.orders import OrderBook, OrderStatus
from domain.errors import HatifError
from domain.speech import Language
from storage.connections import PostgresConnections, PostgresSecrets
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tenants import PostgresTenants
from storage.tools.orders import PostgresOrders
from tests.conftest import DatabaseUrls
from tests.connectors.fakes.hubspot import FakeHubSpot
from tests.storage.conftest import a_profile
from workers.vendors.crm import ConnectedCrms
from workers.vendors.orders import TenantOrders

pytestmark = pytest.mark.servers

OURS = OrderStatus(number="4572", phone="+966501234567", status=dict.fromkeys(Language, "It is on its way."))


@dataclass
class Shelf:
    """A book with the order 4572 of one tenant, and nothing of another's."""

    book: OrderBook
    own: PostgresOrders
    tenant: str
    other: str
    fake: FakeHubSpot | None


@pytest.fixture(params=["own", "crm"])
async def shelf(request: pytest.FixtureRequest, database: DatabaseUrls) -> AsyncIterator[Shelf]:
    db = Database(database.app)
    keys = PostgresKeyRing(db, os.urandom(32))
    own, crms = PostgresOrders(db, keys), ConnectedCrms(db, keys)
    tenant, other = (f"t-{uuid.uuid4().hex[:8]}" for _ in range(2))
    for each in (tenant, other):
        await PostgresTenants(db, keys).save(a_profile(each, each))
    if request.param == "own":
        await own.bring(tenant, [OURS], all_of_them=True)
        yield Shelf(own, own, tenant, other, None)
    else:
        fake = FakeHubSpot()
        fake.credentials.add("Bearer key")
        async with fake.serving() as url:
            row = ConnectionRow(tenant_id=tenant, connection_id="crm", system="hubspot", url=url)
            await PostgresConnections(db).save(row)
            await PostgresSecrets(db, keys, tenant).write("crm.key", "key")
            yield Shelf(TenantOrders(own, crms), own, tenant, other, fake)
            await crms.close()
    await db.close()


async def test_an_order_comes_with_its_phone_and_a_sentence_in_each_language(shelf: Shelf) -> None:
    order = await shelf.book.order(shelf.tenant, "4572")
    assert order is not None
    assert (order.number, order.phone) == ("4572", "+966501234567")
    assert set(order.status) == set(Language)
    assert all(order.status.values())


@pytest.mark.parametrize("number", ["4573", "457", "45720", "0", "٤٥٧٢", "4572 OR 1=1", "../4572", ""])
async def test_a_number_that_is_none_of_theirs_is_nothing(shelf: Shelf, number: str) -> None:
    assert await shelf.book.order(shelf.tenant, number) is None


async def test_another_tenant_has_none_of_it(shelf: Shelf) -> None:
    assert await shelf.book.order(shelf.other, "4572") is None


async def test_what_was_brought_in_here_comes_before_what_a_vendor_says(shelf: Shelf) -> None:
    await shelf.own.bring(shelf.tenant, [OURS], all_of_them=True)
    assert await shelf.book.order(shelf.tenant, "4572") == OURS


async def test_a_vendor_that_refuses_is_no_empty_book(shelf: Shelf) -> None:
    if shelf.fake is None:
        return
    shelf.fake.credentials.clear()
    with pytest.raises(HatifError):
        await shelf.book.order(shelf.tenant, "4572")
