from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from domain.accounts import Role, SiteKey, User
from domain.acting.connection import ConnectionRow
from domain.acting.orders import OrderStatus
from domain.acting.tool_server import ToolServer
from domain.acting.visits import NewVisit, Window
from domain.desk.callbacks import CallbackReason, NewCallback
from domain.desk.handoffs import NewHandoff
from domain.desk.people import PresenceState, Queue
from domain.errors import Rejected
from domain.knowledge.document import Chunk, DocumentKind, Upload
from domain.speech import Language
from storage.accounts import PostgresAccounts
from storage.actions import PostgresAttempts
from storage.audit import PostgresAudit
from storage.calls import PostgresCalls
from storage.campaigns.campaigns import PostgresCampaigns
from storage.connections import PostgresConnections, PostgresSecrets
from storage.desk.callbacks import PostgresCallbacks
from storage.desk.handoffs import PostgresHandoffs
from storage.desk.hooks import PostgresDeskHooks
from storage.desk.presence import PostgresPresences
from storage.documents import PostgresDocuments
from storage.keys import PostgresKeyRing
from storage.recordings.rows import PostgresRecordings
from storage.session import Database
from storage.tables import metadata
from storage.team import PostgresTeam
from storage.threads.tables import threads
from storage.tools.orders import PostgresOrders
from storage.tools.tenant_tools import PostgresTenantTools
from storage.tools.tool_servers import PostgresToolServers
from storage.tools.visits import PostgresVisits
from tests.conftest import DatabaseUrls

from .recordings.test_rows import ASKED, a_row
from .test_calls import TURN
from .test_campaigns import ALONE, PLAN
from .tools.test_tenant_tools import a_tool

pytestmark = pytest.mark.servers
TABLES = sorted(table.name for table in metadata.tables.values())
assert threads.metadata is metadata


@pytest.fixture
async def full(
    db: Database, calls: PostgresCalls, accounts: PostgresAccounts, keys: PostgresKeyRing, tenant: str, call_id: str
) -> str:
    """A tenant with a row in every table."""
    await calls.record_turn(tenant, call_id, TURN)
    await calls.rate(tenant, call_id, 5, None)
    await accounts.create_user(
        User(user_id="u", tenant_id=tenant, email="a@b.c", name="A", role=Role.ADMIN), "password-hash"
    )
    await accounts.save_refresh_token(tenant, "u", "f", tenant.encode(), 1e12)
    await accounts.save_site_key(
        SiteKey(site_key_id="s", tenant_id=tenant, key=tenant, allowed_origins=(), max_concurrent_calls=1)
    )
    await accounts.bind_call_token(tenant, "token", call_id)
    await PostgresTeam(db).save_queue(tenant, Queue(queue_id="q", names={}))
    await PostgresAudit(db, keys).record(tenant, "a", "b", "c", {})
    recordings = PostgresRecordings(db)
    await recordings.record_consent(tenant, call_id, ASKED)
    await recordings.save_recording(a_row(tenant, call_id))
    async with db.tenant_transaction(tenant) as connection:
        await connection.execute(
            text("INSERT INTO hatif.actions VALUES (:t, :c, 'k', 'book', 1, 'running', 0)"),
            {"t": tenant, "c": call_id},
        )
    await PostgresAttempts(db, tenant).begin("zendesk", "k", 1.0, after=0)
    await PostgresConnections(db).save(
        ConnectionRow(tenant_id=tenant, connection_id="crm", system="zendesk", url="https://shop.example")
    )
    await PostgresSecrets(db, keys, tenant).write("crm.token", "secret")
    await full_desk(db, keys, tenant, call_id)
    window = Window(day=date(2026, 12, 1), opens="09:00", closes="12:00")
    await PostgresVisits(db).book(tenant, NewVisit(key="k", call_id=call_id, window=window, at_once=9))
    store = PostgresDocuments(db, keys)
    document, _ = await store.put(tenant, Upload(name="a.txt", kind=DocumentKind.TEXT, content=b"a"))
    chunk = Chunk(position=0, sentences=("a",))
    await store.save_chunks(tenant, document.document_id, document.revision, [chunk], pages=None, language=None)
    order = OrderStatus(number="4572", phone="+971501234567", status={Language.EN: "on its way"})
    await PostgresOrders(db, keys).bring(tenant, [order], all_of_them=True)
    await PostgresCampaigns(db, keys).create(tenant, "c", PLAN, ALONE, "u")
    await full_thread(db, tenant, call_id)
    await PostgresTenantTools(db, keys).save(tenant, a_tool(), None)
    await PostgresToolServers(db, keys).save(tenant, ToolServer(name="shop", url="https://shop.example/mcp"), None)
    return tenant


async def full_thread(db: Database, tenant: str, call_id: str) -> None:
    rows = (
        "threads VALUES (:t, :c, 'sms', 'sms', '\\x00', '\\x00', 0, NULL, 0, 0)",
        "messages_in VALUES (:t, 'sms', 'SM1', :c, 1, 0)",
        "messages_out VALUES (:t, 'k', :c, 2, 'sms', NULL, 'unsent', 0, 0)",
        "opt_outs VALUES (:t, 'sms', '\\x00', 0)",
    )
    async with db.tenant_transaction(tenant) as connection:
        for row in rows:
            await connection.execute(text(f"INSERT INTO hatif.{row}"), {"t": tenant, "c": call_id})


async def full_desk(db: Database, keys: PostgresKeyRing, tenant: str, call_id: str) -> None:
    await PostgresPresences(db).open_tab(tenant, "u", "tab", 1e12)
    await PostgresPresences(db).choose(tenant, "u", "tab", PresenceState.READY)
    handoffs, callbacks = PostgresHandoffs(db, keys), PostgresCallbacks(db, keys)
    handoff = NewHandoff(
        handoff_id=f"{call_id}-1",
        call_id=call_id,
        number=1,
        reason="caller_asked",
        urgent=False,
        by="conversation",
        language=Language.EN,
        queue_id="q",
    )
    await handoffs.open(tenant, handoff)
    assert await handoffs.claim_next(tenant, f"{call_id}-1", 1)
    await callbacks.promise(
        tenant,
        NewCallback(
            callback_id=f"{call_id}-1",
            call_id=call_id,
            reason=CallbackReason.LOST,
            language=Language.EN,
            next_try_at=1.0,
        ),
    )
    await callbacks.note_contact(tenant, call_id, "0501234567")
    await callbacks.forbid(tenant, "0501234567", "u")
    await PostgresDeskHooks(db, keys).is_new(tenant, "message")
    async with db.tenant_transaction(tenant) as connection:
        await connection.execute(
            text("INSERT INTO hatif.desk_events VALUES (:t, 'e', 'handoff.offered', '{}', 0, NULL, 0)"), {"t": tenant}
        )


async def count(db: Database, tenant_id: str, table: str) -> int:
    async with db.tenant_transaction(tenant_id) as connection:
        return await connection.scalar(text(f"SELECT count(*) FROM hatif.{table}")) or 0


async def test_every_table_has_a_tenant_and_forced_row_security(db: Database, database: DatabaseUrls):
    engine = create_async_engine(database.owner, poolclass=NullPool)
    async with engine.connect() as connection:
        found = await connection.execute(
            text(
                "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class"
                " WHERE relnamespace = 'hatif'::regnamespace AND relkind IN ('r', 'p') AND relname <> 'alembic_version'"
            )
        )
        assert dict(map(tuple, found)) == dict.fromkeys(TABLES, True)
    await engine.dispose()
    assert all("tenant_id" in table.primary_key.columns for table in metadata.tables.values())


async def test_rows_are_seen_by_their_own_tenant_only(db: Database, full: str, other_tenant: str):
    made_with_a_tenant = {"tenants", "tenant_configs", "tenant_keys"}
    for table in TABLES:
        # A document and a campaign have keys of their own beside the call's.
        assert await count(db, full, table) == (3 if table == "call_keys" else 1), table
        assert await count(db, other_tenant, table) == (table in made_with_a_tenant), table
        assert await count(db, "", table) == 0, table
        assert await count(db, "nobody", table) == 0, table


async def test_without_a_tenant_there_are_no_rows_for_the_owner_either(database: DatabaseUrls, full: str):
    for url in (database.app, database.owner):
        engine = create_async_engine(url, poolclass=NullPool)
        async with engine.connect() as connection:
            for table in TABLES:
                assert await connection.scalar(text(f"SELECT count(*) FROM hatif.{table}")) == 0, table
        await engine.dispose()


async def test_a_tenant_can_not_write_into_another(db: Database, full: str, other_tenant: str):
    for statement in (
        "INSERT INTO hatif.call_tokens VALUES (:other, 'x', 'c', 0)",
        "INSERT INTO hatif.tenants VALUES (:other || '-2', 'x', 0)",
        "UPDATE hatif.calls SET tenant_id = :other",
        "UPDATE hatif.users SET tenant_id = :other",
    ):
        with pytest.raises(DBAPIError, match=r"row-level security|permission denied|foreign key"):
            async with db.tenant_transaction(full) as connection:
                await connection.execute(text(statement), {"other": other_tenant})
    async with db.tenant_transaction(full) as connection:
        done = await connection.execute(
            text("UPDATE hatif.calls SET state = 'held' WHERE tenant_id = :other"), {"other": other_tenant}
        )
        assert done.rowcount == 0


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE hatif.calls DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE hatif.calls NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY own_rows ON hatif.calls",
        "CREATE POLICY mine ON hatif.calls USING (true)",
        "SET ROLE hatif_owner",
        "SET ROLE hatif_lookup",
        "SET SESSION AUTHORIZATION postgres",
        "ALTER ROLE hatif_app BYPASSRLS",
        "GRANT hatif_lookup TO hatif_app",
        "CREATE TABLE hatif.mine (x int)",
        "CREATE TABLE public.mine (x int)",
        "DROP TABLE hatif.calls",
        "TRUNCATE hatif.calls",
        "UPDATE hatif.turns SET speaker = 'agent'",
        "DELETE FROM hatif.turns",
        "UPDATE hatif.audit SET actor = 'x'",
        "DELETE FROM hatif.audit",
        "UPDATE hatif.consents SET state = 'granted'",
        "DELETE FROM hatif.consents",
        "UPDATE hatif.recordings SET path = 'elsewhere'",
        "DELETE FROM hatif.recordings",
        "DELETE FROM hatif.call_keys",
        "CREATE OR REPLACE FUNCTION hatif.listed_site_keys() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT * FROM pg_authid",
    ],
)
async def test_the_application_role_can_not(db: Database, statement: str):
    with pytest.raises(DBAPIError) as caught:
        async with db.tenant_transaction("t") as connection:
            await connection.execute(text(statement))
    assert getattr(caught.value.orig, "sqlstate", None) == "42501"


async def test_row_security_off_is_an_error_not_a_way_around(db: Database, full: str):
    with pytest.raises(DBAPIError, match="row-level security"):
        async with db.transaction() as connection:
            await connection.execute(text("SET LOCAL row_security = off"))
            await connection.execute(text("SELECT * FROM hatif.calls"))


async def test_the_roles_have_no_special_rights(database: DatabaseUrls):
    engine = create_async_engine(database.superuser, poolclass=NullPool)
    async with engine.connect() as connection:
        rows = await connection.execute(
            text(
                "SELECT rolname, rolsuper OR rolbypassrls OR rolcreatedb OR rolreplication, rolcreaterole, rolcanlogin"
                " FROM pg_roles WHERE rolname LIKE 'hatif%' ORDER BY 1"
            )
        )
        assert rows.all() == [
            ("hatif_app", False, False, True),
            ("hatif_lookup", False, False, False),
            ("hatif_owner", False, True, True),
        ]
        members = await connection.execute(
            text(
                "SELECT r.rolname, m.rolname FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid"
                " JOIN pg_roles m ON m.oid = a.member"
                " WHERE r.rolname LIKE 'hatif%' AND (a.inherit_option OR a.set_option)"
            )
        )
        assert members.all() == []
    await engine.dispose()


async def test_another_tenants_call_is_as_unknown_as_none(
    calls: PostgresCalls, keys: PostgresKeyRing, full: str, call_id: str, other_tenant: str
):
    assert await calls.call(other_tenant, call_id) is None
    assert await calls.turns(other_tenant, call_id) == []
    assert await keys.key(other_tenant, call_id) is None
    assert not await calls.take_lease(other_tenant, call_id, 9, "w")
    with pytest.raises(Rejected):
        await calls.record_turn(other_tenant, call_id, replace(TURN, seq=9))
    # The same id in another tenant is another call, and blocks nobody.
    await calls.create_call(other_tenant, call_id, "web", None)
    await calls.record_turn(other_tenant, call_id, replace(TURN, text="theirs"))
    assert await calls.turns(full, call_id) == [TURN]
