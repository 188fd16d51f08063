"""A brief grows while it rings: what is known at once, what the vendor knows, a model's sentence; over a real store."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from temporalio.testing import ActivityEnvironment

from activities.brief import BriefWriter
from activities.customer import CustomerLookup
from domain.acting.connection import ConnectionRow
from domain.actions import action_key
from domain.crm import TicketDraft
from domain.desk.customer import CrmAnswer, FoundBy
from domain.desk.handoffs import BY_MODEL, BY_RULE, Brief, NewHandoff
from domain.handoff import BY_CONVERSATION, HandoffStart
from domain.outbound.opening import Opening
from domain.speech import Language, Turn
from storage.calls import PostgresCalls
from storage.connections import PostgresConnections, PostgresSecrets
from storage.desk.callbacks import PostgresCallbacks
from storage.desk.handoffs import PostgresHandoffs
from storage.desk.reading import PostgresDesk
from storage.keys import PostgresKeyRing
from storage.outbound import PostgresDialBook
from storage.session import Database
from tests.conftest import DatabaseUrls
from tests.connectors.fakes.zendesk import FakeZendesk
from tests.domain.desk.test_brief import agent, caller
from tests.workflows.far_side import WrittenModel, a_tenant
from workers.vendors.crm import ConnectedCrms

pytestmark = pytest.mark.servers

EN, AR = Language.EN, Language.AR
CALL_ID = "11111111-1111-4111-8111-111111111111"
SUMMED_UP = '{"en": "The fridge leaks, no date is agreed.", "ar": "الثلاجة تسرّب الماء ولا موعد بعد."}'
TALK = [
    caller(1, "My fridge leaks"),
    agent(2, "I have opened a ticket."),
    caller(3, "I am mona@example.com"),
    caller(4, "A person please"),
]


@dataclass
class Room:
    """A tenant with one call that is handed off, and what the pages could read each time they were told to."""

    database: Database
    keys: PostgresKeyRing
    tenant_id: str
    crms: ConnectedCrms
    model: WrittenModel = field(default_factory=lambda: WrittenModel(answer=SUMMED_UP))
    seen: list[Brief] = field(default_factory=list[Brief])

    @property
    def start(self) -> HandoffStart:
        return HandoffStart(
            handoff_id=f"{CALL_ID}-1",
            number=1,
            call_id=CALL_ID,
            tenant_id=self.tenant_id,
            reason="caller_asked",
            by=BY_CONVERSATION,
            seq=4,
        )

    async def open(self) -> None:
        await PostgresCalls(self.database, self.keys).create_call(self.tenant_id, CALL_ID, "web", None)
        new = NewHandoff(
            handoff_id=self.start.handoff_id,
            call_id=CALL_ID,
            number=1,
            reason="caller_asked",
            urgent=False,
            by=BY_CONVERSATION,
            language=EN,
            queue_id="default",
        )
        await PostgresHandoffs(self.database, self.keys).open(self.tenant_id, new)

    async def connect(self, url: str) -> None:
        await PostgresSecrets(self.database, self.keys, self.tenant_id).write("crm.key", "token")
        row = ConnectionRow(tenant_id=self.tenant_id, connection_id="crm", system="zendesk", url=url)
        await PostgresConnections(self.database).save(row)

    async def written(self, turns: list[Turn], *, crm_ms: int = 10_000, summary_ms: int = 10_000) -> Brief:
        async def nobody_writes(tenant_id: str, call_id: str) -> str | None:
            return None

        async def shown() -> None:
            brief = await PostgresDesk(self.database, self.keys).brief(self.tenant_id, self.start.handoff_id)
            assert brief is not None
            self.seen.append(brief)

        contacts = PostgresCallbacks(self.database, self.keys)
        writer = BriefWriter(
            PostgresHandoffs(self.database, self.keys),
            customers=CustomerLookup(self.crms.of, contacts, nobody_writes, deadline_ms=crm_ms),
            openings=PostgresDialBook(self.database, self.keys),
            model=self.model,
            summary_ms=summary_ms,
        )
        async with asyncio.timeout(60):
            await ActivityEnvironment().run(writer.write, self.start, turns, EN, shown)
        return self.seen[-1]


@pytest.fixture
async def room(database: DatabaseUrls) -> AsyncIterator[Room]:
    opened = Database(database.app)
    keys = PostgresKeyRing(opened, os.urandom(32))
    crms = ConnectedCrms(opened, keys)
    room = Room(opened, keys, await a_tenant(opened, keys), crms)
    await room.open()
    yield room
    await crms.close()
    await opened.close()


async def test_who_is_called_because_of_an_earlier_call(room: Room):
    book = PostgresDialBook(room.database, room.keys)
    wanted = "Asked for a home visit, and was cut off."
    await book.ask(room.tenant_id, CALL_ID, "+971501234567", Opening(language=EN, text="Hello.", about=wanted))
    assert (await room.written([])).about == wanted
    assert room.seen[0].about == wanted, "it is there from the first"


@contextlib.asynccontextmanager
async def a_vendor(room: Room) -> AsyncIterator[FakeZendesk]:
    vendor = FakeZendesk()
    vendor.credentials.add("Bearer token")
    async with vendor.serving() as url:
        await room.connect(url)
        yield vendor
        await room.crms.close()


async def test_who_calls_what_is_open_for_them_and_the_call_so_far(room: Room):
    async with a_vendor(room):
        crm = await room.crms.of(room.tenant_id)
        assert crm is not None
        draft = TicketDraft(subject="Broken kettle", description="It does not boil", customer_id="9001")
        made = await crm.create_ticket(draft, action_key(CALL_ID, "create_ticket", {"subject": "kettle"}))
        brief = await room.written(TALK)
    assert room.seen[0].crm == CrmAnswer.LOOKING
    assert room.seen[0].summary_by == BY_RULE
    assert room.seen[0].sentence == "A person please"
    assert (brief.caller, brief.caller_by, brief.crm) == ("Mona Saleh", FoundBy.EMAIL, CrmAnswer.FOUND)
    assert [(fact.kind, fact.text) for fact in brief.open_facts] == [("ticket_open", f"{made.number} · Broken kettle")]
    assert brief.summary_by == BY_MODEL
    assert brief.summary == {EN: "The fridge leaks, no date is agreed.", AR: "الثلاجة تسرّب الماء ولا موعد بعد."}


async def test_who_is_no_customer_and_who_is_known_by_nothing(room: Room):
    async with a_vendor(room):
        assert (await room.written([caller(1, "I am nobody@example.com")])).crm == CrmAnswer.STRANGER
        assert (await room.written([caller(1, "Hello")])).crm == CrmAnswer.NO_ADDRESS


async def test_a_tenant_without_a_crm_and_a_call_too_short_for_a_summary(room: Room):
    brief = await room.written(TALK[:3])
    assert (brief.crm, brief.summary_by, room.model.read) == (CrmAnswer.NOT_CONNECTED, BY_RULE, [])


async def test_a_vendor_that_does_not_answer_and_a_model_that_is_down_leave_what_is_known(room: Room):
    silent = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silent.wait()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    await room.connect(f"http://{host}:{port}")
    room.model.fails = True
    brief = await room.written(TALK, crm_ms=200)
    silent.set()
    await room.crms.close()
    server.close()
    assert (brief.crm, brief.caller, brief.open_facts) == (CrmAnswer.AWAY, None, ())
    assert (brief.summary_by, brief.sentence) == (BY_RULE, "A person please")


async def test_while_the_model_writes_something_else_the_rule_made_summary_stays(room: Room):
    class Busy(WrittenModel):
        async def complete(self, *args: object, **named: object) -> AsyncIterator[str]:
            await asyncio.Event().wait()
            yield ""

    room.model = Busy()
    assert (await room.written(TALK, summary_ms=100)).summary_by == BY_RULE
