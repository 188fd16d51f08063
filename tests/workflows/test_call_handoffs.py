"""The call's side of its handoffs, on a real Temporal server, with a handoff that does what the test says."""

from __future__ import annotations

import asyncio

import pytest

from domain.call import CallState, Outcome
from domain.errors import LineLost
from domain.handoff import HandoffAsked, HandoffEnded, HandoffResult, HandoffStart, PhaseWanted
from domain.line import (
    CallStart,
    HandoffRequested,
    HeldChoice,
    HeldChoiceMade,
    PartyJoined,
    PartyLeft,
    PartyRole,
    PhaseKind,
    ResumeReason,
)
from domain.speech import Language
from tests.workflows.far_side import BY_BUTTON, House, MediaProcess, until, until_shown
from tests.workflows.quiet_lines import AGAIN, OFFER, QuietLine
from workflows.call import CallWorkflow

pytestmark = pytest.mark.servers


def asked_in_words(seq: int, *, lease: int = 1, urgent: bool = False) -> HandoffRequested:
    return HandoffRequested(lease=lease, seq=seq, reason="asked_for_person", language=Language.AR, urgent=urgent)


async def connected(house: House) -> tuple[MediaProcess, CallStart, QuietLine]:
    media = await house.media("a")
    start = await house.a_call()
    await (await house.gateway()).connect(start, OFFER)
    return media, start, media.lines.lines[start.call_id]


async def in_phase(line: QuietLine, kind: PhaseKind, number: int) -> None:
    await until(lambda: (line.phase.kind, line.phase.number) == (kind, number))


async def test_what_the_conversation_asks_for_starts_a_handoff_whose_phases_the_line_follows(
    scripted_house: House,
) -> None:
    media, start, line = await connected(scripted_house)
    media.facts.told(start.call_id, asked_in_words(4))
    handoff = await scripted_house.handoff_at_work(start, 1)
    assert await handoff.handle.query("started_with", result_type=HandoffStart) == HandoffStart(
        handoff_id=f"{start.call_id}-1",
        number=1,
        call_id=start.call_id,
        tenant_id=start.tenant_id,
        reason="asked_for_person",
        by="conversation",
        language=Language.AR,
        seq=4,
    )
    workflow = await scripted_house.workflow(start)

    await handoff.wants(PhaseKind.HELD, position=2, wait_s=60)
    await in_phase(line, PhaseKind.HELD, 1)
    assert (line.phase.position, line.phase.wait_s, line.phase.handoff_id) == (2, 60, handoff.handoff_id)
    await scripted_house.noted(start, CallState.HELD)
    await handoff.wants(PhaseKind.BRIDGED)
    await in_phase(line, PhaseKind.BRIDGED, 2)
    await scripted_house.noted(start, CallState.BRIDGED)
    await handoff.wants(PhaseKind.CONVERSE, resumed=ResumeReason.GIVEN_BACK)
    await handoff.ends(HandoffResult.GIVEN_BACK)
    await in_phase(line, PhaseKind.CONVERSE, 3)
    assert line.phase.resumed is ResumeReason.GIVEN_BACK

    await until_shown(workflow, "talking")
    await media.lines.end(start.call_id, Outcome.AGENT_SAID_GOODBYE)
    assert await workflow.result() is Outcome.AGENT_SAID_GOODBYE
    await handoff.told()


async def test_one_handoff_at_a_time_and_the_next_has_the_next_number(scripted_house: House) -> None:
    media, start, line = await connected(scripted_house)
    media.facts.told(start.call_id, asked_in_words(4))
    first = await scripted_house.handoff_at_work(start, 1)

    for fact in (asked_in_words(4), asked_in_words(6), asked_in_words(8, urgent=True), asked_in_words(7, urgent=True)):
        media.facts.told(start.call_id, fact)
    assert await media.facts.flush(10)
    take_over = HandoffAsked(reason="take_over", by="sara", advisor_id="sara")
    assert (
        await (await scripted_house.gateway()).request_handoff(start.tenant_id, start.call_id, take_over)
        == first.handoff_id
    )
    await first.told("raised asked_for_person True", "raised take_over sara")

    await first.ends(HandoffResult.NEVER_MIND)
    second = await scripted_house.handoff(start)  # The first still has its wrap-up.
    assert second.handoff_id == f"{start.call_id}-2"
    await second.wants(PhaseKind.HELD)
    await in_phase(line, PhaseKind.HELD, 1)
    await first.wants(PhaseKind.BRIDGED)
    await first.stops()
    await second.wants(PhaseKind.HELD, position=1)
    await in_phase(line, PhaseKind.HELD, 2)
    media.facts.told(start.call_id, asked_in_words(8, urgent=True))  # Told again, long after.
    assert await media.facts.flush(10)
    await second.told()


async def test_choices_of_the_held_caller_reach_their_own_handoff_once(scripted_house: House) -> None:
    media, start, line = await connected(scripted_house)
    first = await scripted_house.handoff(start)
    await first.wants(PhaseKind.HELD)
    await in_phase(line, PhaseKind.HELD, 1)
    choice = HeldChoiceMade(lease=1, phase_number=1, choice=HeldChoice.NEVER_MIND)
    media.facts.told(start.call_id, choice)
    media.facts.told(start.call_id, choice)
    assert await media.facts.flush(10)
    await first.told("choice never_mind")
    await first.wants(PhaseKind.CONVERSE, resumed=ResumeReason.NEVER_MIND)
    await first.ends(HandoffResult.NEVER_MIND)

    second = await scripted_house.handoff(start)
    await second.wants(PhaseKind.HELD, choose=True)
    await in_phase(line, PhaseKind.HELD, 3)
    media.facts.told(start.call_id, choice)  # Of the first waiting.
    media.facts.told(start.call_id, HeldChoiceMade(lease=1, phase_number=3, choice=HeldChoice.CALL_BACK))
    await second.told("choice call_back")


async def test_the_handoff_knows_who_is_in_the_call_whatever_becomes_of_its_line(scripted_house: House) -> None:
    media, start, _ = await connected(scripted_house)
    handoff = await scripted_house.handoff(start)
    joined = PartyJoined(lease=1, party_id="sara", role=PartyRole.ADVISOR)
    stranger = PartyLeft(lease=1, party_id="omar", role=PartyRole.ADVISOR, lost=False)
    for fact in (joined, joined, stranger):
        media.facts.told(start.call_id, fact)
    await handoff.told("joined sara 1")

    await (await scripted_house.gateway()).reconnect(start.tenant_id, start.call_id, AGAIN)
    media.facts.told(start.call_id, joined)  # Comes late: that line is gone.
    media.facts.told(start.call_id, PartyJoined(lease=2, party_id="sara", role=PartyRole.ADVISOR))
    media.facts.told(start.call_id, PartyLeft(lease=1, party_id="sara", role=PartyRole.ADVISOR, lost=True))
    media.facts.told(start.call_id, PartyLeft(lease=2, party_id="sara", role=PartyRole.ADVISOR, lost=False))

    await handoff.told("joined sara 1", "left sara 2 lost", "joined sara 2", "left sara 2 parted")


async def test_the_handoff_is_told_that_the_caller_is_away_back_and_gone(scripted_house: House) -> None:
    media, start, _ = await connected(scripted_house)
    gateway = await scripted_house.gateway()
    handoff = await scripted_house.handoff(start)
    await handoff.wants(PhaseKind.HELD)
    media.lines.drop(start.call_id)
    await handoff.told("away")

    await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)
    await handoff.told("away", "back")
    assert media.lines.lines[start.call_id].phase.kind is PhaseKind.HELD
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)

    assert await (await scripted_house.workflow(start)).result() is Outcome.CALLER_HUNG_UP
    await handoff.told("away", "back", "gone caller_hung_up")


async def test_a_phase_that_is_wanted_while_nobody_holds_the_line_is_there_when_it_is_opened(
    scripted_house: House,
) -> None:
    media, start, _ = await connected(scripted_house)
    handoff = await scripted_house.handoff(start)
    await handoff.wants(PhaseKind.HELD)
    media.lines.drop(start.call_id)
    await handoff.told("away")
    await handoff.wants(PhaseKind.BRIDGED)

    await (await scripted_house.gateway()).reconnect(start.tenant_id, start.call_id, AGAIN)

    phase = media.lines.lines[start.call_id].phase
    assert (phase.kind, phase.number) == (PhaseKind.BRIDGED, 2)


async def test_a_phase_that_is_wanted_while_the_line_is_being_opened_is_told_after_it(scripted_house: House) -> None:
    silent = await scripted_house.media("silent", slots=1)
    silent.lines.stuck = True
    start = await scripted_house.a_call()
    connecting = asyncio.create_task((await scripted_house.gateway()).connect(start, OFFER))
    await silent.lines.was_tried.wait()
    handoff = await scripted_house.handoff(start)
    await handoff.wants(PhaseKind.HELD)
    media = await scripted_house.media("b")
    await connecting

    await in_phase(media.lines.lines[start.call_id], PhaseKind.HELD, 1)


@pytest.mark.parametrize("broken", [True, False], ids=["fails", "ends without a word"])
async def test_a_handoff_that_leaves_the_caller_in_the_music_gives_the_call_back(
    scripted_house: House, broken: bool
) -> None:
    media, start, line = await connected(scripted_house)
    handoff = await scripted_house.handoff(start)
    await handoff.wants(PhaseKind.HELD)
    await in_phase(line, PhaseKind.HELD, 1)

    await (handoff.breaks() if broken else handoff.stops())

    await in_phase(line, PhaseKind.CONVERSE, 2)
    assert (line.phase.resumed, line.phase.handoff_id) == (ResumeReason.REFUSED, handoff.handoff_id)
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    assert await (await scripted_house.workflow(start)).result() is Outcome.CALLER_HUNG_UP


async def test_the_advisor_ends_the_call(scripted_house: House) -> None:
    media, start, line = await connected(scripted_house)
    handoff = await scripted_house.handoff(start)
    await handoff.wants(PhaseKind.BRIDGED)
    await in_phase(line, PhaseKind.BRIDGED, 1)

    await handoff.ends(HandoffResult.FINISHED)

    assert await (await scripted_house.workflow(start)).result() is Outcome.HANDED_OFF
    assert media.lines.lines == {}
    await handoff.told()
    row = await scripted_house.store.call(start.tenant_id, start.call_id)
    assert row is not None
    assert row.outcome is Outcome.HANDED_OFF


async def test_words_of_a_handoff_that_is_not_under_way_change_nothing(scripted_house: House) -> None:
    media, start, line = await connected(scripted_house)
    workflow = await scripted_house.workflow(start)
    await workflow.signal(CallWorkflow.phase_wanted, PhaseWanted(handoff_id=f"{start.call_id}-1", kind=PhaseKind.HELD))
    await workflow.signal(
        CallWorkflow.handoff_ended, HandoffEnded(handoff_id=f"{start.call_id}-1", result=HandoffResult.FINISHED)
    )
    media.facts.told(start.call_id, HeldChoiceMade(lease=1, phase_number=1, choice=HeldChoice.CALL_BACK))
    handoff = await scripted_house.handoff(start)
    await handoff.wants(PhaseKind.HELD)
    await in_phase(line, PhaseKind.HELD, 1)
    await handoff.told()


async def test_a_handoff_of_a_call_that_is_over_is_refused(scripted_house: House) -> None:
    media, start, _ = await connected(scripted_house)
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    await (await scripted_house.workflow(start)).result()
    with pytest.raises(LineLost):
        await (await scripted_house.gateway()).request_handoff(start.tenant_id, start.call_id, BY_BUTTON)
