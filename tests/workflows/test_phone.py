"""A handoff for which the tenant's phone extension is rung: answered, in vain, broken off, and taken over elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.call import Outcome
from domain.desk.handoffs import HandoffState, Left, OfferResult
from domain.desk.people import PresenceState
from domain.handoff import HandoffResult
from domain.line import PHONE, HeldChoice, HeldReason, PhaseKind, PhoneMissed
from domain.outbound.dialling import DialState
from tests.workflows.desk_side import Desk, Handed
from tests.workflows.far_side import House, until
from tests.workflows.test_handed_off_call import called, handed_off, in_phase

pytestmark = pytest.mark.servers


@pytest.fixture
async def desk(house: House) -> Desk:
    desk = await Desk.of(house)
    await desk.queue()
    await desk.has_a_phone()
    return desk


async def rings(handed: Handed) -> None:
    assert (await handed.is_in(PhaseKind.BRIDGED)).advisor_id == PHONE
    await handed.rings_at(PHONE, 1)


async def test_whoever_answers_has_the_call_and_ends_it_by_hanging_up(desk: Desk) -> None:
    handed = await desk.handoff()
    await rings(handed)
    in_queue = [wanted for wanted in handed.heard if wanted.position is not None or wanted.choose]
    assert not in_queue, "nobody is told of a queue meanwhile"
    await handed.joined(PHONE)
    row = await handed.row()
    assert (row.state, row.accepted_by) == (HandoffState.BRIDGED, PHONE)
    await handed.left(PHONE, lost=False)
    assert await handed.result() is HandoffResult.FINISHED, "there is no form to wait for"
    [offer] = await handed.offers()
    assert (offer.advisor_id, offer.result, offer.left) == (PHONE, OfferResult.ACCEPTED, Left.FINISHED)


async def test_a_phone_whose_line_breaks_is_not_rung_again(desk: Desk) -> None:
    handed = await desk.handoff()
    await rings(handed)
    await handed.joined(PHONE)
    await handed.left(PHONE, lost=True)
    held = await handed.told(lambda wanted: wanted.choose)
    assert held.because is HeldReason.ADVISOR_LOST
    await handed.chooses(HeldChoice.NEVER_MIND)
    assert await handed.result() is HandoffResult.NO_ADVISOR


async def test_a_caller_whom_their_exchange_took_there_is_handed_over(desk: Desk) -> None:
    handed = await desk.handoff()
    await rings(handed)
    await handed.hangs_up(Outcome.HANDED_OFF)
    assert await handed.result() is HandoffResult.FINISHED
    [offer] = await handed.offers()
    assert (offer.result, offer.left) == (OfferResult.ACCEPTED, Left.TRANSFERRED)


async def test_a_caller_who_hangs_up_while_it_rings_is_gone(desk: Desk) -> None:
    handed = await desk.handoff()
    await rings(handed)
    await handed.hangs_up()
    assert await handed.result() is HandoffResult.CALLER_GONE
    assert [offer.result for offer in await handed.offers()] == [OfferResult.WITHDRAWN]


async def test_an_advisor_at_work_comes_before_the_phone(desk: Desk) -> None:
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.rings_at(sara, 1)
    await handed.hangs_up()
    await handed.result()


async def test_a_busy_phone_gives_the_real_caller_the_choice_once(house: House) -> None:
    desk, media, start, line = await called(house)
    await desk.has_a_phone()
    handed = await handed_off(desk, start)
    await in_phase(line, PhaseKind.BRIDGED)
    assert line.phase.advisor_id == PHONE
    missed = PhoneMissed(lease=1, phase_number=line.phase.number, state=DialState.BUSY)
    media.facts.told(start.call_id, replace(missed, phase_number=missed.phase_number - 1))
    media.facts.told(start.call_id, missed)
    media.facts.told(start.call_id, missed)
    await until(lambda: line.phase.choose)
    assert (line.phase.kind, line.phase.because) == (PhaseKind.HELD, HeldReason.PHONE_UNANSWERED)
    assert [offer.result for offer in await handed.offers()] == [OfferResult.BUSY]

    await desk.wake()
    sara = await desk.advisor("sara")
    await desk.wake()
    await handed.rings_at(sara, 2)
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    assert await handed.result() is HandoffResult.CALLER_GONE
    await desk.until_stands(sara, PresenceState.READY)
