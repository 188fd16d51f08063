"""A real call and its handoff together, and what Temporal gets to see of them."""

from __future__ import annotations

import pytest

from domain.call import Outcome, workflow_id
from domain.desk.acts import GiveBack, Requeue, WrapUp
from domain.desk.handoffs import HandoffState
from domain.desk.people import PresenceState
from domain.handoff import BY_CALLER, HandoffAsked, HandoffResult
from domain.line import (
    CallStart,
    HeldChoice,
    HeldChoiceMade,
    JoinAsked,
    Party,
    PartyJoined,
    PartyLeft,
    PartyRole,
    PhaseKind,
    ResumeReason,
)
from tests.workflows.desk_side import Desk, Handed, eventually
from tests.workflows.far_side import House, MediaProcess, until
from tests.workflows.quiet_lines import OFFER, QuietLine
from tests.workflows.test_codec import assert_sealed
from workflows.handoff import HandoffWorkflow
from workflows.queues import callback_workflow_id, handoff_workflow_id

pytestmark = pytest.mark.servers

NOTE = "The refund was agreed"
FORM = "A calm caller who moved house"


async def called(house: House) -> tuple[Desk, MediaProcess, CallStart, QuietLine]:
    desk = await Desk.of(house)
    await desk.queue()
    media = await house.media("a")
    start = await house.a_call()
    await (await house.gateway()).connect(start, OFFER)
    return desk, media, start, media.lines.lines[start.call_id]


async def handed_off(desk: Desk, start: CallStart) -> Handed:
    """By the caller's button."""
    asked = HandoffAsked(reason="caller_asked", by=BY_CALLER)
    handoff_id = await (await desk.house.gateway()).request_handoff(start.tenant_id, start.call_id, asked)
    client, codec = await desk.house.connect()
    codec.know(start.tenant_id, start.call_id)
    number = int(handoff_id.rpartition("-")[2])
    name = handoff_workflow_id(start.call_id, number)

    async def is_open() -> bool:
        return await desk.reading.handoff(desk.tenant_id, handoff_id) is not None

    await eventually(is_open)
    handle = client.get_workflow_handle_for(HandoffWorkflow.run, name)
    call = client.get_workflow_handle(workflow_id(start.call_id))
    return Handed(desk=desk, start=start, id=handoff_id, call=call, handle=handle)


async def in_phase(line: QuietLine, kind: PhaseKind) -> None:
    await until(lambda: line.phase.kind is kind)


async def joins(desk: Desk, handed: Handed, media: MediaProcess, advisor_id: str, number: int = 1) -> None:
    start = handed.start
    await handed.rings_at(advisor_id, number)
    await handed.accept(advisor_id, number)
    asked = JoinAsked(party=Party(party_id=advisor_id, role=PartyRole.ADVISOR), offer=OFFER)
    joined = await (await desk.house.gateway()).join(start.tenant_id, start.call_id, asked)
    media.facts.told(start.call_id, PartyJoined(lease=joined.lease, party_id=advisor_id, role=PartyRole.ADVISOR))
    await handed.until_row(lambda row: row.joined_at is not None)


async def form(handed: Handed, advisor_id: str) -> None:
    await handed.desk.until_stands(advisor_id, PresenceState.WRAP_UP)
    wrapped = WrapUp(advisor_id=advisor_id, disposition="resolved", notes=FORM)
    await handed.desk.requests.wrap_up(handed.desk.tenant_id, handed.id, wrapped)


async def test_held_bridged_given_back_and_handed_off_again_to_the_end(house: House) -> None:
    desk, media, start, line = await called(house)
    sara = await desk.advisor("sara")
    first = await handed_off(desk, start)
    await in_phase(line, PhaseKind.HELD)
    await joins(desk, first, media, sara)
    await in_phase(line, PhaseKind.BRIDGED)
    assert set(line.parties) == {sara}

    await desk.requests.give_back(desk.tenant_id, first.id, GiveBack(advisor_id=sara, note=NOTE))
    await in_phase(line, PhaseKind.CONVERSE)
    assert (line.phase.resumed, line.phase.handoff_id) == (ResumeReason.GIVEN_BACK, first.id)
    media.facts.told(start.call_id, PartyLeft(lease=1, party_id=sara, role=PartyRole.ADVISOR, lost=False))
    await form(first, sara)
    assert await first.result() is HandoffResult.GIVEN_BACK

    second = await handed_off(desk, start)
    assert second.id == f"{start.call_id}-2"
    await joins(desk, second, media, sara)
    brief = await desk.reading.brief(desk.tenant_id, second.id)
    assert brief is not None
    assert brief.notes == (NOTE,)
    await desk.requests.finish(desk.tenant_id, second.id, sara)
    assert await (await house.workflow(start)).result() is Outcome.HANDED_OFF
    await form(second, sara)
    assert await second.result() is HandoffResult.FINISHED

    client, _ = await house.connect()
    for name in (workflow_id(start.call_id), *(handoff_workflow_id(start.call_id, number) for number in (1, 2))):
        await assert_sealed(client, name, start, NOTE, FORM, "caller_asked", sara)


async def test_a_caller_who_hangs_up_while_waiting_leaves_no_handoff_open(house: House) -> None:
    desk, media, start, line = await called(house)
    await desk.callbacks.note_contact(desk.tenant_id, start.call_id, "+971501234567")
    handed = await handed_off(desk, start)
    await in_phase(line, PhaseKind.HELD)

    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)

    assert await handed.result() is HandoffResult.CALLER_GONE
    assert (await handed.row()).state is HandoffState.ENDED


async def test_nobody_there_a_callback_is_promised_and_its_history_tells_nothing(house: House) -> None:
    desk, media, start, line = await called(house)
    number = "+971501234567"
    await desk.callbacks.note_contact(desk.tenant_id, start.call_id, number)
    handed = await handed_off(desk, start)
    await until(lambda: line.phase.choose)
    choice = HeldChoiceMade(lease=1, phase_number=line.phase.number, choice=HeldChoice.CALL_BACK)
    media.facts.told(start.call_id, choice)
    await in_phase(line, PhaseKind.CONVERSE)
    assert line.phase.resumed is ResumeReason.CALLBACK_PROMISED
    assert await handed.result() is HandoffResult.CALLBACK_PROMISED

    async def is_promised() -> bool:
        return bool(await desk.callbacks.open_callbacks(desk.tenant_id))

    await eventually(is_promised)
    await media.lines.end(start.call_id, Outcome.AGENT_SAID_GOODBYE)
    await (await house.workflow(start)).result()
    await desk.requests.cancel_callback(desk.tenant_id, handed.id, "sara")
    client, _ = await house.connect()
    await assert_sealed(client, callback_workflow_id(start.call_id, 1), start, number, number[4:], "cancelled")


async def test_a_requeued_call_stays_held_until_the_next_takes_it(house: House) -> None:
    desk, media, start, line = await called(house)
    sara, omar = await desk.advisor("sara"), await desk.advisor("omar")
    handed = await handed_off(desk, start)
    await joins(desk, handed, media, sara)
    await in_phase(line, PhaseKind.BRIDGED)
    await desk.requests.requeue(desk.tenant_id, handed.id, Requeue(advisor_id=sara, note=NOTE))
    await in_phase(line, PhaseKind.HELD)
    await joins(desk, handed, media, omar, 2)
    await in_phase(line, PhaseKind.BRIDGED)
    await (await house.gateway()).end(start.tenant_id, start.call_id, Outcome.CALLER_HUNG_UP)
    assert await (await house.workflow(start)).result() is Outcome.CALLER_HUNG_UP
    for advisor in (sara, omar):
        await form(handed, advisor)
    assert await handed.result() is HandoffResult.CALLER_GONE
