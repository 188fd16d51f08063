"""A handoff on a real Temporal server and a real store, beside a call that only listens."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import create_async_engine

from domain.call import Outcome
from domain.desk.acts import FORM_CLOSED, HANDOFF_OVER, NOT_YOURS, OFFER_GONE, Acceptance, GiveBack, Requeue, WrapUp
from domain.desk.handoffs import HandoffState, Left, OfferResult
from domain.desk.people import PresenceState
from domain.errors import NotFound, Refused, Unavailable
from domain.handoff import BY_CONVERSATION, HandoffAsked, HandoffResult, HandoffStart
from domain.line import HeldChoice, PhaseKind, ResumeReason
from storage.desk.tables import handoffs
from tests.workflows.desk_side import ASKED, NUMBER, Desk, Handed
from tests.workflows.far_side import House
from workflows.desk import DeskRequests
from workflows.handoff import HandoffWorkflow
from workflows.queues import handoff_workflow_id

pytestmark = pytest.mark.servers


@pytest.fixture
async def desk(house: House) -> Desk:
    """With times so long that nothing here ends by waiting."""
    desk = await Desk.of(house)
    await desk.queue()
    return desk


async def wrapped_up(handed: Handed, advisor_id: str) -> None:
    form = WrapUp(advisor_id=advisor_id, disposition="resolved", notes="All is well")
    await handed.desk.requests.wrap_up(handed.desk.tenant_id, handed.id, form)


async def test_hold_ring_accept_talk_finish_wrap_up(desk: Desk) -> None:
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    held = await handed.is_in(PhaseKind.HELD)
    assert (held.position, held.wait_s, held.choose) == (1, 0, False)
    await handed.rings_at(sara, 1)
    assert (await desk.stands(sara)).state is PresenceState.RINGING
    brief = await desk.reading.brief(desk.tenant_id, handed.id)
    assert brief is None or brief.sentence == ASKED.text

    accepted = await handed.accept(sara)

    assert (accepted.handoff_id, accepted.call_id, accepted.offer_number) == (handed.id, handed.start.call_id, 1)
    assert (await desk.stands(sara)).state is PresenceState.BUSY, "on record before the answer"
    await handed.is_in(PhaseKind.BRIDGED)
    await handed.joined(sara)
    await desk.requests.finish(desk.tenant_id, handed.id, sara)
    await desk.until_stands(sara, PresenceState.WRAP_UP)
    assert await handed.ended() == [HandoffResult.FINISHED], "the call does not wait for the form"
    await wrapped_up(handed, sara)
    assert await handed.result() is HandoffResult.FINISHED
    assert (await desk.stands(sara)).state is PresenceState.READY
    row, [offer] = await handed.row(), await handed.offers()
    assert (row.state, row.result, row.accepted_by) == (HandoffState.ENDED, HandoffResult.FINISHED, sara)
    assert (offer.left, offer.disposition, offer.notes) == (Left.FINISHED, "resolved", "All is well")
    assert [wanted.kind for wanted in handed.heard] == [PhaseKind.HELD, PhaseKind.BRIDGED]
    brief = await desk.reading.brief(desk.tenant_id, handed.id)
    assert brief is not None
    assert brief.sentence == ASKED.text


async def test_a_second_accept_is_refused_and_so_is_everybody_elses(desk: Desk) -> None:
    sara, omar = await desk.advisor("sara"), await desk.advisor("omar")
    handed = await desk.handoff()
    await handed.rings_at(sara, 1)
    for advisor, number in ((omar, 1), (sara, 2), (sara, 0)):
        with pytest.raises(Refused) as refused:
            await handed.accept(advisor, number)
        assert refused.value.code == OFFER_GONE

    results = await asyncio.gather(*(handed.accept(sara) for _ in range(3)), return_exceptions=True)

    assert sum(not isinstance(result, BaseException) for result in results) == 1
    refusals = [result.code for result in results if isinstance(result, Refused)]
    assert refusals == [OFFER_GONE] * 2
    with pytest.raises(Refused) as refused:
        await handed.decline(sara)
    assert refused.value.code == OFFER_GONE
    await handed.hangs_up()
    await desk.until_stands(sara, PresenceState.WRAP_UP)
    await wrapped_up(handed, sara)
    assert await handed.result() is HandoffResult.CALLER_GONE


async def test_giving_back_again_after_a_lost_answer_is_the_same_request(desk: Desk) -> None:
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.rings_at(sara, 1)
    await handed.accept(sara)
    back = GiveBack(advisor_id=sara, note="Knows the price.")
    for _ in range(2):
        await desk.requests.give_back(desk.tenant_id, handed.id, back)
    await desk.until_stands(sara, PresenceState.WRAP_UP)
    await wrapped_up(handed, sara)
    assert await handed.result() is HandoffResult.GIVEN_BACK


async def test_only_whoever_has_the_call_can_do_something_with_it(desk: Desk) -> None:
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.rings_at(sara, 1)
    with pytest.raises(Refused) as refused:
        await desk.requests.finish(desk.tenant_id, handed.id, sara)
    assert refused.value.code == NOT_YOURS, "it only rings"
    with pytest.raises(Refused) as refused:
        await wrapped_up(handed, sara)
    assert refused.value.code == FORM_CLOSED
    await handed.accept(sara)
    for doing in (
        desk.requests.finish(desk.tenant_id, handed.id, "omar"),
        desk.requests.give_back(desk.tenant_id, handed.id, GiveBack(advisor_id="omar")),
        desk.requests.requeue(desk.tenant_id, handed.id, Requeue(advisor_id="omar")),
    ):
        with pytest.raises(Refused) as refused:
            await doing
        assert refused.value.code == NOT_YOURS
    await desk.requests.finish(desk.tenant_id, handed.id, sara)
    await desk.until_stands(sara, PresenceState.WRAP_UP)
    with pytest.raises(Refused) as refused:
        await handed.accept(sara)
    assert refused.value.code in (HANDOFF_OVER, OFFER_GONE)
    await wrapped_up(handed, sara)
    await handed.result()
    await desk.requests.finish(desk.tenant_id, handed.id, sara)  # the same request again: as answered before
    for doing in (handed.accept(sara), desk.requests.finish(desk.tenant_id, handed.id, "omar")):
        with pytest.raises(Refused) as refused:
            await doing
        assert refused.value.code == HANDOFF_OVER
    with pytest.raises(Refused) as refused:
        await wrapped_up(handed, sara)
    assert refused.value.code == FORM_CLOSED


async def test_a_handoff_that_never_was(desk: Desk) -> None:
    start = await desk.house.a_call()
    with pytest.raises(Refused) as refused:
        await desk.requests.finish(desk.tenant_id, f"{start.call_id}-9", "sara")
    assert refused.value.code == HANDOFF_OVER
    for nonsense in ("", "-1", "no number", "call-x"):
        with pytest.raises(NotFound):
            await desk.requests.finish(desk.tenant_id, nonsense, "sara")


async def test_who_declines_is_passed_over_for_the_next(desk: Desk) -> None:
    sara, omar = await desk.advisor("sara"), await desk.advisor("omar")
    handed = await desk.handoff()
    await handed.rings_at(sara, 1)
    await handed.decline(sara)
    await handed.rings_at(omar, 2)
    assert (await desk.stands(sara)).state is PresenceState.READY
    await handed.hangs_up()
    assert await handed.result() is HandoffResult.CALLER_GONE
    assert (await desk.stands(omar)).state is PresenceState.READY
    assert [offer.result for offer in await handed.offers()] == [OfferResult.DECLINED, OfferResult.WITHDRAWN]


async def test_given_back_with_a_note(desk: Desk) -> None:
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.talks_with(sara)
    await desk.requests.give_back(desk.tenant_id, handed.id, GiveBack(advisor_id=sara, note="Refund agreed"))
    resumed = await handed.is_in(PhaseKind.CONVERSE)
    assert resumed.resumed is ResumeReason.GIVEN_BACK
    assert await desk.reading.note(desk.tenant_id, handed.id) == "Refund agreed", "there before the agent speaks"
    await wrapped_up(handed, sara)
    assert await handed.result() is HandoffResult.GIVEN_BACK
    assert await handed.ended() == [HandoffResult.GIVEN_BACK]


async def test_requeued_to_another_queue_each_with_a_form(desk: Desk) -> None:
    await desk.queue(name="sales")
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.talks_with(sara)
    await desk.requests.requeue(desk.tenant_id, handed.id, Requeue(advisor_id=sara, queue_id="sales", note="Wants two"))
    await handed.is_in(PhaseKind.HELD)
    await desk.until_stands(sara, PresenceState.WRAP_UP)
    omar = await desk.advisor("omar", ready=True)
    await desk.wake()
    await handed.talks_with(omar, 2)
    await wrapped_up(handed, sara)
    assert (await desk.stands(sara)).state is PresenceState.READY
    await desk.requests.finish(desk.tenant_id, handed.id, omar)
    await desk.until_stands(omar, PresenceState.WRAP_UP)
    await wrapped_up(handed, omar)
    assert await handed.result() is HandoffResult.FINISHED
    assert [offer.left for offer in await handed.offers()] == [Left.REQUEUED, Left.FINISHED]
    assert (await handed.row()).queue_id == "sales"


async def test_an_advisor_who_hangs_up_has_finished(desk: Desk) -> None:
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.talks_with(sara)
    await handed.left("somebody-else", lost=False)
    await handed.left(sara, lost=False)
    await desk.until_stands(sara, PresenceState.WRAP_UP)
    await wrapped_up(handed, sara)
    assert await handed.result() is HandoffResult.FINISHED


async def test_an_advisor_whose_line_breaks_and_comes_back_goes_on(desk: Desk) -> None:
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.talks_with(sara)
    await handed.left(sara, lost=True)
    await handed.joined(sara)
    assert [wanted.kind for wanted in handed.heard][-1] is PhaseKind.BRIDGED
    await desk.requests.finish(desk.tenant_id, handed.id, sara)
    await desk.until_stands(sara, PresenceState.WRAP_UP)
    await wrapped_up(handed, sara)
    assert [offer.left for offer in await handed.offers()] == [Left.FINISHED]


@pytest.mark.parametrize("ringing", [False, True])
async def test_a_caller_who_hangs_up_leaves_nobody_ringing(desk: Desk, ringing: bool) -> None:
    sara = await desk.advisor("sara", ready=ringing)
    handed = await desk.handoff()
    await handed.is_in(PhaseKind.HELD)
    if ringing:
        await handed.rings_at(sara, 1)
    await handed.hangs_up()
    assert await handed.result() is HandoffResult.CALLER_GONE
    assert (await desk.stands(sara)).state is (PresenceState.READY if ringing else PresenceState.OFFLINE)
    assert await handed.ended() == [HandoffResult.CALLER_GONE]


async def test_never_mind(desk: Desk) -> None:
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.rings_at(sara, 1)
    await handed.chooses(HeldChoice.NEVER_MIND)
    assert await handed.result() is HandoffResult.NEVER_MIND
    assert (await handed.is_in(PhaseKind.CONVERSE)).resumed is ResumeReason.NEVER_MIND
    assert (await desk.stands(sara)).state is PresenceState.READY
    with pytest.raises(Refused) as refused:
        await handed.accept(sara)
    assert refused.value.code == HANDOFF_OVER


async def test_nobody_there_gives_the_choice_at_once_and_the_agent_goes_on(desk: Desk) -> None:
    handed = await desk.handoff()
    assert (await handed.is_in(PhaseKind.HELD)).choose
    await handed.chooses(HeldChoice.NEVER_MIND)
    assert await handed.result() is HandoffResult.NO_ADVISOR
    assert (await handed.is_in(PhaseKind.CONVERSE)).resumed is ResumeReason.NO_ADVISOR


async def test_nobody_there_and_a_callback_is_promised(desk: Desk) -> None:
    handed = await desk.handoff()
    await handed.can_be_called()
    await handed.told(lambda wanted: wanted.choose)
    await handed.chooses(HeldChoice.CALL_BACK)
    assert await handed.result() is HandoffResult.CALLBACK_PROMISED
    resumed = await handed.is_in(PhaseKind.CONVERSE)
    assert resumed.resumed is ResumeReason.CALLBACK_PROMISED
    promised = await desk.callbacks.callback(desk.tenant_id, handed.id)
    assert promised is not None
    assert promised.call_id == handed.start.call_id


async def test_without_a_number_the_caller_is_asked_for_one_before_anything_is_promised(desk: Desk) -> None:
    handed = await desk.handoff()
    await handed.told(lambda wanted: wanted.choose)
    await handed.chooses(HeldChoice.CALL_BACK)
    asked = await handed.told(lambda wanted: wanted.number_wanted)
    assert (asked.kind, asked.position, asked.callback_at) == (PhaseKind.HELD, 1, None)
    assert await desk.callbacks.callback(desk.tenant_id, handed.id) is None
    await handed.can_be_called()
    await handed.chooses(HeldChoice.CALL_BACK)
    assert await handed.result() is HandoffResult.CALLBACK_PROMISED
    assert (await handed.is_in(PhaseKind.CONVERSE)).resumed is ResumeReason.CALLBACK_PROMISED
    promised = await desk.callbacks.callback(desk.tenant_id, handed.id)
    assert promised is not None
    assert promised.contact == NUMBER


@pytest.mark.parametrize("choice", [HeldChoice.NEVER_MIND, HeldChoice.WAIT])
async def test_who_gives_no_number_is_promised_nothing(desk: Desk, choice: HeldChoice) -> None:
    handed = await desk.handoff()
    await handed.told(lambda wanted: wanted.choose)
    await handed.chooses(HeldChoice.CALL_BACK)
    await handed.told(lambda wanted: wanted.number_wanted)
    await handed.chooses(choice)
    if choice is HeldChoice.WAIT:
        assert not (await handed.told(lambda wanted: wanted.choose)).number_wanted
        await handed.chooses(HeldChoice.NEVER_MIND)
        assert await handed.result() is HandoffResult.NO_ADVISOR
    else:
        assert await handed.result() is HandoffResult.NEVER_MIND
    assert await desk.callbacks.callback(desk.tenant_id, handed.id) is None


async def test_who_is_not_to_be_called_is_told_so(desk: Desk) -> None:
    handed = await desk.handoff()
    await handed.can_be_called()
    await desk.callbacks.forbid(desk.tenant_id, NUMBER, "admin")
    await handed.told(lambda wanted: wanted.choose)
    await handed.chooses(HeldChoice.CALL_BACK)
    await handed.result()
    assert (await handed.is_in(PhaseKind.CONVERSE)).resumed is ResumeReason.NOT_CALLED
    assert await desk.callbacks.callback(desk.tenant_id, handed.id) is None


async def test_somebody_who_becomes_ready_is_found_at_once(desk: Desk) -> None:
    handed = await desk.handoff()
    await handed.told(lambda wanted: wanted.choose)
    sara = await desk.advisor("sara")
    await desk.wake()
    await handed.rings_at(sara, 1)
    assert not (await handed.told(lambda wanted: not wanted.choose)).choose
    await handed.hangs_up()
    await handed.result()


async def test_the_next_who_waits_is_told_when_an_advisor_is_free_again(desk: Desk) -> None:
    sara = await desk.advisor("sara")
    first = await desk.handoff()
    await first.rings_at(sara, 1)
    second = await desk.handoff()
    assert (await second.is_in(PhaseKind.HELD)).position == 2
    await first.hangs_up()
    await first.result()
    await second.rings_at(sara, 1)
    await second.hangs_up()
    await second.result()


async def test_a_caller_adrift_rings_nowhere_and_keeps_the_place(desk: Desk) -> None:
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.rings_at(sara, 1)
    await handed.handle.signal("caller_away")
    await desk.until_stands(sara, PresenceState.READY)
    with pytest.raises(Refused) as refused:
        await handed.accept(sara)
    assert refused.value.code == OFFER_GONE
    await handed.until_row(lambda row: row.state is HandoffState.ADRIFT)

    await handed.handle.signal("caller_back")

    await handed.rings_at(sara, 2)
    await handed.handle.signal("caller_away")
    await handed.hangs_up(Outcome.LOST)
    assert await handed.result() is HandoffResult.CALLER_GONE


async def test_an_advisor_stays_with_a_caller_adrift(desk: Desk) -> None:
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.talks_with(sara)
    await handed.handle.signal("caller_away")
    await handed.left(sara, lost=True)
    await handed.handle.signal("caller_back")
    await handed.joined(sara)
    await desk.requests.give_back(desk.tenant_id, handed.id, GiveBack(advisor_id=sara))
    await handed.is_in(PhaseKind.CONVERSE)
    await wrapped_up(handed, sara)
    assert [offer.left for offer in await handed.offers()] == [Left.GAVE_BACK]


async def test_a_supervisor_takes_over_from_an_advisor(desk: Desk) -> None:
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.talks_with(sara)
    noor = await desk.advisor("noor")
    await desk.becomes(noor, PresenceState.AWAY)
    await handed.raised(HandoffAsked(reason="taken_over", by=noor, advisor_id=noor))
    await handed.talks_with(noor, 2)
    await desk.until_stands(sara, PresenceState.WRAP_UP)
    await handed.raised(HandoffAsked(reason="taken_over", by=noor, advisor_id=noor))
    await wrapped_up(handed, sara)
    await desk.requests.finish(desk.tenant_id, handed.id, noor)
    await desk.until_stands(noor, PresenceState.WRAP_UP)
    await wrapped_up(handed, noor)
    assert await handed.result() is HandoffResult.FINISHED
    assert (await desk.stands(noor)).state is PresenceState.AWAY, "as before"


async def test_signals_that_come_twice_or_late_change_nothing(desk: Desk) -> None:
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.talks_with(sara)
    await handed.joined(sara)
    await handed.chooses(HeldChoice.NEVER_MIND)
    await handed.hangs_up()
    await handed.handle.signal("caller_back")
    await handed.left(sara, lost=True)
    await handed.hangs_up(Outcome.LOST)
    await desk.until_stands(sara, PresenceState.WRAP_UP)
    await wrapped_up(handed, sara)
    assert await handed.result() is HandoffResult.CALLER_GONE
    assert [offer.left for offer in await handed.offers()] == [Left.CALLER_LEFT]


async def test_accept_and_hang_up_at_the_same_moment(desk: Desk) -> None:
    """Whichever comes first, nobody is left ringing or busy, and nobody talks to nobody."""
    sara = await desk.advisor("sara")
    for _ in range(5):
        handed = await desk.handoff()
        await handed.rings_at(sara, 1)
        accepting = asyncio.create_task(handed.accept(sara))
        await handed.hangs_up()
        [outcome] = await asyncio.gather(accepting, return_exceptions=True)
        [offer] = await handed.offers() if isinstance(outcome, Refused) else [None]
        if offer is None:
            await desk.until_stands(sara, PresenceState.WRAP_UP)
            await wrapped_up(handed, sara)
        assert await handed.result() is HandoffResult.CALLER_GONE
        await desk.until_stands(sara, PresenceState.READY)


async def test_a_form_that_comes_before_the_leaving_is_on_record_is_kept(desk: Desk) -> None:
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.talks_with(sara)
    # Not the product's own connection, which is cut when a transaction lasts.
    engine = create_async_engine(desk.house.database_url)
    async with engine.begin() as connection:
        await connection.execute(text("select set_config('app.tenant_id', :of, true)"), {"of": desk.tenant_id})
        held = select(handoffs).where(handoffs.c.handoff_id == handed.id).with_for_update()
        assert (await connection.execute(held)).one().handoff_id == handed.id, "nobody writes to it meanwhile"
        await desk.requests.finish(desk.tenant_id, handed.id, sara)
        await wrapped_up(handed, sara)
    await engine.dispose()
    assert await handed.result() is HandoffResult.FINISHED
    await desk.until_stands(sara, PresenceState.READY)
    [offer] = await handed.offers()
    assert (offer.disposition, offer.notes) == ("resolved", "All is well")


async def test_a_desk_whose_procedures_do_not_run_is_told_so(house: House) -> None:
    client, codec = await house.connect()
    start = await house.a_call()
    codec.know(start.tenant_id, start.call_id)
    handoff = HandoffStart(
        handoff_id=f"{start.call_id}-1",
        number=1,
        call_id=start.call_id,
        tenant_id=start.tenant_id,
        reason="caller_asked",
        by=BY_CONVERSATION,
    )
    await client.start_workflow(
        HandoffWorkflow.run, handoff, id=handoff_workflow_id(start.call_id, 1), task_queue="nobody"
    )
    with pytest.raises(Unavailable):
        answer = Acceptance(advisor_id="sara", offer_number=1)
        await DeskRequests(client, codec).accept(start.tenant_id, handoff.handoff_id, answer)
