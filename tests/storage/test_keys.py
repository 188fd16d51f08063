from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

import storage.keys
from domain.errors import NotFound, Rejected, SetupError, Unavailable
from storage.keys import PostgresKeyRing, master_key
from storage.session import Database
from tests.conftest import DatabaseUrls, run_sql

from .conftest import MASTER

pytestmark = pytest.mark.servers


async def test_a_key_is_made_once_and_is_the_same_in_every_process(db: Database, tenant: str):
    first, second = PostgresKeyRing(db, MASTER), PostgresKeyRing(db, MASTER)
    await first.create_key(tenant, "c")
    key = await first.key(tenant, "c")
    await second.create_key(tenant, "c")
    assert key is not None
    assert len(key) == 32
    assert await second.key(tenant, "c") == key
    await first.create_key(tenant, "d")
    assert await first.key(tenant, "d") != key


async def test_an_erased_key_is_gone_for_good(db: Database, database: DatabaseUrls, tenant: str):
    keys = PostgresKeyRing(db, MASTER)
    await keys.create_key(tenant, "c")
    assert await keys.key(tenant, "c") is not None
    await keys.erase_key(tenant, "c")
    await keys.erase_key(tenant, "c")
    assert await keys.key(tenant, "c") is None
    await keys.create_key(tenant, "c")
    assert await PostgresKeyRing(db, MASTER).key(tenant, "c") is None
    async with db.tenant_transaction(tenant) as connection:
        assert (await connection.execute(text("SELECT wrapped FROM hatif.call_keys"))).all() == [(None,)]


async def test_a_key_erased_elsewhere_is_forgotten_here_in_time(
    db: Database, tenant: str, monkeypatch: pytest.MonkeyPatch
):
    here, there = PostgresKeyRing(db, MASTER), PostgresKeyRing(db, MASTER)
    await here.create_key(tenant, "c")
    key = await here.key(tenant, "c")
    await there.erase_key(tenant, "c")
    assert await here.key(tenant, "c") == key
    monkeypatch.setattr(storage.keys, "CACHE_S", 0.0)
    assert await here.key(tenant, "c") is None


async def test_a_known_key_serves_on_while_the_store_is_away(
    database: DatabaseUrls, tenant: str, monkeypatch: pytest.MonkeyPatch
):
    db = Database(database.app)
    keys = PostgresKeyRing(db, MASTER)
    await keys.create_key(tenant, "c")
    key = await keys.key(tenant, "c")
    await db.close()
    keys._database = Database("postgresql+asyncpg://hatif_app:x@127.0.0.1:9/hatif")
    monkeypatch.setattr(storage.keys, "CACHE_S", 0.0)
    assert await keys.key(tenant, "c") == key
    with pytest.raises(Unavailable):
        await keys.key(tenant, "another")


async def test_unknown_keys_and_tenants(db: Database, tenant: str):
    keys = PostgresKeyRing(db, MASTER)
    assert await keys.key(tenant, "nobody") is None
    assert await keys.key("nobody", "c") is None
    with pytest.raises(NotFound):
        await keys.create_key("nobody", "c")


async def test_another_master_key_opens_nothing(db: Database, tenant: str):
    await PostgresKeyRing(db, MASTER).create_key(tenant, "c")
    with pytest.raises(Rejected):
        await PostgresKeyRing(db, os.urandom(32)).key(tenant, "c")


async def test_a_wrapped_key_moved_to_another_call_does_not_open(db: Database, database: DatabaseUrls, tenant: str):
    await PostgresKeyRing(db, MASTER).create_key(tenant, "c")
    await run_sql(database.superuser, f"UPDATE hatif.call_keys SET call_id = 'd' WHERE tenant_id = '{tenant}'")
    with pytest.raises(Rejected):
        await PostgresKeyRing(db, MASTER).key(tenant, "d")


async def test_the_cache_is_bounded(db: Database, tenant: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(storage.keys, "CACHE_KEYS", 2)
    keys = PostgresKeyRing(db, MASTER)
    for call_id in "abc":
        await keys.create_key(tenant, call_id)
        assert await keys.key(tenant, call_id) is not None
    assert [call_id for _, call_id in keys._call_keys] == ["b", "c"]
    assert await keys.key(tenant, "a") is not None


def test_the_master_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path):
    key = master_key(tmp_path / "keys")
    assert len(key) == 32
    assert master_key(tmp_path / "keys") == key
    assert stat.S_IMODE((tmp_path / "keys" / "master.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["master.key"]


def test_a_damaged_master_key_is_said_not_replaced(tmp_path: Path):
    (tmp_path / "master.key").write_bytes(b"short")
    with pytest.raises(SetupError, match="master"):
        master_key(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(SetupError):
        master_key(tmp_path / "file")
