"""What foreign desks are told, written with the handoff itself, and messages that came before."""

from __future__ import annotations

import asyncio
import time

import pytest

from domain.desk.handoffs import Left
from domain.desk.hooks import DeskEvent, DeskHook
from storage.desk.hooks import PostgresDeskHooks
from storage.keys import PostgresKeyRing
from storage.session import Database

from .conftest import Floor

pytestmark = pytest.mark.servers


@pytest.fixture
def hooks(db: Database, keys: PostgresKeyRing) -> PostgresDeskHooks:
    return PostgresDeskHooks(db, keys)


async def test_a_desk_is_named_and_removed(hooks: PostgresDeskHooks, floor: Floor):
    assert (await hooks.hook(floor.tenant_id), await hooks.secret(floor.tenant_id)) == (None, None)
    await hooks.save(floor.tenant_id, DeskHook(url="https://desk.example/a"), "one")
    await hooks.save(floor.tenant_id, DeskHook(url="https://desk.example/b"), "two")
    assert await hooks.hook(floor.tenant_id) == DeskHook(url="https://desk.example/b")
    assert await hooks.secret(floor.tenant_id) == "two"
    assert await hooks.remove(floor.tenant_id)
    assert not await hooks.remove(floor.tenant_id)
    assert (await hooks.hook(floor.tenant_id), await hooks.secret(floor.tenant_id)) == (None, None)


async def test_without_a_foreign_desk_nothing_is_noted(hooks: PostgresDeskHooks, floor: Floor):
    await floor.caller()
    assert floor.tenant_id not in await hooks.tenants_due()
    assert await hooks.claim(floor.tenant_id) == []


async def test_every_turn_of_a_handoff_is_told_in_order(hooks: PostgresDeskHooks, floor: Floor):
    await hooks.save(floor.tenant_id, DeskHook(url="https://desk.example/"), "secret")
    await floor.advisor("anna")
    handoff_id = await floor.caller()
    tenant_id = floor.tenant_id
    assert await floor.handoffs.claim_next(tenant_id, handoff_id, 1)
    await floor.handoffs.accepted(tenant_id, handoff_id, 1)
    await floor.handoffs.accepted(tenant_id, handoff_id, 1)
    await floor.handoffs.left(tenant_id, handoff_id, 1, Left.REQUEUED, time.time() + 60)
    await floor.handoffs.ended(tenant_id, handoff_id, "caller_gone")
    await floor.handoffs.ended(tenant_id, handoff_id, "finished")
    assert tenant_id in await hooks.tenants_due()
    events = await hooks.claim(tenant_id)
    assert [event.event for event in events] == [
        DeskEvent.OFFERED,
        DeskEvent.WITHDRAWN,
        DeskEvent.OFFERED,
        DeskEvent.ENDED,
    ]
    assert {event.body["handoff"]["handoff_id"] for event in events} == {handoff_id}
    assert events[-1].body["handoff"]["result"] == "caller_gone"


async def test_one_event_is_had_by_one_process_at_a_time(hooks: PostgresDeskHooks, floor: Floor):
    await hooks.save(floor.tenant_id, DeskHook(url="https://desk.example/"), "secret")
    for _ in range(4):
        await floor.caller()
    had = await asyncio.gather(*(hooks.claim(floor.tenant_id) for _ in range(4)))
    ids = [event.event_id for events in had for event in events]
    assert len(ids) == len(set(ids)) == 4


async def test_an_event_comes_again_until_it_is_delivered_or_given_up(hooks: PostgresDeskHooks, floor: Floor):
    await hooks.save(floor.tenant_id, DeskHook(url="https://desk.example/"), "secret")
    await floor.caller()
    [event] = await hooks.claim(floor.tenant_id)
    assert event.tries == 1
    await hooks.not_delivered(event, time.time() - 1)
    [again] = await hooks.claim(floor.tenant_id)
    assert (again.event_id, again.tries) == (event.event_id, 2)
    await hooks.not_delivered(again, None)
    assert await hooks.claim(floor.tenant_id) == []
    await floor.caller()
    [other] = await hooks.claim(floor.tenant_id)
    await hooks.delivered(other)
    assert await hooks.claim(floor.tenant_id) == []
    assert floor.tenant_id not in await hooks.tenants_due()


async def test_a_message_is_new_once(hooks: PostgresDeskHooks, floor: Floor, other_tenant: str):
    first = await asyncio.gather(*(hooks.is_new(floor.tenant_id, "m") for _ in range(5)))
    assert first.count(True) == 1
    assert await hooks.is_new(other_tenant, "m")
    await hooks.forget(floor.tenant_id, "m")
    assert await hooks.is_new(floor.tenant_id, "m")
