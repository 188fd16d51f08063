"""The call's procedure on a real Temporal server and a real store, with lines that carry no audio."""

from __future__ import annotations

import asyncio

import pytest

from domain.call import CallState, Outcome
from domain.errors import LineBusy, LineLost, Refused
from domain.line import CallStart, LineOpen, LineProgress
from domain.speech import Language
from tests.workflows.far_side import House, shown, until_shown
from tests.workflows.quiet_lines import AGAIN, NONSENSE, OFFER
from workflows.call import CallWorkflow
from workflows.search_attributes import CALL_STATE, LANGUAGE, OUTCOME, QUEUE, TENANT_ID

pytestmark = pytest.mark.servers


async def test_a_call_connects_is_served_and_ends(house: House) -> None:
    media = await house.media("a")
    start = await house.a_call()
    connected = await (await house.gateway()).connect(start, OFFER)
    assert (connected.lease, connected.answer.type) == (1, "answer")

    await media.lines.end(start.call_id, Outcome.AGENT_SAID_GOODBYE)

    assert await (await house.workflow(start)).result() is Outcome.AGENT_SAID_GOODBYE
    await _assert_recorded(house, start, Outcome.AGENT_SAID_GOODBYE)


async def test_hanging_up_ends_the_line_where_it_lives(house: House) -> None:
    media = await house.media("a")
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)

    await gateway.end(start.tenant_id, start.call_id, Outcome.CALLER_HUNG_UP)

    assert await (await house.workflow(start)).result() is Outcome.CALLER_HUNG_UP
    assert media.lines.lines == {}
    await gateway.end(start.tenant_id, start.call_id, Outcome.CALLER_HUNG_UP)  # Twice is no error.


async def test_no_media_worker_is_busy(house: House) -> None:
    start = await house.a_call()
    with pytest.raises(LineBusy):
        await (await house.gateway()).connect(start, OFFER)
    assert await (await house.workflow(start)).result() is Outcome.BUSY
    await _assert_recorded(house, start, Outcome.BUSY)


async def test_a_nonsense_offer_is_refused_and_opens_nothing(house: House) -> None:
    media = await house.media("a")
    start = await house.a_call()
    with pytest.raises(Refused) as refused:
        await (await house.gateway()).connect(start, NONSENSE)
    assert refused.value.code == "bad_offer"
    assert await (await house.workflow(start)).result() is Outcome.REFUSED
    assert media.lines.tried == 1
    await _assert_recorded(house, start, Outcome.REFUSED)


async def test_a_reconnect_moves_the_line_to_a_higher_lease(house: House) -> None:
    media = await house.media("a")
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)
    first = media.lines.lines[start.call_id]

    again = await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)

    assert again.lease == 2
    assert isinstance(first.ended.exception(), LineLost)
    assert await house.store.current_lease(start.tenant_id, start.call_id) == 2
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    assert await (await house.workflow(start)).result() is Outcome.CALLER_HUNG_UP


async def test_a_nonsense_reconnect_leaves_the_call_where_it_was(house: House) -> None:
    media = await house.media("a")
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)
    line = media.lines.lines[start.call_id]

    with pytest.raises(Refused):
        await gateway.reconnect(start.tenant_id, start.call_id, NONSENSE)

    workflow = await house.workflow(start)
    await until_shown(workflow, "lease 3")  # 2 was refused, 3 adopted the line that had been let go.
    assert media.lines.lines[start.call_id] is line
    assert not line.ended.done()
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    assert await workflow.result() is Outcome.CALLER_HUNG_UP


async def test_a_worker_that_stays_silent_is_overtaken(house: House) -> None:
    silent = await house.media("silent", slots=1)
    silent.lines.stuck = True
    start = await house.a_call()
    connecting = asyncio.create_task((await house.gateway()).connect(start, OFFER))
    await silent.lines.was_tried.wait()
    media = await house.media("b")

    connected = await connecting

    assert connected.lease > 1
    assert "s=b" in connected.answer.sdp
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    assert await (await house.workflow(start)).result() is Outcome.CALLER_HUNG_UP


async def test_a_second_connect_reconnects_and_a_late_one_starts_no_second_run(house: House) -> None:
    media = await house.media("a")
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)
    assert (await gateway.connect(start, OFFER)).lease == 2

    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    await (await house.workflow(start)).result()

    with pytest.raises(LineLost):
        await gateway.connect(start, OFFER)
    with pytest.raises(LineLost):
        await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)
    runs = [run async for run in (await house.connect())[0].list_workflows(f'WorkflowId = "call-{start.call_id}"')]
    assert len(runs) == 1


async def test_a_call_that_never_was_can_neither_be_come_back_to_nor_ended(house: House) -> None:
    gateway = await house.gateway()
    start = await house.a_call()
    with pytest.raises(LineLost):
        await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)
    await gateway.end(start.tenant_id, start.call_id, Outcome.CALLER_HUNG_UP)


@pytest.mark.parametrize("broken", [True, False], ids=["without an outcome", "as lost"])
async def test_a_line_that_is_gone_leaves_the_call_adrift_until_the_caller_is_back(house: House, broken: bool) -> None:
    media = await house.media("a")
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)
    workflow = await house.workflow(start)

    if broken:
        media.lines.drop(start.call_id)
    else:
        await media.lines.end(start.call_id, Outcome.LOST)
    await until_shown(workflow, "adrift")
    await house.noted(start, CallState.ADRIFT)
    again = await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)

    await until_shown(workflow, f"talking · 0 turns · lease {again.lease}")
    await house.noted(start, CallState.TALKING)
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    assert await workflow.result() is Outcome.CALLER_HUNG_UP


async def test_a_call_that_is_adrift_can_be_hung_up(house: House) -> None:
    media = await house.media("a")
    gateway = await house.gateway()
    start = await house.a_call()
    await gateway.connect(start, OFFER)
    media.lines.drop(start.call_id)
    await until_shown(await house.workflow(start), "adrift")

    await gateway.end(start.tenant_id, start.call_id, Outcome.CALLER_HUNG_UP)

    assert await (await house.workflow(start)).result() is Outcome.CALLER_HUNG_UP
    await _assert_recorded(house, start, Outcome.CALLER_HUNG_UP)


async def test_operations_see_where_a_call_stands(house: House) -> None:
    media = await house.media("a")
    start = await house.a_call()
    await (await house.gateway()).connect(start, OFFER)
    workflow = await house.workflow(start)

    media.facts.progressed(start.call_id, LineProgress(lease=1, turns=3, language=Language.AR))
    await until_shown(workflow, "3 turns")

    assert await shown(workflow) == f"talking · ar · 3 turns · lease 1 · {media.durable.queue}"
    attributes = (await workflow.describe()).typed_search_attributes
    assert [attributes.get(key) for key in (TENANT_ID, CALL_STATE, LANGUAGE, QUEUE, OUTCOME)] == [
        start.tenant_id,
        CallState.TALKING,
        Language.AR,
        media.durable.queue,
        None,
    ]
    await media.lines.end(start.call_id, Outcome.CALLER_SILENT)
    await workflow.result()
    attributes = (await workflow.describe()).typed_search_attributes
    assert (attributes.get(CALL_STATE), attributes.get(OUTCOME)) == (CallState.ENDED, Outcome.CALLER_SILENT)
    row = await house.store.call(start.tenant_id, start.call_id)
    assert row is not None
    assert row.language == Language.AR


async def test_stale_and_repeated_signals_change_nothing(house: House) -> None:
    media = await house.media("a")
    gateway = await house.gateway()
    start = await house.a_call()
    first = await gateway.connect(start, OFFER)
    await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)
    workflow = await house.workflow(start)
    media.facts.progressed(start.call_id, LineProgress(lease=2, turns=5, language=Language.EN))
    await until_shown(workflow, "5 turns")

    elsewhere = LineOpen(lease=1, queue="media-elsewhere", answer=first.answer)
    await workflow.signal(CallWorkflow.line_open, elsewhere)
    await workflow.signal(CallWorkflow.line_open, LineOpen(lease=9, queue="media-elsewhere", answer=first.answer))
    await workflow.signal(CallWorkflow.progressed, LineProgress(lease=1, turns=8, language=Language.AR))
    await workflow.signal(CallWorkflow.progressed, LineProgress(lease=2, turns=5, language=Language.AR))

    assert await shown(workflow) == f"talking · en · 5 turns · lease 2 · {media.durable.queue}"
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    assert await workflow.result() is Outcome.CALLER_HUNG_UP


async def _assert_recorded(house: House, start: CallStart, outcome: Outcome) -> None:
    row = await house.store.call(start.tenant_id, start.call_id)
    assert row is not None
    assert (row.state, row.outcome) == (CallState.ENDED, outcome)
