"""What a handoff does when nobody does anything: every wait, skipped."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.desk.acts import FORM_CLOSED, WrapUp
from domain.desk.handoffs import Left, OfferResult
from domain.desk.people import AwayReason, PresenceState
from domain.errors import Refused
from domain.handoff import HandoffResult
from domain.line import HeldChoice, PhaseKind, ResumeReason
from domain.tenant import OpenHours
from tests.workflows.desk_side import NUMBER, Desk
from tests.workflows.promises import Skipping
from workflows import timeouts

pytestmark = pytest.mark.servers

OFFER_S, MAX_WAIT_S, WRAP_UP_S = 20, 90, 300


@pytest.fixture
async def desk(skipping: Skipping) -> Desk:
    desk = await Desk.of(skipping.house)
    await desk.queue(offer_s=OFFER_S, max_wait_s=MAX_WAIT_S, wrap_up_s=WRAP_UP_S)
    return desk


async def test_an_offer_that_nobody_takes_goes_to_the_next(desk: Desk, skipping: Skipping) -> None:
    sara, omar = await desk.advisor("sara"), await desk.advisor("omar")
    handed = await desk.handoff()
    await handed.rings_at(sara, 1)
    await skipping.passes(timedelta(seconds=OFFER_S + 1))
    await handed.rings_at(omar, 2)
    missed = await desk.stands(sara)
    assert (missed.state, missed.away) == (PresenceState.AWAY, AwayReason.MISSED)
    with pytest.raises(Refused):
        await handed.accept(sara)
    await handed.accept(omar, 2)
    await handed.hangs_up()
    await skipping.passes(timedelta(seconds=WRAP_UP_S + 1))
    assert await handed.result() is HandoffResult.CALLER_GONE


async def test_a_caller_who_has_waited_long_is_given_the_choice_and_may_wait_on(desk: Desk, skipping: Skipping) -> None:
    sara = await desk.advisor("sara")
    first = await desk.handoff()
    await first.rings_at(sara, 1)
    await first.accept(sara)
    await first.joined(sara)
    waiting = await desk.handoff()
    assert not (await waiting.is_in(PhaseKind.HELD)).choose
    await skipping.passes(timedelta(seconds=MAX_WAIT_S + 1))
    assert (await waiting.told(lambda wanted: wanted.choose)).kind is PhaseKind.HELD
    await skipping.passes(timedelta(minutes=10))
    await desk.requests.finish(desk.tenant_id, first.id, sara)
    await desk.until_stands(sara, PresenceState.WRAP_UP)
    await desk.requests.wrap_up(desk.tenant_id, first.id, WrapUp(advisor_id=sara))
    await waiting.rings_at(sara, 1)
    await waiting.can_be_called()
    await waiting.chooses(HeldChoice.CALL_BACK)
    assert await waiting.result() is HandoffResult.CALLBACK_PROMISED


async def test_a_form_that_is_never_filled_in_is_given_up(desk: Desk, skipping: Skipping) -> None:
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.talks_with(sara)
    await desk.requests.finish(desk.tenant_id, handed.id, sara)
    await desk.until_stands(sara, PresenceState.WRAP_UP)
    await skipping.passes(timedelta(seconds=WRAP_UP_S + 1))
    assert await handed.result() is HandoffResult.FINISHED
    assert (await desk.stands(sara)).state is PresenceState.READY
    [offer] = await handed.offers()
    assert offer.wrapped_up_at is not None
    assert offer.disposition is None
    with pytest.raises(Refused) as refused:
        await desk.requests.wrap_up(desk.tenant_id, handed.id, WrapUp(advisor_id=sara))
    assert refused.value.code == FORM_CLOSED


async def test_who_accepts_and_never_joins_is_passed_over(desk: Desk, skipping: Skipping) -> None:
    sara, omar = await desk.advisor("sara"), await desk.advisor("omar")
    handed = await desk.handoff()
    await handed.rings_at(sara, 1)
    await handed.accept(sara)
    await skipping.passes(timeouts.ADVISOR_JOINS + timedelta(seconds=1))
    await handed.rings_at(omar, 2)
    assert (await desk.stands(sara)).state is PresenceState.AWAY
    assert (await handed.is_in(PhaseKind.HELD)).position == 1
    await handed.hangs_up()
    assert await handed.result() is HandoffResult.CALLER_GONE
    assert [offer.left for offer in await handed.offers()] == [Left.NEVER_JOINED, None]


async def test_an_advisor_who_does_not_come_back_leaves_the_caller_held_for_the_next(
    desk: Desk, skipping: Skipping
) -> None:
    sara, omar = await desk.advisor("sara"), await desk.advisor("omar")
    handed = await desk.handoff()
    await handed.talks_with(sara)
    await handed.left(sara, lost=True)
    await skipping.passes(timeouts.ADVISOR_RETURNS + timedelta(seconds=1))
    await handed.rings_at(omar, 2)
    await handed.is_in(PhaseKind.HELD)
    await handed.hangs_up()
    await skipping.passes(timedelta(seconds=WRAP_UP_S + 1))
    await handed.result()
    assert [(offer.result, offer.left) for offer in await handed.offers()] == [
        (OfferResult.ACCEPTED, Left.LOST),
        (OfferResult.WITHDRAWN, None),
    ]


async def test_while_the_caller_is_away_nobodys_patience_runs_out(desk: Desk, skipping: Skipping) -> None:
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.talks_with(sara)
    await handed.handle.signal("caller_away")
    await handed.left(sara, lost=True)
    await skipping.passes(timedelta(minutes=2))
    await handed.handle.signal("caller_back")
    await handed.joined(sara)
    await desk.requests.finish(desk.tenant_id, handed.id, sara)
    await skipping.passes(timedelta(seconds=WRAP_UP_S + 1))
    assert await handed.result() is HandoffResult.FINISHED


async def test_a_closed_house_with_nobody_in_it_promises_the_next_opening(desk: Desk, skipping: Skipping) -> None:
    opening = await closed_until_tomorrow(desk, skipping)
    start = await desk.house.a_call()
    await desk.callbacks.note_contact(desk.tenant_id, start.call_id, NUMBER)
    handed = await desk.handoff(start)
    assert await handed.result() is HandoffResult.CLOSED
    resumed = await handed.is_in(PhaseKind.CONVERSE)
    assert (resumed.resumed, resumed.callback_at) == (ResumeReason.CLOSED, opening)
    promised = await desk.callbacks.callback(desk.tenant_id, handed.id)
    assert promised is not None
    assert promised.next_try_at == opening


@pytest.mark.parametrize("given", [True, False])
async def test_after_hours_a_number_is_asked_for_and_nothing_is_promised_without_one(
    desk: Desk, skipping: Skipping, given: bool
) -> None:
    opening = await closed_until_tomorrow(desk, skipping)
    handed = await desk.handoff()
    asked = await handed.told(lambda wanted: wanted.number_wanted)
    assert (asked.kind, asked.callback_at) == (PhaseKind.HELD, opening)
    if given:
        await handed.can_be_called()
        await handed.chooses(HeldChoice.CALL_BACK)
    else:
        await skipping.passes(timeouts.NUMBER_GIVEN + timedelta(seconds=1))
    assert await handed.result() is HandoffResult.CLOSED
    resumed = await handed.is_in(PhaseKind.CONVERSE)
    assert (resumed.resumed, resumed.callback_at) == (ResumeReason.CLOSED, opening if given else None)
    promised = await desk.callbacks.callback(desk.tenant_id, handed.id)
    assert (promised is not None) is given


async def test_who_stays_after_hours_is_asked_all_the_same(desk: Desk, skipping: Skipping) -> None:
    await closed_until_tomorrow(desk, skipping)
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.rings_at(sara, 1)
    await handed.hangs_up()
    await handed.result()


async def test_a_long_wait_writes_a_short_history(desk: Desk, skipping: Skipping) -> None:
    sara = await desk.advisor("sara")
    first = await desk.handoff()
    await first.talks_with(sara)
    waiting = await desk.handoff()
    await waiting.is_in(PhaseKind.HELD)
    await skipping.passes(timedelta(hours=1))
    history = await waiting.handle.fetch_history()
    assert len(history.events) < 2_000
    for handed in (waiting, first):
        await handed.hangs_up()


async def closed_until_tomorrow(desk: Desk, skipping: Skipping) -> float:
    """Unix seconds of the opening."""
    now = await skipping.now()
    opening = (now + timedelta(days=1)).replace(hour=6, minute=0, second=0, microsecond=0)
    profile = await desk.tenants.profile(desk.tenant_id)
    assert profile is not None
    hours = (OpenHours(weekday=opening.weekday(), opens="10:00", closes="11:00"),)
    await desk.tenants.save(replace(profile, hours=hours))
    return opening.timestamp()
