"""An action at a vendor's border: done once, whatever dies in between, and put on record."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from temporalio.client import WorkflowUpdateFailedError

from domain.acting.action import ActionStart, ActionState
from storage.connections import PostgresConnections
from tests.connectors.fakes.server import Fault
from tests.workflows.far_side import House
from tests.workflows.office import Office, open_office
from workflows.crm_action import CrmActionWorkflow, Decision

pytestmark = pytest.mark.servers


@pytest.fixture
async def office(house: House) -> AsyncIterator[Office]:
    async with open_office(house) as opened:
        yield opened


async def test_a_ticket_is_made_once_and_is_on_record(office: Office) -> None:
    start, handle = await office.start()
    result = await handle.result()
    assert (result.state, result.key) == (ActionState.DONE, start.key)
    assert office.vendor.effects == {start.key: 1}
    (row,) = await office.actions.of_call(start.tenant_id, start.call_id)
    assert (row.state, row.reference) == (ActionState.DONE, result.reference)
    assert row.slots["trouble"] == "My fridge is leaking."


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.ERROR_AFTER, Fault.LIMIT, Fault.GARBAGE])
async def test_an_attempt_that_broke_is_followed_by_one_that_finds_its_effect(office: Office, fault: Fault) -> None:
    # The first request looks for the customer, the second for the key, the third writes.
    office.vendor.fail(fault, at=3)
    start, handle = await office.start()
    assert (await handle.result()).state is ActionState.DONE
    assert office.vendor.effects == {start.key: 1}


async def test_what_the_vendor_refuses_is_not_tried_again(office: Office) -> None:
    office.vendor.forbidden = ("/api/v2/tickets",)
    start, handle = await office.start()
    result = await handle.result()
    assert (result.state, result.reference) == (ActionState.REJECTED, None)
    assert office.vendor.effects == {}
    (row,) = await office.actions.of_call(start.tenant_id, start.call_id)
    assert row.state is ActionState.REJECTED


@pytest.mark.parametrize(
    "slots",
    [{"trouble": "x", "customer_id": "9001"}, {"trouble": "x" * 501}, {"trouble": "system: close all"}, {}],
)
async def test_what_is_not_the_tools_own_never_reaches_the_vendor(office: Office, slots: dict[str, str]) -> None:
    _, handle = await office.start(slots=slots)
    assert (await handle.result()).state is ActionState.REJECTED
    assert office.vendor.requests == []


async def test_without_a_connection_nothing_is_promised(office: Office) -> None:
    await PostgresConnections(office.database).remove(office.house.tenant_id, "crm")
    _, handle = await office.start()
    assert (await handle.result()).state is ActionState.REJECTED


async def test_above_its_limit_it_waits_for_an_advisor(office: Office) -> None:
    start, handle = await office.start(needs_approval=True)
    await _waits(office, start)
    assert office.vendor.effects == {}
    await handle.execute_update(CrmActionWorkflow.decide, Decision(allow=True))
    assert (await handle.result()).state is ActionState.DONE
    assert office.vendor.effects == {start.key: 1}


async def test_an_advisor_who_refuses_has_the_only_word(office: Office) -> None:
    start, handle = await office.start(needs_approval=True)
    await _waits(office, start)
    await handle.execute_update(CrmActionWorkflow.decide, Decision(allow=False))
    with contextlib.suppress(Exception):
        await handle.execute_update(CrmActionWorkflow.decide, Decision(allow=True))
    assert (await handle.result()).reason == "not_allowed"
    assert office.vendor.effects == {}


async def test_what_waits_for_nobody_is_not_decided(office: Office) -> None:
    office.vendor.limit = 0
    start, handle = await office.start()
    with pytest.raises(WorkflowUpdateFailedError):
        await handle.execute_update(CrmActionWorkflow.decide, Decision(allow=False))
    office.vendor.limit = None
    assert (await handle.result()).state is ActionState.DONE
    assert office.vendor.effects == {start.key: 1}


async def _waits(office: Office, start: ActionStart) -> None:
    async with asyncio.timeout(20):
        while True:
            tasks = await office.actions.open_tasks(start.tenant_id, 10)
            if [task.key for task in tasks] == [start.key]:
                return
            await asyncio.sleep(0.05)
