"""Campaigns in the store: people sealed, claimed by one at a time, and settled once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import select

from domain.call import Channel, Outcome
from domain.campaigns.book import CampaignState, Counts, Settled, campaign_key
from domain.campaigns.contacts import Contact, ContactList, RefusedRow
from domain.campaigns.outcomes import ContactOutcome
from domain.campaigns.pace import Engaged
from domain.errors import Rejected
from domain.speech import Language
from storage.calls import PostgresCalls
from storage.campaigns.campaigns import PostgresCampaigns
from storage.campaigns.tables import people
from storage.keys import PostgresKeyRing
from storage.session import Database
from tests.domain.test_campaigns import PLAN

pytestmark = pytest.mark.servers

SARA = Contact(number="+971501234567", language=Language.AR, fields={"name": "Sara"}, has_consented=True)
OMAR = Contact(number="+971501111111", language=Language.EN, fields={"name": "Omar"})
LISTED = ContactList(
    columns=("number", "name"), contacts=(SARA, OMAR), refused=(RefusedRow(line=3, code="bad_number", column="number"),)
)

ALONE = ContactList(columns=("number", "name"), contacts=(SARA,), refused=())


@pytest.fixture
def book(db: Database, keys: PostgresKeyRing) -> PostgresCampaigns:
    return PostgresCampaigns(db, keys)


def room_for(most: int) -> Callable[[Engaged], int]:
    return lambda engaged: most


async def engaged(book: PostgresCampaigns, tenant: str, now: float) -> Engaged:
    asked: list[Engaged] = []

    def no_room(engaged: Engaged) -> int:
        asked.append(engaged)
        return 0

    await book.claim(tenant, "c", no_room, now)
    return asked[0]


async def test_a_list_is_kept_sealed_and_removed_with_its_key(
    book: PostgresCampaigns, keys: PostgresKeyRing, db: Database, tenant: str, other_tenant: str
):
    await book.create(tenant, "kept", PLAN, LISTED, "sara")
    found = await book.campaign(tenant, "kept")
    assert found is not None
    assert (found.plan, found.people, found.refused, found.state) == (PLAN, 2, LISTED.refused, CampaignState.READY)
    assert [campaign.campaign_id for campaign in await book.campaigns(tenant)] == ["kept"]
    assert [person.contact for person in await book.people(tenant, "kept")] == [SARA, OMAR]
    assert await book.contact(tenant, "kept", 2) == OMAR
    async with db.tenant_transaction(tenant) as connection:
        raw = (await connection.execute(select(people.c.contact_sealed))).scalars().all()
    assert len(raw) == 2
    assert all(b"Sara" not in sealed and b"971" not in sealed for sealed in raw)
    assert await book.campaign(other_tenant, "kept") is None
    assert await book.counts(other_tenant, "kept") == Counts()
    assert await book.claim(other_tenant, "kept", room_for(9), 0.0) == []
    await book.remove(other_tenant, "kept")
    assert await book.campaign(tenant, "kept") is not None
    await book.remove(tenant, "kept")
    assert await book.campaign(tenant, "kept") is None
    assert await keys.key(tenant, campaign_key("kept")) is None
    with pytest.raises(Rejected):
        await book.people(tenant, "kept")


async def test_each_person_is_claimed_once_and_named_until_it_is_settled(book: PostgresCampaigns, tenant: str):
    await book.create(tenant, "c", PLAN, LISTED, "sara")
    both = await asyncio.gather(*(book.claim(tenant, "c", room_for(1), 10.0) for _ in range(3)))
    claimed = max(both, key=len)
    assert sorted(claim.position for claim in claimed) == [1, 2]
    assert all(set(some) <= set(claimed) for some in both)
    assert await book.claim(tenant, "c", room_for(5), 11.0) == claimed
    assert (await book.counts(tenant, "c")).dialling == 2
    assert await engaged(book, tenant, 11.0) == Engaged(calls=2, begun_lately=2, ringing=2)
    sara, omar = sorted(claimed, key=lambda claim: claim.position)

    await book.settle(tenant, sara, Settled(was_dialled=False))
    assert await book.missed(tenant, "c", 12.0) == 1
    assert await book.missed(tenant, "c", 13.0) == 2
    await book.settle(tenant, omar, Settled(outcome=ContactOutcome.BUSY, again_at=100.0))
    assert await book.missed(tenant, "c", 14.0) == 1, "somebody was dialled meanwhile"
    await book.settle(tenant, omar, Settled(outcome=ContactOutcome.MACHINE))
    [again] = await book.claim(tenant, "c", room_for(5), 20.0)
    assert (again.position, again.asked, again.tries) == (1, 2, 0)
    assert again.call_id(tenant) != sara.call_id(tenant)
    await book.settle(tenant, sara, Settled(outcome=ContactOutcome.UNKNOWN))
    await book.settle(tenant, again, Settled(outcome=ContactOutcome.NO_ANSWER))
    assert await book.next_at(tenant, "c") == 100.0
    assert await book.claim(tenant, "c", room_for(5), 99.0) == []
    [omar_again] = await book.claim(tenant, "c", room_for(5), 100.0)
    assert (omar_again.position, omar_again.tries) == (2, 1)
    await book.settle(tenant, omar_again, Settled(outcome=ContactOutcome.REFUSED, was_dialled=False))
    counts = await book.counts(tenant, "c")
    assert counts == Counts(outcomes={ContactOutcome.NO_ANSWER: 1, ContactOutcome.REFUSED: 1})
    assert await book.next_at(tenant, "c") is None


async def test_a_call_counts_until_it_ends_and_its_callers_wish_is_kept(
    book: PostgresCampaigns, calls: PostgresCalls, tenant: str
):
    await book.create(tenant, "c", PLAN, LISTED, "sara")
    [claimed] = await book.claim(tenant, "c", room_for(1), 10.0)
    call_id = claimed.call_id(tenant)
    await calls.create_call(tenant, call_id, Channel.PHONE, None)
    await book.settle(tenant, claimed, Settled(outcome=ContactOutcome.ANSWERED))
    assert await engaged(book, tenant, 100.0) == Engaged(calls=1, begun_lately=0)
    await book.opted_out(tenant, call_id)
    await book.opted_out(tenant, "no campaign's")
    await calls.end_call(tenant, call_id, Outcome.CALLER_HUNG_UP)
    assert await engaged(book, tenant, 100.0) == Engaged(calls=0, begun_lately=0)
    assert await book.counts(tenant, "c") == Counts(waiting=1, outcomes={ContactOutcome.OPTED_OUT: 1})


async def test_a_campaign_that_has_ended_stays_so(book: PostgresCampaigns, tenant: str):
    await book.create(tenant, "c", PLAN, LISTED, "sara")
    for state, now in [(CampaignState.RUNNING, 1.0), (CampaignState.PAUSED, 2.0), (CampaignState.RUNNING, 3.0)]:
        await book.becomes(tenant, "c", state, now)
    await book.claim(tenant, "c", room_for(1), 3.0)
    await book.becomes(tenant, "c", CampaignState.STOPPED, 4.0)
    assert await book.counts(tenant, "c") == Counts(waiting=2)
    await book.becomes(tenant, "c", CampaignState.RUNNING, 5.0)
    found = await book.campaign(tenant, "c")
    assert found is not None
    assert (found.state, found.started_at, found.ended_at) == (CampaignState.STOPPED, 1.0, 4.0)
