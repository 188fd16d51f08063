from __future__ import annotations

import time

import pytest

from domain.desk.handoffs import Left, OfferResult
from domain.desk.people import AwayReason, PresenceState
from domain.errors import Refused

from .conftest import Floor

pytestmark = pytest.mark.servers


async def test_who_comes_is_away_until_they_say_that_they_are_ready(floor: Floor):
    advisor = await floor.advisor("Sara", ready=False)
    assert (await floor.stands(advisor)).state is PresenceState.OFFLINE

    opened = await floor.presences.open_tab(floor.tenant_id, advisor, "one", time.time() + 60)
    assert (opened.presence.state, opened.presence.away, opened.replaced) == (
        PresenceState.AWAY,
        AwayReason.RETURNED,
        None,
    )
    chosen = await floor.presences.choose(floor.tenant_id, advisor, "one", PresenceState.READY)
    assert (chosen.state, chosen.away) == (PresenceState.READY, None)
    assert chosen == await floor.stands(advisor)


async def test_presence_survives_a_reload_and_expires_with_the_tab(floor: Floor):
    advisor = await floor.advisor("Sara")
    ready = await floor.stands(advisor)

    again = await floor.presences.open_tab(floor.tenant_id, advisor, "tab", time.time() + 60)
    assert (again.presence.state, again.presence.since) == (PresenceState.READY, ready.since)

    assert await floor.presences.keep_tab(floor.tenant_id, advisor, "tab", time.time() - 1)
    assert (await floor.stands(advisor)).state is PresenceState.OFFLINE
    late = await floor.presences.open_tab(floor.tenant_id, advisor, "tab", time.time() + 60)
    assert (late.presence.state, late.presence.away) == (PresenceState.AWAY, AwayReason.RETURNED)


async def test_a_second_tab_takes_over_and_the_first_can_do_nothing_more(floor: Floor):
    advisor = await floor.advisor("Sara")

    opened = await floor.presences.open_tab(floor.tenant_id, advisor, "second", time.time() + 60)

    assert (opened.replaced, opened.presence.tab, opened.presence.state) == ("tab", "second", PresenceState.READY)
    assert not await floor.presences.keep_tab(floor.tenant_id, advisor, "tab", time.time() - 1)
    with pytest.raises(Refused) as refused:
        await floor.presences.choose(floor.tenant_id, advisor, "tab", PresenceState.AWAY)
    assert refused.value.code == "tab_replaced"
    assert (await floor.stands(advisor)).state is PresenceState.READY


@pytest.mark.parametrize(
    "state", [PresenceState.BUSY, PresenceState.OFFLINE, PresenceState.RINGING, PresenceState.WRAP_UP]
)
async def test_only_ready_and_away_can_be_chosen(floor: Floor, state: PresenceState):
    advisor = await floor.advisor("Sara")
    with pytest.raises(Refused) as refused:
        await floor.presences.choose(floor.tenant_id, advisor, "tab", state)
    assert refused.value.code == "bad_state"


async def test_who_was_never_there_can_choose_nothing(floor: Floor):
    advisor = await floor.advisor("Sara", ready=False)
    with pytest.raises(Refused):
        await floor.presences.choose(floor.tenant_id, advisor, "tab", PresenceState.READY)


async def test_ready_again_is_as_idle_as_before_but_back_from_away_is_not(floor: Floor):
    advisor = await floor.advisor("Sara")
    first = await floor.stands(advisor)
    same = await floor.presences.choose(floor.tenant_id, advisor, "tab", PresenceState.READY)
    assert (same.since, same.idle_since) == (first.since, first.idle_since)
    await floor.presences.choose(floor.tenant_id, advisor, "tab", PresenceState.AWAY)
    back = await floor.presences.choose(floor.tenant_id, advisor, "tab", PresenceState.READY)
    assert back.idle_since > first.idle_since


async def test_a_choice_during_a_call_counts_after_it(floor: Floor):
    advisor, caller = await floor.advisor("Sara"), await floor.caller()
    assert await floor.rings_at(caller) == advisor
    await floor.handoffs.accepted(floor.tenant_id, caller, 1)

    chosen = await floor.presences.choose(floor.tenant_id, advisor, "tab", PresenceState.AWAY)
    assert (chosen.state, chosen.next_state) == (PresenceState.BUSY, PresenceState.AWAY)

    await floor.handoffs.left(floor.tenant_id, caller, 1, Left.FINISHED, time.time() + 60)
    assert (await floor.stands(advisor)).state is PresenceState.WRAP_UP
    await floor.handoffs.wrapped_up(floor.tenant_id, caller, 1, "resolved", None)
    after = await floor.stands(advisor)
    assert (after.state, after.away, after.next_state) == (PresenceState.AWAY, AwayReason.CHOSEN, None)


async def test_a_state_whose_handoff_is_over_does_not_keep_an_advisor_for_ever(floor: Floor):
    """As it is left behind by a workflow that was terminated."""
    advisor, caller = await floor.advisor("Sara"), await floor.caller()
    assert await floor.rings_at(caller) == advisor
    await floor.handoffs.accepted(floor.tenant_id, caller, 1)
    await floor.handoffs.left(floor.tenant_id, caller, 1, Left.FINISHED, time.time() - 3600)

    freed = await floor.presences.choose(floor.tenant_id, advisor, "tab", PresenceState.READY)

    assert (freed.state, freed.handoff_id) == (PresenceState.READY, None)


async def test_a_call_that_goes_on_is_kept_by_a_new_tab(floor: Floor):
    advisor, caller = await floor.advisor("Sara"), await floor.caller()
    assert await floor.rings_at(caller) == advisor
    await floor.handoffs.accepted(floor.tenant_id, caller, 1)
    await floor.presences.keep_tab(floor.tenant_id, advisor, "tab", time.time() - 1)
    opened = await floor.presences.open_tab(floor.tenant_id, advisor, "later", time.time() + 60)
    assert (opened.presence.state, opened.presence.handoff_id) == (PresenceState.BUSY, caller)


async def test_everybody_is_listed_once_and_other_tenants_see_nobody(floor: Floor, other_tenant: str):
    advisors = sorted([await floor.advisor("Sara"), await floor.advisor("Omar")])
    assert [stands.advisor_id for stands in await floor.presences.presences(floor.tenant_id)] == advisors
    assert await floor.presences.presences(other_tenant) == []
    assert (await floor.presences.presence(other_tenant, advisors[0])).state is PresenceState.OFFLINE


async def test_who_lets_it_ring_is_away_and_who_declines_is_ready(floor: Floor):
    advisor, caller = await floor.advisor("Sara"), await floor.caller()
    assert await floor.rings_at(caller) == advisor
    await floor.handoffs.not_accepted(floor.tenant_id, caller, 1, OfferResult.MISSED)
    missed = await floor.stands(advisor)
    assert (missed.state, missed.away) == (PresenceState.AWAY, AwayReason.MISSED)

    await floor.ready(advisor)
    assert await floor.rings_at(caller, 2) == advisor
    await floor.handoffs.not_accepted(floor.tenant_id, caller, 2, OfferResult.DECLINED)
    assert (await floor.stands(advisor)).state is PresenceState.READY
