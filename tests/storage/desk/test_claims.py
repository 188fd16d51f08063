"""Who gets which caller, also when everybody asks at once."""

from __future__ import annotations

import asyncio
import time

import pytest
from sqlalchemy import update

from domain.accounts import Role
from domain.desk.handoffs import HandoffState, Left, OfferResult
from domain.desk.people import PresenceState, Queue
from domain.errors import NotFound
from domain.line import PHONE
from domain.speech import Language
from storage.desk.tables import handoffs
from storage.session import Database

from .conftest import Floor

pytestmark = pytest.mark.servers


async def test_the_longest_idle_advisor_rings(floor: Floor):
    first, _ = await floor.advisor("Sara"), await floor.advisor("Omar")
    caller = await floor.caller()

    claim = await floor.handoffs.claim_next(floor.tenant_id, caller, 1)

    assert claim is not None
    assert (claim.advisor_id, claim.offer_number) == (first, 1)
    assert claim.until > time.time()
    stands, row = await floor.stands(first), await floor.row(caller)
    assert (stands.state, stands.handoff_id) == (PresenceState.RINGING, caller)
    assert (row.offered_to, row.offer_number, row.offered_until) == (first, 1, claim.until)


async def test_the_same_claim_again_is_the_same_and_a_late_one_is_none(floor: Floor):
    first, second = await floor.advisor("Sara"), await floor.advisor("Omar")
    caller = await floor.caller()
    claims = [await floor.handoffs.claim_next(floor.tenant_id, caller, 1) for _ in range(3)]
    assert {claim.advisor_id for claim in claims if claim} == {first}
    await floor.handoffs.not_accepted(floor.tenant_id, caller, 1, OfferResult.DECLINED)
    assert await floor.rings_at(caller, 1) is None
    assert await floor.rings_at(caller, 2) == second


async def test_two_handoffs_at_once_never_get_the_same_advisor(floor: Floor):
    advisors = {await floor.advisor(f"advisor{number}") for number in range(4)}
    callers = [await floor.caller() for _ in range(8)]

    got = await asyncio.gather(*(floor.rings_at(caller) for caller in callers))

    taken = [advisor for advisor in got if advisor is not None]
    assert sorted(taken) == sorted(advisors)
    assert set(got[:4]) == advisors, "the first who waited come first"


async def test_whoever_waits_longer_is_served_first_and_urgent_ones_before_them(floor: Floor):
    first, urgent = await floor.caller(), await floor.caller(urgent=True)
    advisor = await floor.advisor("Sara")
    assert await floor.rings_at(first) is None
    assert await floor.rings_at(urgent) == advisor
    other = await floor.advisor("Omar")
    assert await floor.rings_at(first) == other


async def test_one_who_rings_elsewhere_is_away_or_gone_gets_nothing(floor: Floor):
    away = await floor.advisor("Away", ready=False)
    await floor.presences.open_tab(floor.tenant_id, away, "tab", time.time() + 60)
    gone = await floor.advisor("Gone")
    await floor.presences.keep_tab(floor.tenant_id, gone, "tab", time.time() - 1)
    await floor.advisor("Viewer", role=Role.VIEWER)
    caller = await floor.caller()
    assert await floor.rings_at(caller) is None
    assert not await floor.handoffs.somebody(floor.tenant_id, caller)

    here = await floor.advisor("Here")
    assert await floor.rings_at(caller) == here
    other = await floor.caller()
    assert await floor.rings_at(other) is None
    assert await floor.handoffs.somebody(floor.tenant_id, other)


async def test_one_advisor_with_two_tabs_rings_once(floor: Floor):
    advisor = await floor.advisor("Sara")
    await floor.presences.open_tab(floor.tenant_id, advisor, "second", time.time() + 60)
    callers = [await floor.caller(), await floor.caller()]
    assert await asyncio.gather(*(floor.rings_at(caller) for caller in callers)) == [advisor, None]


async def test_language_skill_and_queue_decide(floor: Floor):
    await floor.team.save_queue(floor.tenant_id, Queue(queue_id="billing", names={}, skills=frozenset({"billing"})))
    await floor.team.save_queue(floor.tenant_id, Queue(queue_id="sales", names={}))
    sales = await floor.advisor("Sales", queues=frozenset({"sales"}), skills=frozenset({"billing"}))
    english = await floor.advisor("English", languages=frozenset({Language.EN}), skills=frozenset({"billing"}))
    arabic = await floor.advisor("Arabic", languages=frozenset({Language.AR}), skills=frozenset({"billing"}))
    assert await floor.rings_at(await floor.caller(queue_id="billing", language=Language.AR)) == arabic
    assert await floor.rings_at(await floor.caller(queue_id="sales", language=Language.EN)) == sales
    assert await floor.rings_at(await floor.caller(queue_id="billing", language=Language.EN)) == english


async def test_a_queue_that_is_gone_is_served_by_everybody(floor: Floor):
    await floor.team.save_queue(floor.tenant_id, Queue(queue_id="sales", names={}))
    advisor = await floor.advisor("Sara", queues=frozenset({"sales"}))
    caller = await floor.caller(queue_id="closed-down")
    assert (await floor.handoffs.queue_of(floor.tenant_id, caller)).offer_s == 20
    assert await floor.rings_at(caller) == advisor


async def test_the_one_who_is_meant_is_asked_even_away_and_nobody_else(floor: Floor):
    meant = await floor.advisor("Supervisor", ready=False, role=Role.SUPERVISOR)
    await floor.presences.open_tab(floor.tenant_id, meant, "tab", time.time() + 60)
    free = await floor.advisor("Free")
    caller = await floor.caller(wanted=meant)
    assert await floor.rings_at(caller) == meant

    await floor.handoffs.not_accepted(floor.tenant_id, caller, 1, OfferResult.DECLINED)
    assert (await floor.stands(meant)).state is PresenceState.AWAY, "as they were before"
    assert await floor.rings_at(caller, 2) == free, "anybody, once the one declined"


async def test_the_one_who_is_meant_but_not_there_is_not_waited_for(floor: Floor):
    free = await floor.advisor("Free")
    assert await floor.rings_at(await floor.caller(wanted="somebody-else")) == free


async def test_one_who_declined_is_asked_again_when_they_are_ready_anew(floor: Floor):
    advisor, caller = await floor.advisor("Sara"), await floor.caller()
    assert await floor.rings_at(caller) == advisor
    await floor.handoffs.not_accepted(floor.tenant_id, caller, 1, OfferResult.DECLINED)
    assert await floor.rings_at(caller, 2) is None
    assert not await floor.handoffs.somebody(floor.tenant_id, caller)
    await floor.presences.choose(floor.tenant_id, advisor, "tab", PresenceState.AWAY)
    await floor.presences.choose(floor.tenant_id, advisor, "tab", PresenceState.READY)
    assert await floor.rings_at(caller, 2) == advisor


async def test_a_caller_adrift_keeps_the_place_and_gets_nobody(floor: Floor):
    adrift, next_one = await floor.caller(), await floor.caller()
    await floor.handoffs.set_adrift(floor.tenant_id, adrift, True)
    advisor = await floor.advisor("Sara")
    assert (await floor.row(adrift)).state is HandoffState.ADRIFT
    assert (await floor.handoffs.place(floor.tenant_id, adrift)).position == 1
    assert await floor.rings_at(adrift) is None
    assert await floor.rings_at(next_one) == advisor
    await floor.handoffs.set_adrift(floor.tenant_id, adrift, False)
    await floor.ready(await floor.advisor("Omar"))
    assert await floor.rings_at(adrift) is not None


async def test_place_and_wait(floor: Floor):
    callers = [await floor.caller() for _ in range(3)]
    await floor.team.save_queue(floor.tenant_id, Queue(queue_id="other", names={}))
    elsewhere = await floor.caller(queue_id="other")
    places = [await floor.handoffs.place(floor.tenant_id, caller) for caller in [*callers, elsewhere]]
    assert [place.position for place in places] == [1, 2, 3, 1]
    assert [place.wait_s for place in places] == [None] * 4, "nobody is at work"

    advisor = await floor.advisor("Sara")
    assert await floor.rings_at(callers[0]) == advisor
    await floor.handoffs.accepted(floor.tenant_id, callers[0], 1)
    second, third = [await floor.handoffs.place(floor.tenant_id, caller) for caller in callers[1:]]
    assert (second.position, third.position) == (1, 2)
    assert second.wait_s is not None
    assert third.wait_s is not None
    assert 0 < second.wait_s < third.wait_s

    await floor.handoffs.left(floor.tenant_id, callers[0], 1, Left.FINISHED, time.time() + 60)
    await floor.handoffs.wrapped_up(floor.tenant_id, callers[0], 1, None, None)
    assert await floor.rings_at(callers[1]) == advisor
    learned = (await floor.handoffs.place(floor.tenant_id, callers[2])).wait_s
    assert learned is not None
    assert learned < third.wait_s, "as short as the only call so far was"


async def test_another_tenants_handoff_is_as_unknown_as_none(floor: Floor, other_tenant: str):
    caller = await floor.caller()
    for handoff in (caller, "none-1"):
        with pytest.raises(NotFound):
            await floor.handoffs.claim_next(other_tenant, handoff, 1)
    assert await floor.desk.handoff(other_tenant, caller) is None
    assert await floor.handoffs.waiting_calls(other_tenant) == []


async def test_the_phone_rings_where_nobody_is_at_work_and_once(floor: Floor, db: Database):
    async def rings(handoff_id: str, number: int) -> str | None:
        claim = await floor.handoffs.claim_phone(floor.tenant_id, handoff_id, number, 100.0)
        return None if claim is None else claim.advisor_id

    caller = await floor.caller()
    assert [await rings(caller, 1) for _ in range(2)] == [PHONE, PHONE], "the same claim again is the same"
    row = await floor.row(caller)
    assert (row.offered_to, row.offer_number) == (PHONE, 1)
    await floor.handoffs.not_accepted(floor.tenant_id, caller, 1, OfferResult.WITHDRAWN)
    assert await rings(caller, 2) == PHONE, "a ringing that was withdrawn does not count"
    await floor.handoffs.not_accepted(floor.tenant_id, caller, 2, OfferResult.UNREACHABLE)
    assert await rings(caller, 3) is None

    assert await rings(await floor.caller(wanted="somebody"), 1) is None
    await floor.advisor("Sara", ready=True)
    assert await rings(await floor.caller(), 1) is None, "somebody may be free soon"
    waiting = await floor.caller()
    async with db.tenant_transaction(floor.tenant_id) as connection:
        longest = handoffs.c.created_at - Queue(queue_id="default", names={}).max_wait_s
        await connection.execute(update(handoffs).where(handoffs.c.handoff_id == waiting).values(created_at=longest))
    assert await rings(waiting, 1) == PHONE, "the wait was too long"
