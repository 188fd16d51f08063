"""Calls out by a trunk, dialled for real: kamailio asks for the password, Debian's baresip picks up."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from temporalio.testing import ActivityEnvironment

from activities.campaign import CampaignStart, Dialling
from domain.call import CallState, Channel, Outcome
from domain.campaigns.book import CampaignAct, CampaignState, Counts
from domain.campaigns.outcomes import ContactOutcome
from domain.desk.acts import CLAIMED
from domain.desk.callbacks import CallbackResult, CallbackState
from domain.errors import NotFound, Refused
from domain.line import CallStart
from domain.outbound.calling_out import OutboundResult, OutboundStanding, call_of_try, request_of
from domain.outbound.promised import BY_ITSELF
from domain.speech import Language, Speaker, Turn
from domain.tenant import CallbackDialling
from storage.audit import PostgresAudit
from tests.realtime.phone.sip_peer import SipPhone
from tests.realtime.phone.test_sip import tone
from tests.realtime.phone.test_sip_scenarios import KAMAILIO
from tests.workflows.campaigns import AROUND_THE_CLOCK, a_list, campaign
from tests.workflows.desk_side import Desk, eventually
from tests.workflows.dialling_process import RINGS as IT_RINGS
from tests.workflows.dialling_process import DialsApart
from tests.workflows.far_side import House
from tests.workflows.media_process import Apart
from tests.workflows.promises import Promise, Skipping, promise
from tests.workflows.quiet_lines import OFFER
from tests.workflows.trunk_office import (
    ANSWERS,
    IS_BUSY,
    NOTHING,
    RINGS,
    TRIES,
    Office,
    callbacks_are_dialled,
    open_office,
)
from workers.call_meter import PrometheusMeter
from workers.durable import steps_over
from workers.vendors.crm import ConnectedCrms
from workflows import timeouts

pytestmark = [
    pytest.mark.servers,
    pytest.mark.models,
    pytest.mark.skipif(not SipPhone.installed(), reason="Debian's baresip-core is not on this machine"),
    pytest.mark.skipif(not Path(KAMAILIO).exists(), reason="Debian's kamailio is not on this machine"),
]


async def test_whoever_answers_is_in_a_call_and_the_same_request_dials_once(house: House, tmp_path: Path) -> None:
    async with open_office(house, tmp_path) as office:
        await somebody_answers(office)
        await a_machine_answers(office)
        await nobody_is_reached(office)
        await what_rings_is_hung_up(office)
        await a_worker_dies_with_a_callers_line(office)
        await a_worker_dies_while_it_rings(office)


async def somebody_answers(office: Office) -> None:
    house = office.house
    call_id, result = await office.dialled("first", "050 123 4567")
    assert result is OutboundResult.ANSWERED
    await office.phone.told("Call established")
    assert list(office.lines.lines) == [call_id]
    assert await office.dialled("first", ANSWERS) == (call_id, OutboundResult.ANSWERED)
    with pytest.raises(Refused) as taken:
        await office.calls.begin(house.tenant_id, "first", IS_BUSY)
    assert taken.value.code == "key_taken"
    assert office.lines.tried == 1
    await (await house.gateway()).end(house.tenant_id, call_id, Outcome.AGENT_SAID_GOODBYE)
    called = await house.workflow(CallStart(call_id=call_id, tenant_id=house.tenant_id, channel=Channel.PHONE))
    assert await called.result() is Outcome.AGENT_SAID_GOODBYE
    assert await office.outcome(call_id) is Outcome.AGENT_SAID_GOODBYE


async def a_machine_answers(office: Office) -> None:
    """It is hung up on, and never in a call."""
    office.phone.will_say(tone(1_000, 60))
    call_id, result = await office.dialled("machine", ANSWERS)
    assert result is OutboundResult.MACHINE
    assert await office.outcome(call_id) is Outcome.NOT_REACHED
    assert not office.lines.lines
    assert await office.house.store.current_lease(office.house.tenant_id, call_id) == 0
    office.phone.will_say(NOTHING)


async def nobody_is_reached(office: Office) -> None:
    house = office.house
    busy, result = await office.dialled("second", IS_BUSY)
    assert result is OutboundResult.BUSY
    assert await office.outcome(busy) is Outcome.BUSY
    abroad, result = await office.dialled("third", "+442071234567")
    assert result is OutboundResult.NOT_ALLOWED
    await office.contacts.forbid(house.tenant_id, ANSWERS, "somebody")
    forbidden, result = await office.dialled("fourth", ANSWERS)
    assert result is OutboundResult.DO_NOT_CALL
    assert [await office.outcome(which) for which in (abroad, forbidden)] == [Outcome.NOT_REACHED] * 2
    with pytest.raises(Refused):
        await office.calls.begin(house.tenant_id, "fifth", "nobody")
    with pytest.raises(NotFound):
        await office.calls.standing(house.tenant_id, call_of_try(busy, 2))
    assert office.lines.tried == 1
    audit = PostgresAudit(house.database, house.keys)
    noted = [(line.subject, line.detail) for line in await audit.lines(house.tenant_id)]
    assert (busy, {"result": "busy"}) in noted


async def what_rings_is_hung_up(office: Office) -> None:
    """When somebody says so, and when the worker goes away: nobody rings again by itself."""
    tenant_id = office.house.tenant_id
    called_off = await office.calls.begin(tenant_id, "sixth", RINGS, tries=3)
    await office.rings()
    assert await office.calls.standing(tenant_id, called_off) == OutboundStanding(call_id=called_off, tries=1)
    await office.calls.stop(tenant_id, called_off)
    assert await office.calls.result(tenant_id, called_off) is OutboundResult.STOPPED
    assert await office.outcome(called_off) is Outcome.NOT_REACHED

    ringing = await office.calls.begin(tenant_id, "seventh", RINGS, tries=3)
    await office.rings()
    await office.stops_dialling()
    assert await office.calls.result(tenant_id, ringing) is OutboundResult.UNKNOWN
    assert await office.outcome(ringing) is Outcome.NOT_REACHED


async def a_worker_dies_while_it_rings(office: Office) -> None:
    """It may have rung: the next worker of the tenant's queue, which is there at once, does not dial it."""
    tenant_id = office.house.tenant_id
    await office.stops_dialling()
    apart = await DialsApart.start(office)
    rings = asyncio.create_task(apart.says(IT_RINGS))
    try:
        for key in map(str, range(20)):
            ringing = await office.calls.begin(tenant_id, key, RINGS)
            result = asyncio.create_task(office.calls.result(tenant_id, ringing))
            await asyncio.wait([rings, result], return_when=asyncio.FIRST_COMPLETED)
            if rings.done():
                break
            assert await result is OutboundResult.NO_LINE  # It was not quite ready yet.
    finally:
        rings.cancel()
        await apart.die()
    office.begins_to_dial()
    assert await result is OutboundResult.UNKNOWN
    assert await office.outcome(ringing) is Outcome.NOT_REACHED
    assert await office.dialled(key, RINGS) == (ringing, OutboundResult.UNKNOWN)
    assert not office.rung.is_set()


async def a_worker_dies_with_a_callers_line(office: Office) -> None:
    """Nobody brings a SIP call again: where the tenant wants it, the caller is dialled, and the call goes on."""
    house = office.house
    office.begins_to_dial()
    await office.contacts.allow(house.tenant_id, ANSWERS)
    start = replace(await house.a_call(), channel=Channel.PHONE, dial_back=True)
    await office.contacts.note_contact(house.tenant_id, start.call_id, ANSWERS)
    apart = await Apart.start(house.address, house.database_url, house.master, "b")
    try:
        await (await house.gateway()).connect(start, replace(OFFER, worker="b"))
        await house.noted(start, CallState.TALKING)
    finally:
        await apart.stop()

    async def is_back() -> bool:
        return start.call_id in office.lines.lines

    await eventually(is_back)
    await house.noted(start, CallState.TALKING)
    assert await house.store.current_lease(house.tenant_id, start.call_id) > 1
    await office.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    assert await (await house.workflow(start)).result() is Outcome.CALLER_HUNG_UP


async def test_what_waits_for_its_time_is_dialled_then(skipping: Skipping, tmp_path: Path) -> None:
    async with open_office(skipping.house, tmp_path) as office:
        await who_is_busy_is_called_again_each_time_in_a_call_of_its_own(skipping, office)
        desk = await Desk.of(skipping.house)
        # Whoever is in a call stops the clock: what waits comes before what is answered.
        await callbacks_are_dialled(desk, CallbackDialling.AGENT)
        await a_busy_line_is_a_try(skipping, desk, office)
        await a_campaign_tries_again_on_another_day(skipping, office)
        await callbacks_are_dialled(desk, CallbackDialling.ADVISOR)
        await a_promise_waits_for_an_advisor(skipping, desk, office)
        await callbacks_are_dialled(desk, CallbackDialling.AGENT)
        await a_promise_is_kept_by_the_agent(desk, office)
        await nobody_else_calls_meanwhile(desk, office)
        await a_campaign_calls_everybody_once(office)
        await a_campaign_is_paused_and_stopped(office)
        await a_step_that_is_run_again_dials_nobody_twice(office)


async def who_is_busy_is_called_again_each_time_in_a_call_of_its_own(skipping: Skipping, office: Office) -> None:
    tenant_id = office.house.tenant_id

    async def waits(request: str, tries: int) -> None:
        async def is_so() -> bool:
            standing = await office.calls.standing(tenant_id, request)
            return standing.tries == tries and standing.next_at is not None

        await eventually(is_so)

    request = await office.calls.begin(tenant_id, "often", IS_BUSY, tries=9)
    for tries in range(1, TRIES.most):
        await waits(request, tries)
        await skipping.passes(timedelta(minutes=TRIES.busy_min))
    assert await office.calls.result(tenant_id, request) is OutboundResult.BUSY
    last = call_of_try(request, TRIES.most)
    standing = OutboundStanding(call_id=last, tries=TRIES.most, result=OutboundResult.BUSY)
    assert await office.calls.standing(tenant_id, request) == standing
    calls = [call_of_try(request, number) for number in range(1, TRIES.most + 1)]
    assert [await office.outcome(call_id) for call_id in calls] == [Outcome.BUSY] * TRIES.most

    stopped = await office.calls.begin(tenant_id, "until told", IS_BUSY, tries=9)
    await waits(stopped, 1)
    await office.calls.stop(tenant_id, stopped)
    assert await office.calls.result(tenant_id, stopped) is OutboundResult.STOPPED
    assert await office.house.store.call(tenant_id, call_of_try(stopped, 2)) is None


def request_for(promised: Promise, tries: int = 0) -> str:
    return request_of(promised.desk.tenant_id, f"callback/{promised.id}/{tries}")


async def a_busy_line_is_a_try(skipping: Skipping, desk: Desk, office: Office) -> None:
    """And the callback's own pauses hold."""
    busy = await promise(desk, number=IS_BUSY)
    first = await busy.becomes(CallbackState.PROMISED, 1)
    assert first.claimed_by is None
    assert await office.outcome(request_for(busy)) is Outcome.BUSY
    await skipping.passes(timedelta(minutes=6))
    await busy.becomes(CallbackState.PROMISED, 2)
    await busy.cancel()


async def a_promise_is_kept_by_the_agent(desk: Desk, office: Office) -> None:
    kept = await promise(desk, number=ANSWERS)
    assert (await kept.becomes(CallbackState.DONE)).result is CallbackResult.REACHED
    call_id = request_for(kept)
    assert list(office.lines.lines) == [call_id]
    opening = await office.book.opening(desk.tenant_id, call_id)
    assert opening is not None
    assert "You asked us to call you back." in opening.text
    await office.lines.end(call_id, Outcome.CALLER_HUNG_UP)


async def nobody_else_calls_meanwhile(desk: Desk, office: Office) -> None:
    """While it rings nobody can take the promise up; called off, it rings no more."""
    rings = await promise(desk, number=RINGS)
    await office.rings()
    assert (await rings.becomes(CallbackState.CLAIMED)).claimed_by == BY_ITSELF
    with pytest.raises(Refused) as refused:
        await rings.claim()
    assert refused.value.code == CLAIMED
    await rings.cancel()
    await rings.becomes(CallbackState.CANCELLED)

    async def is_hung_up() -> bool:
        return (await office.calls.standing(desk.tenant_id, request_for(rings))).result is OutboundResult.STOPPED

    await eventually(is_hung_up)


async def a_promise_waits_for_an_advisor(skipping: Skipping, desk: Desk, office: Office) -> None:
    """Whoever takes it up by hand is alone with it; and once somebody is ready, whoever answers rings at their desk."""
    tried = office.lines.tried
    promised = await promise(desk, number=ANSWERS)
    await promised.becomes(CallbackState.DUE)
    await promised.claim()
    sara = await desk.advisor("sara")
    await skipping.passes(timeouts.CALLBACK_LOOK * 3)
    await promised.becomes(CallbackState.CLAIMED)
    assert office.lines.tried == tried
    await promised.fails()
    again = await promised.becomes(CallbackState.PROMISED, 1)
    # No longer: while a call goes on, time is not skipped.
    await skipping.passes(timedelta(seconds=again.next_try_at - (await skipping.now()).timestamp() + 1))
    await promised.becomes(CallbackState.DONE, 1)
    call_id = request_for(promised, 1)

    async def rings_at_sara() -> bool:
        live = await desk.reading.live(desk.tenant_id)
        return [(row.call_id, row.offered_to) for row in live] == [(call_id, sara)]

    await eventually(rings_at_sara)
    assert office.lines.tried == tried + 1
    await office.lines.end(call_id, Outcome.CALLER_HUNG_UP)


async def a_campaign_tries_again_on_another_day(skipping: Skipping, office: Office) -> None:
    running = await campaign(office, [IS_BUSY], looks_a_run=2)

    async def was_busy() -> bool:
        [person] = await running.book.people(running.tenant_id, running.id)
        return (person.tries, person.outcome) == (1, ContactOutcome.BUSY)

    await eventually(was_busy)
    await skipping.passes(timedelta(days=1))
    await running.becomes(CampaignState.FINISHED)
    assert await running.counts() == Counts(outcomes={ContactOutcome.BUSY: 1})
    [person] = await running.book.people(running.tenant_id, running.id)
    assert person.tries == 2


async def a_campaign_calls_everybody_once(office: Office) -> None:
    """One at a time; and whoever wishes so never again."""
    forbidden = "+971501111111"
    await office.contacts.forbid(office.house.tenant_id, forbidden, "somebody")
    tried = office.lines.tried
    running = await campaign(office, [ANSWERS, forbidden, IS_BUSY], replace(AROUND_THE_CLOCK, tries=1), looks_a_run=2)
    counts = await running.until(talking=1)
    assert counts == Counts(waiting=2, talking=1, outcomes={ContactOutcome.ANSWERED: 1})
    [call_id] = office.lines.lines
    opening = await office.book.opening(running.tenant_id, call_id)
    assert opening is not None
    assert "your oven comes tomorrow" in opening.text
    wish = Turn(
        seq=1,
        speaker=Speaker.CALLER,
        text="Please don't call me again",
        language=Language.EN,
        started_ms=0,
        ended_ms=9,
        lease=1,
    )
    await office.house.store.record_turn(running.tenant_id, call_id, wish)
    assert (await running.counts()).waiting == 2, "nobody else is called while the call goes on"
    await office.lines.end(call_id, Outcome.CALLER_HUNG_UP)

    async def is_never_called_again() -> bool:
        return (await office.contacts.contact(running.tenant_id, call_id)).is_forbidden

    await eventually(is_never_called_again)
    await running.becomes(CampaignState.FINISHED)
    outcomes = {ContactOutcome.OPTED_OUT: 1, ContactOutcome.REFUSED: 1, ContactOutcome.BUSY: 1}
    assert await running.counts() == Counts(outcomes=outcomes)
    assert [person.tries for person in await running.book.people(running.tenant_id, running.id)] == [1, 0, 1]
    assert office.lines.tried == tried + 1
    await office.contacts.allow(running.tenant_id, ANSWERS)


async def a_campaign_is_paused_and_stopped(office: Office) -> None:
    """What rings goes on ringing in a pause, and is hung up by the end; nobody else is dialled."""
    running = await campaign(office, [RINGS, ANSWERS])
    await office.rings()
    await running.ask(CampaignAct.PAUSE)
    await running.becomes(CampaignState.PAUSED)
    assert (await running.counts()).dialling == 1
    await running.ask(CampaignAct.RESUME)
    await running.becomes(CampaignState.RUNNING)
    await running.ask(CampaignAct.STOP)
    await running.becomes(CampaignState.STOPPED)
    assert await running.counts() == Counts(waiting=1, outcomes={ContactOutcome.STOPPED: 1})


async def a_step_that_is_run_again_dials_nobody_twice(office: Office) -> None:
    """As after a crash of the durable process, whose answer was lost."""
    house = office.house
    book, campaign_id = await a_list(office, [ANSWERS])
    [claimed] = await book.claim(house.tenant_id, campaign_id, lambda engaged: 1, 0.0)
    start = CampaignStart(tenant_id=house.tenant_id, campaign_id=campaign_id)
    client, _ = await house.connect()
    crms = ConnectedCrms(house.database, house.keys)
    steps = steps_over(client, house.database, house.keys, house.model, PrometheusMeter(CollectorRegistry()), crms)
    tried = office.lines.tried
    for _ in range(2):
        dialling = Dialling(start=start, claimed=claimed, now=0.0)
        assert await ActivityEnvironment().run(steps.campaign.call_person, dialling) == 0.0
    assert office.lines.tried == tried + 1
    [person] = await book.people(house.tenant_id, campaign_id)
    assert (person.tries, person.outcome) == (1, ContactOutcome.ANSWERED)
    await office.lines.end(claimed.call_id(house.tenant_id), Outcome.CALLER_HUNG_UP)
