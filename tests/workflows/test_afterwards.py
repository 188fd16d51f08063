"""After a call its CRM is told of it: once, whatever breaks, and only where the connection wants it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from temporalio.api.enums.v1 import EventType

from domain.acting.action import ActionStart, ActionState
from domain.call import Outcome
from tests.connectors.fakes.server import Fault
from tests.workflows.far_side import House
from tests.workflows.office import Office, open_office
from tests.workflows.test_post_call import ANSWERED, ASKED
from workflows.post_call import PostCallStart, PostCallWorkflow
from workflows.queues import DURABLE

pytestmark = pytest.mark.servers

SUMMARY = "Asked about the opening hours."


@pytest.fixture
async def office(house: House) -> AsyncIterator[Office]:
    async with open_office(house) as opened:
        yield opened


async def test_a_call_is_written_down_on_its_ticket_which_is_told_how_it_ended(office: Office) -> None:
    await office.wants(log_calls="summary", start_workflows="yes")
    start, ticket = await _called(office)
    for run in ("first", "again"):
        await _over(office, start, run)

    log, workflow = (await office.actions.of_call(start.tenant_id, start.call_id))[1:]
    assert [(row.action, row.state) for row in (log, workflow)] == [
        ("log_call", ActionState.DONE),
        ("start_workflow", ActionState.DONE),
    ]
    assert office.vendor.effects == {start.key: 1, log.key: 1, f"{ticket}:hatif_resolved": 1}
    (note,) = (audit["events"][0]["body"] for audit in office.vendor.audits[int(ticket)] if log.key in str(audit))
    assert note.startswith("Web call, resolved, ")
    assert note.endswith(f" s\n\n{SUMMARY}")
    assert "When do you open?" not in str(office.vendor.requests), "the caller's words stay here"


async def test_a_note_whose_answer_was_lost_is_found_and_not_written_again(office: Office) -> None:
    await office.wants(log_calls="bare")
    start, ticket = await _called(office)
    # The ticket, the look for the key, the stamp of the ticket; the fourth request writes.
    office.vendor.fail(Fault.DROP_AFTER, at=4)
    await _over(office, start, "first")
    log = (await office.actions.of_call(start.tenant_id, start.call_id))[1]
    assert (log.state, office.vendor.effects) == (ActionState.DONE, {start.key: 1, log.key: 1})
    assert SUMMARY not in str(office.vendor.audits[int(ticket)])


async def test_a_connection_that_wants_to_know_nothing_is_asked_nothing(office: Office) -> None:
    start, _ = await _called(office)
    before = len(office.vendor.requests)
    await _over(office, start, "first")
    assert len(office.vendor.requests) == before
    assert len(await office.actions.of_call(start.tenant_id, start.call_id)) == 1


async def _called(office: Office) -> tuple[ActionStart, str]:
    """A call that opened a ticket and got an answer; the ticket's number."""
    start, handle = await office.start()
    ticket = (await handle.result()).reference
    assert ticket is not None
    for turn in (ASKED, ANSWERED):
        await office.house.store.record_turn(start.tenant_id, start.call_id, turn)
    await office.house.store.end_call(start.tenant_id, start.call_id, Outcome.CALLER_HUNG_UP)
    return start, ticket


async def _over(office: Office, start: ActionStart, run: str) -> None:
    """Have it summed up, and wait until the CRM has been told."""
    client, codec = await office.house.connect()
    codec.know(start.tenant_id, start.call_id)
    after = PostCallStart(tenant_id=start.tenant_id, call_id=start.call_id, outcome=Outcome.CALLER_HUNG_UP, turns=2)
    post_call = await client.start_workflow(
        PostCallWorkflow.run, after, id=f"post-{run}-call-{start.call_id}", task_queue=DURABLE
    )
    await post_call.result()
    for event in (await post_call.fetch_history()).events:
        if event.event_type == EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED:
            child = event.child_workflow_execution_started_event_attributes.workflow_execution.workflow_id
            await client.get_workflow_handle(child).result()
