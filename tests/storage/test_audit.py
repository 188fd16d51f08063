from __future__ import annotations

import asyncio
import os

import pytest

from domain.errors import NotFound
from storage.audit import START, PostgresAudit
from storage.keys import PostgresKeyRing
from storage.session import Database
from tests.conftest import DatabaseUrls, run_sql

pytestmark = pytest.mark.servers


@pytest.fixture
async def audit(db: Database, keys: PostgresKeyRing, tenant: str) -> PostgresAudit:
    """With five lines of `tenant`."""
    audit = PostgresAudit(db, keys)
    for number in range(1, 6):
        await audit.record(tenant, "user:u1", "signed_in", f"user:u{number}", {"from": "page", "ط": "é"})
    return audit


async def test_lines_come_back_and_the_chain_holds(audit: PostgresAudit, tenant: str):
    lines = await audit.lines(tenant)
    assert [(line.seq, line.subject, line.detail) for line in lines] == [
        (number, f"user:u{number}", {"from": "page", "ط": "é"}) for number in range(1, 6)
    ]
    assert await audit.lines(tenant, after=3, limit=1) == lines[3:4]
    state = await audit.verify(tenant)
    assert (state.lines, state.broken_at) == (5, None)


async def test_who_reads_the_same_again_and_again_is_on_record_once(audit: PostgresAudit, tenant: str):
    read = [("maha", "c1"), ("maha", "c1"), ("omar", "c1"), ("maha", "c2"), ("omar", "c1"), ("maha", "c1")]
    for actor, call_id in read:
        await audit.record_once(tenant, actor, "call_read", call_id, within_s=600)
    await audit.record_once(tenant, "maha", "call_read", "c1", within_s=0)
    lines = await audit.lines(tenant, after=5)
    assert [(line.actor, line.subject) for line in lines] == [
        ("maha", "c1"),
        ("omar", "c1"),
        ("maha", "c2"),
        ("maha", "c1"),
    ]
    assert {(line.action, str(line.detail)) for line in lines} == {("call_read", "{}")}
    assert (await audit.verify(tenant)).broken_at is None


async def test_writers_at_once_take_turns(audit: PostgresAudit, tenant: str):
    await asyncio.gather(*(audit.record(tenant, "system", "ended", f"call:{n}", {}) for n in range(20)))
    state = await audit.verify(tenant)
    assert (state.lines, state.broken_at) == (25, None)


@pytest.mark.parametrize(
    ("tampering", "broken_at", "whole"),
    [
        ("UPDATE hatif.audit SET actor = 'user:u9' WHERE seq = 3 AND tenant_id = '{t}'", 3, 2),
        ("UPDATE hatif.audit SET at = at + 0.001 WHERE seq = 1 AND tenant_id = '{t}'", 1, 0),
        ("UPDATE hatif.audit SET detail = '{{}}' WHERE seq = 5 AND tenant_id = '{t}'", 5, 4),
        ("UPDATE hatif.audit SET digest = '\\x00' WHERE seq = 2 AND tenant_id = '{t}'", 2, 1),
        ("DELETE FROM hatif.audit WHERE seq = 2 AND tenant_id = '{t}'", 3, 1),
        ("DELETE FROM hatif.audit WHERE seq = 1 AND tenant_id = '{t}'", 2, 0),
        (
            "DELETE FROM hatif.audit WHERE seq = 2 AND tenant_id = '{t}';"
            "UPDATE hatif.audit SET seq = seq - 1 WHERE seq > 2 AND tenant_id = '{t}'",
            2,
            1,
        ),
    ],
)
async def test_tampering_shows(
    audit: PostgresAudit, database: DatabaseUrls, tenant: str, tampering: str, broken_at: int, whole: int
):
    await run_sql(database.superuser, *tampering.format(t=tenant).split(";"))
    state = await audit.verify(tenant)
    assert (state.broken_at, state.lines) == (broken_at, whole)


async def test_lines_cut_off_at_the_end_show_against_a_noted_digest(
    audit: PostgresAudit, database: DatabaseUrls, tenant: str
):
    noted = await audit.verify(tenant)
    await run_sql(database.superuser, f"DELETE FROM hatif.audit WHERE seq = 5 AND tenant_id = '{tenant}'")
    assert (await audit.verify(tenant)).digest != noted.digest


async def test_a_chain_under_another_master_key_is_no_chain(
    audit: PostgresAudit, db: Database, keys: PostgresKeyRing, tenant: str, other_tenant: str, database: DatabaseUrls
):
    await PostgresAudit(db, keys).record(other_tenant, "a", "b", "c", {})
    copy = (
        "INSERT INTO hatif.audit SELECT '{}', seq, at, actor, action, subject, detail, digest"
        " FROM hatif.audit WHERE tenant_id = '{}' AND seq > 1"
    )
    await run_sql(database.superuser, copy.format(other_tenant, tenant))
    assert (await audit.verify(other_tenant)).broken_at == 2


async def test_an_empty_audit_is_whole_and_an_unknown_tenant_has_none(db: Database, keys: PostgresKeyRing, tenant: str):
    audit = PostgresAudit(db, keys)
    assert (await audit.verify(tenant)).digest == START
    with pytest.raises(NotFound):
        await audit.record("nobody", "a", "b", "c", {})
    with pytest.raises(NotFound):
        await PostgresAudit(db, PostgresKeyRing(db, os.urandom(32))).verify("nobody")
