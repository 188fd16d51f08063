"""What a call asks for in other systems: one effect for one subject, whoever asks and however often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.acting.action import ActAsked, ActionState
from domain.acting.limits import PER_CALL
from domain.call import Outcome
from domain.desk.callbacks import CallbackRow, CallbackState
from domain.errors import LineLost
from domain.speech import Language
from realtime.durable import WorkflowActions
from storage.desk.callbacks import PostgresCallbacks
from tests.connectors.fakes.server import Fault
from tests.workflows.far_side import House
from tests.workflows.office import Office, open_office
from tests.workflows.quiet_lines import AGAIN, OFFER
from workflows.crm_action import CrmActionWorkflow, Decision
from workflows.queues import action_workflow_id

pytestmark = pytest.mark.servers

ASKED = ActAsked(
    lease=1,
    action="create_ticket",
    subject="fridg leak",
    slots={"trouble": "My fridge is leaking.", "phone": "+966501234567"},
    language=Language.EN,
)


@pytest.fixture
async def office(house: House) -> AsyncIterator[Office]:
    async with open_office(house) as opened:
        yield opened


async def _doer(house: House, call) -> WorkflowActions:
    client, codec = await house.connect()
    codec.know(call.tenant_id, call.call_id)
    return WorkflowActions(client)


async def test_said_again_it_is_the_same_ticket(office: Office) -> None:
    house = office.house
    await house.media("a")
    call = await house.a_call()
    await (await house.gateway()).connect(call, OFFER)
    doer = await _doer(house, call)
    first = await doer.act(call.call_id, ASKED)
    again = await doer.act(call.call_id, replace(ASKED, slots={"trouble": "I said, the fridge leaks!"}))
    assert (first.state, first.known) == (ActionState.DONE, False)
    assert again == replace(first, known=True)
    assert sum(office.vendor.effects.values()) == 1


async def test_with_more_words_or_fewer_it_is_still_the_same(office: Office) -> None:
    house = office.house
    await house.media("a")
    call = await house.a_call()
    await (await house.gateway()).connect(call, OFFER)
    doer = await _doer(house, call)
    first = await doer.act(call.call_id, ASKED)
    more = await doer.act(call.call_id, replace(ASKED, subject="fridg kitchen leak"))
    fewer = await doer.act(call.call_id, replace(ASKED, subject="fridg"))
    other = await doer.act(call.call_id, replace(ASKED, subject="leak oven"))
    assert first.key == more.key == fewer.key != other.key
    assert sum(office.vendor.effects.values()) == 2


async def test_another_one_that_was_confirmed_is_another_ticket(office: Office) -> None:
    house = office.house
    await house.media("a")
    call = await house.a_call()
    await (await house.gateway()).connect(call, OFFER)
    doer = await _doer(house, call)
    first = await doer.act(call.call_id, ASKED)
    second = await doer.act(call.call_id, replace(ASKED, repeat=1))
    assert first.reference != second.reference
    assert sum(office.vendor.effects.values()) == 2


async def test_beyond_the_limit_of_a_call_an_advisor_decides(office: Office) -> None:
    house = office.house
    await house.media("a")
    call = await house.a_call()
    await (await house.gateway()).connect(call, OFFER)
    doer = await _doer(house, call)
    limit = PER_CALL["create_ticket"]
    within = [await doer.act(call.call_id, replace(ASKED, subject=f"trouble{n}")) for n in range(limit)]
    assert {result.state for result in within} == {ActionState.DONE}
    beyond = await doer.act(call.call_id, replace(ASKED, subject="onemore"))
    assert beyond.state is ActionState.WAITING_APPROVAL
    # Said again it is the same that waits; an earlier one is still done, and nothing was made beyond the limit.
    assert (await doer.act(call.call_id, replace(ASKED, subject="onemore"))).state is ActionState.WAITING_APPROVAL
    assert (await doer.act(call.call_id, replace(ASKED, subject="trouble0"))).state is ActionState.DONE
    assert sum(office.vendor.effects.values()) == limit
    client, codec = await house.connect()
    codec.know(call.tenant_id, call.call_id)
    waiting = client.get_workflow_handle(action_workflow_id(call.call_id, beyond.key))
    await waiting.execute_update(CrmActionWorkflow.decide, Decision(allow=True))
    assert (await doer.act(call.call_id, replace(ASKED, subject="onemore"))).state is ActionState.DONE
    assert sum(office.vendor.effects.values()) == limit + 1


async def test_two_lines_at_once_and_a_vendor_that_breaks_still_make_one(office: Office) -> None:
    house = office.house
    await house.media("a")
    call = await house.a_call()
    await (await house.gateway()).connect(call, OFFER)
    office.vendor.fail(Fault.DROP_AFTER, at=3)
    doers = [await _doer(house, call) for _ in range(3)]
    results = await asyncio.gather(*(doer.act(call.call_id, ASKED) for doer in doers))
    last = await doers[0].act(call.call_id, ASKED)
    assert {result.key for result in results} == {last.key}
    assert last.state is ActionState.DONE
    assert sum(office.vendor.effects.values()) == 1


async def test_what_was_done_is_added_to_and_taken_back_once(office: Office) -> None:
    """Which ticket is meant the call's own procedure knows; two words to take it back are one."""
    house = office.house
    await house.media("a")
    call = await house.a_call()
    await (await house.gateway()).connect(call, OFFER)
    doer = await _doer(house, call)
    note = replace(ASKED, action="update_ticket", subject="own burn smell", slots={"comment": "It smells, too."})
    back = replace(ASKED, action="cancel", subject="create_ticket", slots={"what": "create_ticket"})
    nothing_yet = [await doer.act(call.call_id, asked) for asked in (note, back)]
    assert {result.state for result in nothing_yet} == {ActionState.REJECTED}
    made = await doer.act(call.call_id, ASKED)
    added = await doer.act(call.call_id, note)
    assert (added.state, added.reference) == (ActionState.DONE, made.reference)
    taken = await asyncio.gather(*(doer.act(call.call_id, back) for _ in range(3)))
    assert {(result.state, result.reference) for result in taken} == {(ActionState.DONE, made.reference)}
    assert sorted(office.vendor.effects.values()) == [1, 1, 1]
    (ticket,) = office.vendor.tickets.values()
    assert ticket["status"] == "solved"
    # Asked for again it is another one, and the one that was taken back is never meant any more.
    assert (await doer.act(call.call_id, note)).state is ActionState.REJECTED
    again = await doer.act(call.call_id, ASKED)
    assert again.reference != made.reference
    asked_twice = replace(note, asking="one")
    assert (await doer.act(call.call_id, asked_twice)).reference == again.reference
    # Asked for on and on it stays about what it was about, also when something newer was done meanwhile.
    newer = await doer.act(call.call_id, replace(ASKED, subject="oven cold"))
    assert (await doer.act(call.call_id, asked_twice)).reference == again.reference
    assert (await doer.act(call.call_id, replace(note, asking="two"))).reference == newer.reference


async def test_a_callback_is_promised_moved_and_taken_back(office: Office) -> None:
    house = office.house
    await house.media("a")
    call = await house.a_call()
    await (await house.gateway()).connect(call, OFFER)
    doer = await _doer(house, call)
    callbacks = PostgresCallbacks(office.database, house.keys)

    def at(hour: int) -> ActAsked:
        # A Tuesday: without opening hours nobody is called at a weekend.
        day = datetime.now(UTC) + timedelta(days=8 - datetime.now(UTC).weekday())
        moment = day.replace(hour=hour, minute=0).isoformat(timespec="minutes")
        slots = {"at": moment, "phone": "+971501234567"}
        return replace(ASKED, action="schedule_callback", subject=f"callback {moment}", slots=slots)

    async def standing(wanted: Callable[[CallbackRow], bool]) -> CallbackRow:
        async with asyncio.timeout(60):
            while True:
                rows = await callbacks.recent_callbacks(call.tenant_id, 10)
                found = [row for row in rows if row.call_id == call.call_id and wanted(row)]
                if found:
                    return found[0]
                await asyncio.sleep(0.05)

    promised = await doer.act(call.call_id, at(8))
    assert promised.state is ActionState.DONE
    first = await standing(lambda row: row.state is CallbackState.PROMISED)
    assert (first.callback_id, first.contact) == (promised.reference, "+971501234567")
    moved = await doer.act(call.call_id, at(10))
    assert moved.reference == promised.reference
    later = await standing(lambda row: row.next_try_at > first.next_try_at)
    assert later.callback_id == first.callback_id
    back = replace(ASKED, action="cancel", subject="schedule_callback", slots={"what": "schedule_callback"})
    assert (await doer.act(call.call_id, back)).state is ActionState.DONE
    assert (await standing(lambda row: row.state is CallbackState.CANCELLED)).callback_id == first.callback_id
    assert office.vendor.requests == []


async def test_a_line_that_was_overtaken_may_not_act(office: Office) -> None:
    house = office.house
    await house.media("a")
    call = await house.a_call()
    gateway = await house.gateway()
    await gateway.connect(call, OFFER)
    await gateway.reconnect(call.tenant_id, call.call_id, AGAIN)
    doer = await _doer(house, call)
    with pytest.raises(LineLost):
        await doer.act(call.call_id, ASKED)
    assert (await doer.act(call.call_id, replace(ASKED, lease=2))).state is ActionState.DONE


async def test_what_was_begun_is_done_after_the_call(office: Office) -> None:
    house = office.house
    await house.media("a")
    call = await house.a_call()
    gateway = await house.gateway()
    await gateway.connect(call, OFFER)
    office.vendor.limit = 0
    doer = await _doer(house, call)
    asking = asyncio.create_task(doer.act(call.call_id, ASKED))
    await _until(lambda: bool(office.vendor.requests))
    await gateway.end(call.tenant_id, call.call_id, Outcome.CALLER_HUNG_UP)
    await asyncio.wait({asking}, timeout=30)
    asking.exception()
    office.vendor.limit = None
    await _until(lambda: bool(office.vendor.effects))
    with pytest.raises(LineLost):
        await doer.act(call.call_id, ASKED)
    assert sum(office.vendor.effects.values()) == 1


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while True:
            if condition():
                return
            await asyncio.sleep(0.05)
