"""A promise to call back: kept, put off, moved, called off and given up; every wait skipped."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from domain.call import Outcome
from domain.desk.acts import CALLBACK_OVER, CLAIMED, NOT_DUE, NOT_YOURS, Reschedule
from domain.desk.callbacks import CallbackReason, CallbackResult, CallbackState, CallbackVia
from domain.errors import Refused
from domain.handoff import PromiseCallback
from domain.speech import Language, Speaker, Turn
from tests.workflows.desk_side import Desk
from tests.workflows.promises import DUBAI, NUMBER, OMAR, SARA, Promise, Skipping, a_shop_at_noon, promise, until
from workflows import timeouts
from workflows.callback import CallbackWorkflow
from workflows.queues import DURABLE, callback_workflow_id

pytestmark = pytest.mark.servers


@pytest.fixture
async def desk(skipping: Skipping) -> Desk:
    return await a_shop_at_noon(skipping)


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone(DUBAI)


async def test_promised_on_friday_night_kept_on_saturday_at_opening(desk: Desk, skipping: Skipping) -> None:
    friday = await until(skipping, weekday=4, hour=22)
    promised = await promise(desk)
    row = await promised.becomes(CallbackState.PROMISED)
    opening = (friday + timedelta(days=1)).replace(hour=9)
    assert moment(row.next_try_at) == opening
    with pytest.raises(Refused) as refused:
        await promised.claim()
    assert refused.value.code == NOT_DUE

    await skipping.passes(opening - await skipping.now() + timedelta(minutes=1))

    due = await promised.becomes(CallbackState.DUE)
    assert (due.via, due.contact) == (CallbackVia.BY_HAND, NUMBER)
    assert due.window_ends_at is not None
    assert moment(due.window_ends_at) == opening.replace(hour=17)
    await promised.claim()
    assert (await promised.row()).claimed_by == SARA
    await promised.done()
    assert await promised.result() is CallbackResult.REACHED
    assert (await promised.row()).state is CallbackState.DONE


async def test_while_open_it_is_due_at_once_and_only_one_advisor_claims_it(desk: Desk) -> None:
    promised = await promise(desk)
    await promised.becomes(CallbackState.DUE)
    claims = await asyncio.gather(promised.claim(SARA), promised.claim(OMAR), return_exceptions=True)
    [refused] = [claim for claim in claims if isinstance(claim, Refused)]
    assert refused.code == CLAIMED
    winner = (await promised.row()).claimed_by
    assert winner in (SARA, OMAR)
    await promised.claim(winner)
    loser = OMAR if winner == SARA else SARA
    for doing in (promised.done(loser), promised.fails(loser)):
        with pytest.raises(Refused) as not_yours:
            await doing
        assert not_yours.value.code == NOT_YOURS
    await promised.done(winner)
    assert await promised.result() is CallbackResult.REACHED
    for doing in (promised.claim(), promised.done(winner), promised.cancel()):
        with pytest.raises(Refused) as over:
            await doing
        assert over.value.code == CALLBACK_OVER


async def test_not_reached_is_tried_again_with_growing_pauses_and_then_given_up(desk: Desk, skipping: Skipping) -> None:
    promised = await promise(desk)
    for tries in range(3):
        await promised.becomes(CallbackState.DUE, tries)
        await promised.claim()
        await promised.fails()
        row = await promised.becomes(CallbackState.PROMISED, tries + 1)
        assert row.claimed_by is None
        await skipping.passes(timedelta(seconds=max(1.0, row.next_try_at - (await skipping.now()).timestamp() + 1)))
    await promised.becomes(CallbackState.DUE, 3)
    await promised.claim()
    await promised.fails()
    assert await promised.result() is CallbackResult.NOT_REACHED
    assert (await promised.row()).state is CallbackState.FAILED


async def test_one_that_nobody_claims_comes_again_in_the_next_windows_and_ends(desk: Desk, skipping: Skipping) -> None:
    promised = await promise(desk)
    await promised.becomes(CallbackState.DUE)
    await skipping.passes(timedelta(days=14))
    assert await promised.result() is CallbackResult.NOBODY_CLAIMED


async def test_a_claim_that_was_forgotten_lapses(desk: Desk, skipping: Skipping) -> None:
    promised = await promise(desk)
    await promised.becomes(CallbackState.DUE)
    await promised.claim()
    await skipping.passes(timeouts.CALLBACK_CLAIM + timedelta(seconds=1))
    await promised.becomes(CallbackState.PROMISED, 1)
    with pytest.raises(Refused):
        await promised.done()
    await promised.cancel()
    assert await promised.result() is CallbackResult.CANCELLED


async def test_moved_to_a_time_at_which_calling_is_allowed(desk: Desk, skipping: Skipping) -> None:
    promised = await promise(desk)
    await promised.becomes(CallbackState.DUE)
    thursday_night = (await skipping.now()).astimezone(DUBAI).replace(hour=23) + timedelta(days=3)

    got = await desk.requests.reschedule_callback(
        desk.tenant_id, promised.id, Reschedule(by=SARA, at=thursday_night.timestamp())
    )

    assert moment(got) == (thursday_night + timedelta(days=2)).replace(hour=9, second=0, microsecond=0), (
        "Friday is closed"
    )
    assert (await promised.row()).next_try_at == got
    await promised.becomes(CallbackState.PROMISED)
    await skipping.passes(timedelta(days=5))
    await promised.becomes(CallbackState.DUE)
    await promised.claim(SARA)
    with pytest.raises(Refused) as refused:
        await desk.requests.reschedule_callback(desk.tenant_id, promised.id, Reschedule(by=OMAR, at=got))
    assert refused.value.code == CLAIMED
    await promised.cancel()


async def test_cancelled_before_its_time(desk: Desk, skipping: Skipping) -> None:
    await until(skipping, weekday=4, hour=22)
    promised = await promise(desk)
    await promised.becomes(CallbackState.PROMISED)
    await promised.cancel()
    assert await promised.result() is CallbackResult.CANCELLED
    row = await promised.row()
    assert (row.state, row.result) == (CallbackState.CANCELLED, CallbackResult.CANCELLED)


async def test_whom_not_to_call_is_asked_again_when_the_time_has_come(desk: Desk, skipping: Skipping) -> None:
    await until(skipping, weekday=4, hour=22)
    promised = await promise(desk)
    await promised.becomes(CallbackState.PROMISED)
    await desk.callbacks.forbid(desk.tenant_id, NUMBER, "admin")
    await skipping.passes(timedelta(days=1))
    assert await promised.result() is CallbackResult.DO_NOT_CALL
    later = await promise(desk)
    assert await later.result() is CallbackResult.NOT_PROMISED


async def test_a_call_that_still_lives_needs_no_number(desk: Desk) -> None:
    promised = await promise(desk, number=None, over=False)
    row = await promised.becomes(CallbackState.DUE)
    assert (row.via, row.contact) == (CallbackVia.PAGE, None)
    await promised.claim()
    await promised.done()
    assert await promised.result() is CallbackResult.REACHED


async def test_the_number_that_the_caller_said_is_called(desk: Desk) -> None:
    start = await desk.house.a_call()
    said = Turn(
        seq=1,
        speaker=Speaker.CALLER,
        text="My number is 050 123 4567",
        language=Language.EN,
        started_ms=0,
        ended_ms=900,
    )
    await desk.house.store.record_turn(start.tenant_id, start.call_id, said)
    await desk.house.store.end_call(start.tenant_id, start.call_id, Outcome.LOST)
    client, codec = await desk.house.connect()
    codec.know(start.tenant_id, start.call_id)
    handle = await client.start_workflow(
        CallbackWorkflow.run,
        PromiseCallback(call_id=start.call_id, tenant_id=start.tenant_id, number=1, reason=Outcome.LOST),
        id=callback_workflow_id(start.call_id, 1),
        task_queue=DURABLE,
    )
    promised = Promise(desk, start, handle)
    await promised.becomes(CallbackState.DUE)
    assert (await promised.row()).contact == NUMBER
    await promised.cancel()


async def test_nobody_is_promised_what_can_not_be_kept(desk: Desk) -> None:
    lost = await promise(desk, number=None, reason=CallbackReason.LOST)
    assert await lost.result() is CallbackResult.NOT_PROMISED
    chosen = await promise(desk, number=None)
    assert await chosen.result() is CallbackResult.NO_CONTACT
