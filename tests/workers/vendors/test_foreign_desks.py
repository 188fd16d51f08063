"""Telling foreign desks: over a real store and a real socket."""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest

from connectors.desk_hook import DeskMessenger
from domain.desk.handoffs import NewHandoff
from domain.desk.hooks import DeskEvent, DeskHook, OutgoingEvent
from domain.speech import Language
from domain.tenant import TenantProfile
from storage.calls import PostgresCalls
from storage.desk.handoffs import PostgresHandoffs
from storage.desk.hooks import PostgresDeskHooks
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tenants import PostgresTenants
from tests.conftest import DatabaseUrls
from tests.connectors.test_desk_hook import ForeignDesk
from workers.vendors.foreign_desks import PAUSES_S, ForeignDesks, next_try

pytestmark = pytest.mark.servers


@pytest.fixture
def desk() -> Iterator[ForeignDesk]:
    with ForeignDesk() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


class House:
    def __init__(self, database: Database) -> None:
        self.keys = PostgresKeyRing(database, os.urandom(32))
        self.tenants = PostgresTenants(database, self.keys)
        self.calls = PostgresCalls(database, self.keys)
        self.handoffs = PostgresHandoffs(database, self.keys)
        self.hooks = PostgresDeskHooks(database, self.keys)

    async def tenant(self) -> str:
        name = uuid.uuid4().hex[:12]
        words = {Language.EN: name, Language.AR: name}
        await self.tenants.save(
            TenantProfile(
                tenant_id=name,
                slug=name,
                name=words,
                persona=words,
                greeting=words,
                default_language=Language.EN,
                emergency_number="998",
                time_zone="Asia/Dubai",
            )
        )
        return name

    async def caller(self, tenant_id: str) -> str:
        call_id = uuid.uuid4().hex
        await self.calls.create_call(tenant_id, call_id, "web", None)
        await self.handoffs.open(
            tenant_id,
            NewHandoff(
                handoff_id=f"{call_id}-1",
                call_id=call_id,
                number=1,
                reason="caller_asked",
                urgent=False,
                by="caller",
                language=Language.EN,
                queue_id="default",
            ),
        )
        return f"{call_id}-1"


@pytest.fixture
async def house(database: DatabaseUrls) -> AsyncIterator[House]:
    opened = Database(database.app)
    yield House(opened)
    await opened.close()


async def test_every_tenants_desk_is_told_its_own(house: House, desk: ForeignDesk):
    wanted: dict[str, str] = {}
    for name in ("a", "b"):
        tenant_id = await house.tenant()
        await house.hooks.save(tenant_id, DeskHook(url=f"http://{desk.host}/{name}"), f"secret {name}")
        wanted[name] = await house.caller(tenant_id)
    desks = ForeignDesks(house.hooks, DeskMessenger(frozenset({desk.host}), time.time))
    await desks.tell_all()
    await desks.tell_all()
    told = sorted(json.loads(body)["handoff"]["handoff_id"] for _, body in desk.heard)
    assert told == sorted(wanted.values())


async def test_a_desk_that_fails_is_told_again_and_one_that_was_removed_is_not(house: House, desk: ForeignDesk):
    tenant_id = await house.tenant()
    await house.hooks.save(tenant_id, DeskHook(url=f"http://{desk.host}/"), "secret")
    await house.caller(tenant_id)
    desk.answers = [500]
    desks = ForeignDesks(house.hooks, DeskMessenger(frozenset({desk.host}), time.time))
    await desks.tell_all()
    assert (len(desk.heard), tenant_id in await house.hooks.tenants_due()) == (1, False)
    await house.caller(tenant_id)
    await house.hooks.remove(tenant_id)
    await desks.tell_all()
    assert len(desk.heard) == 1
    assert tenant_id not in await house.hooks.tenants_due()


async def test_an_address_inside_is_given_up(house: House, desk: ForeignDesk):
    tenant_id = await house.tenant()
    await house.hooks.save(tenant_id, DeskHook(url=f"http://{desk.host}/"), "secret")
    await house.caller(tenant_id)
    await ForeignDesks(house.hooks, DeskMessenger(frozenset(), time.time)).tell_all()
    assert desk.heard == []
    assert tenant_id not in await house.hooks.tenants_due()


def test_the_pauses_grow_and_end():
    def event(tries: int) -> OutgoingEvent:
        return OutgoingEvent(tenant_id="t", event_id="e", event=DeskEvent.ENDED, body={}, created_at=0.0, tries=tries)

    waits = [next_try(event(tries), 100.0) for tries in range(1, len(PAUSES_S) + 2)]
    assert waits[-1] is None
    assert [wait - 100.0 for wait in waits[:-1] if wait is not None] == list(PAUSES_S)
