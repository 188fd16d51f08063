"""A call and its handoff together, through the loss of a media worker: a caller, an advisor, a kill -9."""

from __future__ import annotations

import asyncio
import signal

import pytest

from domain.call import CallState, Outcome
from domain.desk.acts import GiveBack, WrapUp
from domain.desk.callbacks import CallbackReason, CallbackResult
from domain.desk.people import PresenceState
from domain.handoff import HandoffResult
from domain.line import (
    CallStart,
    Connected,
    HandoffRequested,
    JoinAsked,
    Party,
    PartyJoined,
    PartyRole,
    PhaseKind,
    ResumeReason,
)
from domain.speech import Language, Speaker, Turn
from tests.workflows.conftest import Skipping
from tests.workflows.desk_side import ASKED, Desk, Handed, eventually
from tests.workflows.far_side import House, until, until_shown
from tests.workflows.media_process import Apart
from tests.workflows.quiet_lines import AGAIN, OFFER
from workflows import timeouts
from workflows.call import CallWorkflow
from workflows.callback import CallbackWorkflow
from workflows.handoff import HandoffWorkflow
from workflows.queues import callback_workflow_id, handoff_workflow_id

pytestmark = pytest.mark.servers


async def handed_over(house: House, desk: Desk, start: CallStart) -> Handed:
    """The conversation asks for a person; its handoff is under way."""
    await house.store.record_turn(start.tenant_id, start.call_id, ASKED)
    asked = HandoffRequested(lease=1, seq=ASKED.seq, reason="caller_asked", language=Language.EN)
    call = await house.workflow(start)
    await call.signal(CallWorkflow.handoff_requested, asked)
    client, codec = await house.connect()
    codec.know(start.tenant_id, start.call_id)
    handle = client.get_workflow_handle_for(HandoffWorkflow.run, handoff_workflow_id(start.call_id, 1))
    handed = Handed(
        desk=desk, start=start, id=f"{start.call_id}-1", call=client.get_workflow_handle(call.id), handle=handle
    )
    await house.noted(start, CallState.HELD)
    return handed


async def joins(house: House, start: CallStart, advisor_id: str) -> Connected:
    party = Party(party_id=advisor_id, role=PartyRole.ADVISOR)
    return await (await house.gateway()).join(start.tenant_id, start.call_id, JoinAsked(party=party, offer=OFFER))


async def test_a_held_and_a_bridged_call_outlive_their_media_worker(house: House) -> None:
    desk = await Desk.of(house)
    await desk.queue()
    gateway = await house.gateway()
    start = await house.a_call()
    first = await Apart.start(house.address, house.database_url, house.master, "first")
    house.running.push_async_callback(first.stop)
    await gateway.connect(start, OFFER)
    second = await house.media("second")
    handed = await handed_over(house, desk, start)

    # Held, and nobody is ready yet: the worker dies, the caller is back before anybody noticed.
    first.signal(signal.SIGKILL)
    await first.ended()
    await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)
    held = second.lines.lines[start.call_id].phase
    assert (held.kind, held.position, held.handoff_id) == (PhaseKind.HELD, 1, handed.id)

    # Bridged: the line breaks, which is known before anybody comes back, and both come back at once.
    sara = await desk.advisor("sara")
    await desk.wake()
    await handed.rings_at(sara, 1)
    await handed.accept(sara)
    await house.noted(start, CallState.BRIDGED)
    joined = await joins(house, start, sara)
    second.facts.told(start.call_id, PartyJoined(lease=joined.lease, party_id=sara, role=PartyRole.ADVISOR))
    await handed.until_row(lambda row: row.joined_at is not None)
    second.lines.drop(start.call_id)
    await until_shown(await house.workflow(start), "adrift")
    joining = asyncio.create_task(joins(house, start, sara))
    again = await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)
    assert (await joining).lease == again.lease
    line = second.lines.lines[start.call_id]
    assert (line.phase.kind, list(line.parties)) == (PhaseKind.BRIDGED, [sara])
    second.facts.told(start.call_id, PartyJoined(lease=again.lease, party_id=sara, role=PartyRole.ADVISOR))

    # Given back, and ended by the caller; the form comes after the call.
    note = GiveBack(advisor_id=sara, note="The invoice is corrected.")
    await desk.requests.give_back(start.tenant_id, handed.id, note)
    await until(lambda: line.phase.kind is PhaseKind.CONVERSE)
    assert line.phase.resumed is ResumeReason.GIVEN_BACK
    await second.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    assert await (await house.workflow(start)).result() is Outcome.CALLER_HUNG_UP
    form = WrapUp(advisor_id=sara, disposition="resolved", notes="-")
    await desk.requests.wrap_up(start.tenant_id, handed.id, form)
    assert await handed.result() is HandoffResult.GIVEN_BACK
    await desk.until_stands(sara, PresenceState.READY)


async def test_a_caller_who_hangs_up_while_held_frees_the_advisor(house: House) -> None:
    desk = await Desk.of(house)
    await desk.queue()
    sara = await desk.advisor("sara")
    media = await house.media("a")
    start = await house.a_call()
    await (await house.gateway()).connect(start, OFFER)
    handed = await handed_over(house, desk, start)
    await handed.rings_at(sara, 1)

    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)

    assert await (await house.workflow(start)).result() is Outcome.CALLER_HUNG_UP
    assert await handed.result() is HandoffResult.CALLER_GONE
    await desk.until_stands(sara, PresenceState.READY)


async def test_the_advisor_who_finishes_ends_the_call(house: House) -> None:
    desk = await Desk.of(house)
    await desk.queue()
    sara = await desk.advisor("sara")
    media = await house.media("a")
    start = await house.a_call()
    await (await house.gateway()).connect(start, OFFER)
    handed = await handed_over(house, desk, start)
    await handed.rings_at(sara, 1)
    await handed.accept(sara)
    joined = await joins(house, start, sara)
    media.facts.told(start.call_id, PartyJoined(lease=joined.lease, party_id=sara, role=PartyRole.ADVISOR))
    await handed.until_row(lambda row: row.joined_at is not None)

    await desk.requests.finish(start.tenant_id, handed.id, sara)

    assert await (await house.workflow(start)).result() is Outcome.HANDED_OFF
    assert media.lines.lines == {}


@pytest.mark.parametrize("number", ["050 123 4567", None], ids=["with a number", "without a number"])
async def test_a_lost_caller_is_called_back_where_a_number_is_known(skipping: Skipping, number: str | None) -> None:
    house = skipping.house
    desk = await Desk.of(house)
    media = await house.media("a")
    start = await house.a_call()
    await (await house.gateway()).connect(start, OFFER)
    said = f"My number is {number}." if number else "Hello."
    turn = Turn(seq=1, speaker=Speaker.CALLER, text=said, language=Language.EN, started_ms=0, ended_ms=900)
    await house.store.record_turn(start.tenant_id, start.call_id, turn)
    media.lines.drop(start.call_id)
    await house.noted(start, CallState.ADRIFT)
    await skipping.passes(timeouts.CALLER_RETURNS)
    assert await (await house.workflow(start)).result() is Outcome.LOST

    client, codec = await house.connect()
    codec.know(start.tenant_id, start.call_id)
    callback = client.get_workflow_handle_for(CallbackWorkflow.run, callback_workflow_id(start.call_id, 0))
    if number is None:
        assert await callback.result() is CallbackResult.NOT_PROMISED
        return
    assert await _promised(desk, start) == (CallbackReason.LOST, None)


async def test_a_caller_whom_the_line_could_not_help_is_called_back(skipping: Skipping) -> None:
    house = skipping.house
    desk = await Desk.of(house)
    media = await house.media("a")
    start = await house.a_call()
    await (await house.gateway()).connect(start, OFFER)
    await desk.callbacks.note_contact(start.tenant_id, start.call_id, "050 123 4567")

    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP, wants_callback=CallbackReason.MESSAGE_LEFT)

    assert await (await house.workflow(start)).result() is Outcome.CALLER_HUNG_UP
    assert await _promised(desk, start) == (CallbackReason.MESSAGE_LEFT, None)


async def _promised(desk: Desk, start: CallStart) -> tuple[CallbackReason, CallbackResult | None]:
    """Why the call's callback was promised, and what came of it."""

    async def promised() -> bool:
        return any(row.call_id == start.call_id for row in await desk.callbacks.open_callbacks(start.tenant_id))

    await eventually(promised)
    [row] = await desk.callbacks.open_callbacks(start.tenant_id)
    return row.reason, row.result
