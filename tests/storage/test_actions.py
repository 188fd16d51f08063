"""Actions and what became of them, and the memory of what was begun at other systems."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from domain.acting.action import ActionStart, ActionState, ActResult
from domain.actions import Attempt, action_key
from domain.desk.handoffs import DESK_CHANGED
from domain.errors import Rejected
from domain.speech import Language
from storage.actions import PostgresActions, PostgresAttempts
from storage.calls import PostgresCalls
from storage.feed import PostgresFeed
from storage.keys import PostgresKeyRing
from storage.session import Database
from tests.storage.test_feed import following, listening

pytestmark = pytest.mark.servers
KEY = action_key("c", "create_ticket", {"subject": "fridge"})


@pytest.fixture
def actions(db: Database, keys: PostgresKeyRing) -> PostgresActions:
    return PostgresActions(db, keys)


def a_start(tenant: str, call_id: str, key: str = KEY) -> ActionStart:
    return ActionStart(
        tenant_id=tenant,
        call_id=call_id,
        key=key,
        action="create_ticket",
        slots={"trouble": "الثلاجة تسرب"},
        lease=1,
        language=Language.AR,
    )


DONE = ActResult(key=KEY, action="create_ticket", state=ActionState.DONE, reference="4711")


async def test_an_action_is_begun_once_and_its_first_end_stays(
    actions: PostgresActions, tenant: str, call_id: str
) -> None:
    start = a_start(tenant, call_id)
    await actions.begin(start, ActionState.RUNNING)
    await actions.begin(replace(start, lease=2), ActionState.RUNNING)
    (running,) = await actions.of_call(tenant, call_id)
    assert (running.state, running.lease, running.slots) == (ActionState.RUNNING, 1, {"trouble": "الثلاجة تسرب"})

    await actions.settle(tenant, DONE, call_id)
    await actions.settle(tenant, replace(DONE, state=ActionState.UNKNOWN, reference=None), call_id)
    (done,) = await actions.of_call(tenant, call_id)
    assert (done.state, done.reference) == (ActionState.DONE, "4711")
    assert done.finished_at is not None


async def test_slots_are_sealed_and_go_with_the_calls_key(
    actions: PostgresActions, db: Database, keys: PostgresKeyRing, tenant: str, call_id: str
) -> None:
    await actions.begin(a_start(tenant, call_id), ActionState.RUNNING)
    async with db.tenant_transaction(tenant) as connection:
        sealed = await connection.scalar(text("SELECT slots_sealed FROM hatif.actions"))
    assert "الثلاجة".encode() not in sealed
    assert b"trouble" not in sealed
    await keys.erase_key(tenant, call_id)
    (row,) = await actions.of_call(tenant, call_id)
    assert row.slots == {}
    with pytest.raises(Rejected):
        await actions.begin(a_start(tenant, call_id, "f" * 40), ActionState.RUNNING)


async def test_what_waits_for_a_person_is_listed_oldest_first(
    actions: PostgresActions, calls: PostgresCalls, tenant: str, other_tenant: str, call_id: str
) -> None:
    keys = [action_key("c", "create_ticket", {"subject": str(n)}) for n in range(3)]
    await actions.begin(a_start(tenant, call_id, keys[0]), ActionState.WAITING_APPROVAL)
    await actions.begin(a_start(tenant, call_id, keys[1]), ActionState.RUNNING)
    await actions.begin(a_start(tenant, call_id, keys[2]), ActionState.RUNNING)
    await actions.settle(tenant, replace(DONE, key=keys[2], state=ActionState.UNKNOWN), call_id)
    assert [task.key for task in await actions.open_tasks(tenant, 10)] == [keys[0], keys[2]]
    assert [task.key for task in await actions.open_tasks(tenant, 1)] == [keys[0]]
    assert await actions.open_tasks(other_tenant, 10) == []


async def test_what_a_person_has_seen_to_is_listed_no_more(
    actions: PostgresActions, tenant: str, other_tenant: str, call_id: str
) -> None:
    waits, unknown = (action_key("c", "create_ticket", {"subject": str(n)}) for n in range(2))
    await actions.begin(a_start(tenant, call_id, waits), ActionState.WAITING_APPROVAL)
    await actions.begin(a_start(tenant, call_id, unknown), ActionState.RUNNING)
    await actions.settle(tenant, replace(DONE, key=unknown, state=ActionState.UNKNOWN, reference=None), call_id)
    assert not await actions.note_looked_after(other_tenant, call_id, unknown)
    await actions.note_decided(other_tenant, call_id, waits)
    assert [task.key for task in await actions.open_tasks(tenant, 10)] == [waits, unknown]

    await actions.note_decided(tenant, call_id, waits)
    assert not await actions.note_looked_after(tenant, call_id, waits)
    assert await actions.note_looked_after(tenant, call_id, unknown)
    assert not await actions.note_looked_after(tenant, call_id, unknown)
    assert await actions.open_tasks(tenant, 10) == []
    await actions.settle(tenant, replace(DONE, key=waits), call_id)
    await actions.note_decided(tenant, call_id, waits)
    states = {row.key: row.state for row in await actions.of_call(tenant, call_id)}
    assert states == {waits: ActionState.DONE, unknown: ActionState.UNKNOWN}


async def test_open_desks_are_told_of_tasks_and_of_nothing_that_changed_nothing(
    actions: PostgresActions, db: Database, tenant: str, call_id: str
) -> None:
    waits, runs = (action_key("c", "create_ticket", {"subject": str(n)}) for n in range(2))
    feed = PostgresFeed(db)
    events = await listening(feed, tenant)
    await actions.begin(a_start(tenant, call_id, runs), ActionState.RUNNING)
    await actions.begin(a_start(tenant, call_id, waits), ActionState.WAITING_APPROVAL)
    await actions.begin(a_start(tenant, call_id, waits), ActionState.WAITING_APPROVAL)
    await actions.settle(tenant, replace(DONE, key=runs), call_id)
    await actions.settle(tenant, replace(DONE, key=runs), call_id)
    await actions.note_decided(tenant, call_id, waits)
    await actions.note_decided(tenant, call_id, waits)
    assert not await actions.note_looked_after(tenant, call_id, waits)
    await feed.publish(tenant, call_id, "test.over")
    told = [await following(events) for _ in range(4)]
    assert told == [(call_id, DESK_CHANGED)] * 3 + [(call_id, "test.over")]
    await feed.close()


async def test_of_two_processes_one_begins(db: Database, tenant: str) -> None:
    one, other = PostgresAttempts(db, tenant), PostgresAttempts(db, tenant)
    assert await one.earlier("zendesk", KEY) is None
    begun = await asyncio.gather(*(memory.begin("zendesk", KEY, 100.0, after=0) for memory in (one, other)))
    assert sorted(begun) == [False, True]
    assert await other.earlier("zendesk", KEY) == Attempt(count=1, begun_at_s=100.0)
    again = await asyncio.gather(*(memory.begin("zendesk", KEY, 200.0, after=1) for memory in (one, other)))
    assert sorted(again) == [False, True]
    assert await one.earlier("zendesk", KEY) == Attempt(count=2, begun_at_s=200.0)


async def test_a_withdrawn_attempt_does_not_count_and_a_finished_one_is_final(db: Database, tenant: str) -> None:
    memory = PostgresAttempts(db, tenant)
    assert await memory.begin("hubspot", KEY, 1.0, after=0)
    await memory.withdraw("hubspot", KEY)
    assert await memory.earlier("hubspot", KEY) == Attempt(count=0, begun_at_s=1.0)
    assert await memory.begin("hubspot", KEY, 2.0, after=0)
    await memory.finish("hubspot", KEY, "T-1", 3.0)
    await memory.finish("hubspot", KEY, "T-2", 4.0)
    assert await memory.earlier("hubspot", KEY) == Attempt(count=1, begun_at_s=2.0, reference="T-1")
    assert not await memory.begin("hubspot", KEY, 5.0, after=1)
    await memory.finish("freshdesk", KEY, "found", 6.0)
    assert await memory.earlier("freshdesk", KEY) == Attempt(count=0, begun_at_s=6.0, reference="found")


async def test_another_tenants_attempts_are_not_seen(db: Database, tenant: str, other_tenant: str) -> None:
    assert await PostgresAttempts(db, tenant).begin("zendesk", KEY, 1.0, after=0)
    assert await PostgresAttempts(db, other_tenant).earlier("zendesk", KEY) is None
    assert await PostgresAttempts(db, other_tenant).begin("zendesk", KEY, 1.0, after=0)
