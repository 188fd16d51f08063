"""The desk's steps tell its pages, and a brief waits for the words that it is about."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.desk import BRIEF_LOOKS, DeskActivities, Ended, OfHandoff, Seeking
from activities.done_here import ActionsOfCall
from domain.acting.action import ActionStart, ActionState
from domain.desk.handoffs import DESK_CHANGED, OpenFact
from domain.errors import NotFound
from domain.handoff import BY_CONVERSATION, HandoffStart
from domain.speech import Language, Speaker, Turn
from domain.tenant import TenantProfile
from storage.actions import PostgresActions
from storage.calls import PostgresCalls
from storage.desk.handoffs import PostgresHandoffs
from storage.desk.presence import PostgresPresences
from storage.desk.reading import PostgresDesk
from storage.feed import PostgresFeed
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.team import PostgresTeam
from storage.tenants import PostgresTenants
from tests.conftest import DatabaseUrls

pytestmark = pytest.mark.servers

TICKET = OpenFact(system="zendesk", kind="ticket", text="Broken kettle")


class Woken:
    """HandoffWaker that counts."""

    def __init__(self) -> None:
        self.tenants: list[str] = []

    async def advisor_available(self, tenant_id: str) -> None:
        self.tenants.append(tenant_id)


class Tickets:
    """CallerFacts of a caller with one open ticket."""

    async def open_facts(self, tenant_id: str, call_id: str) -> list[OpenFact]:
        return [TICKET]


class Room:
    """A store with one tenant and one call, and the activities over it."""

    def __init__(self, database: Database) -> None:
        keys = PostgresKeyRing(database, os.urandom(32))
        self.tenant_id, self.call_id = f"t-{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
        self.calls, self.tenants = PostgresCalls(database, keys), PostgresTenants(database, keys)
        self.feed, self.desk, self.woken = PostgresFeed(database), PostgresDesk(database, keys), Woken()
        self.presences = PostgresPresences(database)
        self.actions = PostgresActions(database, keys)
        self.activities = DeskActivities(
            handoffs=PostgresHandoffs(database, keys),
            team=PostgresTeam(database),
            tenants=self.tenants,
            calls=self.calls,
            feed=self.feed,
            waker=self.woken,
            facts=Tickets(),
        )
        self.start = HandoffStart(
            handoff_id=f"{self.call_id}-1",
            number=1,
            call_id=self.call_id,
            tenant_id=self.tenant_id,
            reason="caller_asked",
            by=BY_CONVERSATION,
            seq=3,
        )
        self.handoff = OfHandoff(tenant_id=self.tenant_id, call_id=self.call_id, handoff_id=self.start.handoff_id)

    async def open(self) -> None:
        await self.tenants.save(
            TenantProfile(
                tenant_id=self.tenant_id,
                slug=self.tenant_id,
                name={},
                persona={},
                greeting={},
                default_language=Language.AR,
                emergency_number="998",
                time_zone="Asia/Dubai",
            )
        )
        await self.calls.create_call(self.tenant_id, self.call_id, "web", None)


@pytest.fixture
async def room(database: DatabaseUrls) -> AsyncIterator[Room]:
    store = Database(database.app)
    opened = Room(store)
    await opened.open()
    yield opened
    await opened.feed.close()
    await store.close()


async def test_pages_are_told_and_the_others_who_wait_are_woken(room: Room):
    events = room.feed.subscribe(room.tenant_id)
    async with asyncio.timeout(20):
        assert await anext(events) == ("", "feed.listening")
        await room.activities.open_handoff(room.start)
        assert await anext(events) == (room.call_id, DESK_CHANGED)
        await room.activities.end_handoff(Ended(handoff=room.handoff, result="caller_gone"))
        assert await anext(events) == (room.call_id, DESK_CHANGED)
    assert room.woken.tenants == [room.tenant_id]


async def test_an_opened_handoff_speaks_the_tenants_language_and_has_the_default_times(room: Room):
    opened = await room.activities.open_handoff(room.start)
    assert (opened.language, opened.terms.offer_s, opened.terms.max_wait_s) == (Language.AR, 20, 90)
    assert await room.activities.open_handoff(room.start) == opened
    sought = await room.activities.seek_advisor(Seeking(handoff=room.handoff, offer_number=1, now=0.0))
    assert (sought.claim, sought.somebody, sought.closed) == (None, False, False), "a house without hours is open"


async def test_a_brief_waits_for_its_turn_but_not_for_ever(room: Room):
    await room.activities.open_handoff(room.start)
    environment = ActivityEnvironment()
    with pytest.raises(ApplicationError) as missing:
        await environment.run(room.activities.write_brief, room.start)
    assert missing.value.type == "TurnsMissing"
    environment.info = replace(environment.info, attempt=BRIEF_LOOKS)
    await environment.run(room.activities.write_brief, room.start)
    without = await room.desk.brief(room.tenant_id, room.start.handoff_id)
    assert without is not None
    assert (without.sentence, without.open_facts) == (None, (TICKET,))

    said = Turn(seq=3, speaker=Speaker.CALLER, text="أريد موظفًا", language=Language.AR, started_ms=0, ended_ms=9)
    await room.calls.record_turn(room.tenant_id, room.call_id, said)
    await ActivityEnvironment().run(room.activities.write_brief, room.start)
    brief = await room.desk.brief(room.tenant_id, room.start.handoff_id)
    assert brief is not None
    assert brief.sentence == "أريد موظفًا"


async def test_a_tenant_that_is_gone(room: Room):
    with pytest.raises(NotFound):
        await room.activities.open_handoff(replace(room.start, tenant_id="gone"))


async def test_what_the_agent_did_in_the_call_is_told_and_a_store_that_is_away_tells_nothing(room: Room):
    asked = ActionStart(
        tenant_id=room.tenant_id,
        call_id=room.call_id,
        key="k",
        action="create_ticket",
        slots={"trouble": "the fridge leaks"},
        lease=1,
        language=Language.EN,
    )
    await room.actions.begin(asked, ActionState.RUNNING)
    [told] = await ActionsOfCall(room.actions).open_facts(room.tenant_id, room.call_id)
    assert (told.kind, told.text) == ("create_ticket_running", "the fridge leaks")
    nowhere = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    away = ActionsOfCall(PostgresActions(nowhere, PostgresKeyRing(nowhere, os.urandom(32))))
    assert await ActivityEnvironment().run(away.open_facts, room.tenant_id, room.call_id) == ()
    await nowhere.close()
