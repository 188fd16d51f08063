"""What becomes of the tickets that calls opened: read as each vendor tells it, kept at the call, then asked no more."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from domain.acting.action import ActionRow, ActionStart, ActionState, ActResult
from domain.acting.connection import ConnectionRow
from domain.actions import action_key
from domain.call import Channel
from domain.crm import Crm, Priority, Ticket, TicketChange, TicketDraft, TicketState
from domain.speech import Language
from storage.actions import PostgresActions
from storage.calls import CALL_CHANGED, PostgresCalls
from storage.connections import PostgresConnections, PostgresSecrets
from storage.feed import PostgresFeed
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tenants import PostgresTenants
from storage.tools.tickets import PostgresTickets
from tests.conftest import DatabaseUrls
from tests.connectors.fakes.freshdesk import FakeFreshdesk
from tests.connectors.fakes.hubspot import FakeHubSpot
from tests.connectors.fakes.server import Fake
from tests.connectors.fakes.zendesk import FakeZendesk
from tests.storage.conftest import a_profile
from tests.storage.test_feed import following, listening
from workers.vendors.crm import ConnectedCrms
from workers.vendors.ticket_watch import AT_ONCE, OVERLAP_S, TicketWatch, next_since

pytestmark = pytest.mark.servers

SYSTEMS = {"zendesk": FakeZendesk, "hubspot": FakeHubSpot, "freshdesk": FakeFreshdesk}
VENDORS_CLOCK = 1_000.0
"""Seconds after a change that every vendor tells of it."""


@dataclass
class Account:
    """A company with one CRM."""

    db: Database
    keys: PostgresKeyRing
    fake: Fake
    crms: ConnectedCrms
    tenant: str = field(default_factory=lambda: f"t-{uuid.uuid4().hex[:8]}")

    @property
    def actions(self) -> PostgresActions:
        return PostgresActions(self.db, self.keys)

    async def crm(self) -> Crm:
        crm = await self.crms.of(self.tenant)
        assert crm is not None
        return crm

    async def looked(self, every_s: float = 0.0) -> int:
        """How many requests a look took, some time later."""
        self.fake.clock.advance(VENDORS_CLOCK)
        before = len(self.fake.requests)
        await TicketWatch(PostgresTickets(self.db), self.crms, self.fake.clock).look(every_s)
        return len(self.fake.requests) - before

    async def opened(self) -> tuple[str, str]:
        """A call, and the id of the ticket that it opened."""
        call_id = str(uuid.uuid4())
        await PostgresCalls(self.db, self.keys).create_call(self.tenant, call_id, Channel.WEB, None)
        start = ActionStart(
            tenant_id=self.tenant,
            call_id=call_id,
            key=action_key(call_id, "create_ticket", {"subject": "fridge"}),
            action="create_ticket",
            slots={},
            lease=1,
            language=Language.EN,
        )
        await self.actions.begin(start, ActionState.RUNNING)
        draft = TicketDraft(subject="fridge", description="it leaks", phone="+966501112222")
        ticket = await (await self.crm()).create_ticket(draft, start.key)
        done = ActResult(key=start.key, action=start.action, state=ActionState.DONE, reference=ticket.number)
        await self.actions.settle(self.tenant, done, call_id)
        return call_id, ticket.ticket_id

    async def told(self, call_id: str) -> ActionRow:
        (row,) = await self.actions.of_call(self.tenant, call_id)
        return row


@pytest.fixture(params=SYSTEMS)
async def account(request: pytest.FixtureRequest, database: DatabaseUrls) -> AsyncIterator[Account]:
    db = Database(database.app)
    keys = PostgresKeyRing(db, os.urandom(32))
    fake = SYSTEMS[request.param]()
    fake.credentials.add("Bearer key")
    account = Account(db, keys, fake, ConnectedCrms(db, keys))
    await PostgresTenants(db, keys).save(a_profile(account.tenant, account.tenant))
    await PostgresSecrets(db, keys, account.tenant).write("crm.key", "key")
    async with fake.serving() as url:
        row = ConnectionRow(tenant_id=account.tenant, connection_id="crm", system=request.param, url=url)
        await PostgresConnections(db).save(row)
        yield account
        # Of no interest to the watches of other tests.
        await PostgresConnections(db).remove(account.tenant, "crm")
        await account.crms.close()
    await db.close()


async def test_a_ticket_that_people_close_is_closed_at_its_call_and_watched_no_more(account: Account) -> None:
    assert await account.looked() == 0, "no call has opened anything"
    call_id, ticket_id = await account.opened()
    other_call, other_id = await account.opened()
    change = TicketChange(comment="replaced", state=TicketState.CLOSED)
    await (await account.crm()).update_ticket(ticket_id, change, action_key("desk", "close", {}))
    feed = PostgresFeed(account.db)
    async with aclosing(await listening(feed, account.tenant)) as events:
        assert await account.looked() > 0
        news = {await following(events), await following(events)}
    await feed.close()
    assert news == {(call_id, CALL_CHANGED), (other_call, CALL_CHANGED)}

    closed, waiting = await account.told(call_id), await account.told(other_call)
    assert (closed.ticket_state, waiting.ticket_state) == ("closed", "open")
    assert closed.ticket_changed_at is not None
    assert await account.looked(every_s=300) == 0, "it was looked at a moment ago"
    account.fake.closed = True
    await account.looked()
    assert (await account.told(call_id)).ticket_state == "closed", "a vendor that is away changes nothing"
    account.fake.closed = False
    await (await account.crm()).update_ticket(other_id, change, action_key("desk", "close", {"which": "other"}))
    await account.looked()
    assert (await account.told(other_call)).ticket_state == "closed"
    assert await account.looked() == 0, "nothing is open any more"


async def test_a_ticket_of_the_same_number_elsewhere_is_another_ticket(account: Account) -> None:
    call_id, ticket_id = await account.opened()
    now = datetime.now(UTC)
    same = Ticket(
        ticket_id=ticket_id,
        number=ticket_id,
        subject="",
        state=TicketState.CLOSED,
        priority=Priority.NORMAL,
        customer_id=None,
        updated_at=now,
    )
    tickets = PostgresTickets(account.db)
    await tickets.note(account.tenant, "crm", "another", [same], now.timestamp())
    await tickets.note("t-other", "crm", account.fake.system, [same], now.timestamp())
    assert (await account.told(call_id)).ticket_state is None


def test_the_next_look_begins_where_this_one_ended() -> None:
    changed = Ticket(
        ticket_id="1",
        number="1",
        subject="",
        state=TicketState.OPEN,
        priority=Priority.NORMAL,
        customer_id=None,
        updated_at=datetime.fromtimestamp(5_000, UTC),
    )
    assert next_since([], 9_000) == 9_000 - OVERLAP_S, "and a little before: searches are behind"
    assert next_since([changed], 9_000) == 9_000 - OVERLAP_S
    assert next_since([changed] * AT_ONCE, 9_000) == 5_000, "there were more than one look takes"
