from __future__ import annotations

import asyncio
import signal

import pytest
from sqlalchemy import text

from domain.errors import Rejected, Unavailable
from storage.migrate import migrate
from storage.session import Database
from tests.conftest import PostgresServer, free_port

pytestmark = pytest.mark.servers


async def _one(db: Database) -> int:
    async with db.tenant_transaction("t") as connection:
        return await connection.scalar(text("SELECT 1"))


async def test_nobody_listening_is_unavailable():
    db = Database(f"postgresql+asyncpg://hatif_app:x@127.0.0.1:{free_port()}/hatif")
    with pytest.raises(Unavailable):
        await _one(db)
    await db.close()


async def test_a_wrong_password_is_unavailable_and_not_repeated_in_the_message(database):
    db = Database(database.app.replace("hatif_app:", "hatif_app:wrong"))
    with pytest.raises(Unavailable) as caught:
        await _one(db)
    assert "wrong" not in str(caught.value)
    await db.close()


async def test_more_work_than_connections_waits_or_is_unavailable_and_passes(db: Database):
    assert await asyncio.gather(*(_one(db) for _ in range(60))) == [1] * 60


async def test_an_exception_rolls_back(db: Database, tenant: str):
    with pytest.raises(ZeroDivisionError):
        async with db.tenant_transaction(tenant) as connection:
            await connection.execute(text("UPDATE hatif.tenants SET slug = 'gone'"))
            raise ZeroDivisionError
    async with db.tenant_transaction(tenant) as connection:
        assert await connection.scalar(text("SELECT slug FROM hatif.tenants")) != "gone"


async def test_a_cancelled_transaction_rolls_back_and_leaves_a_working_pool(db: Database, tenant: str):
    async def hang():
        async with db.tenant_transaction(tenant) as connection:
            await connection.execute(text("UPDATE hatif.tenants SET slug = 'gone'"))
            inside.set()
            await asyncio.Event().wait()

    inside = asyncio.Event()
    task = asyncio.create_task(hang())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with db.tenant_transaction(tenant) as connection:
        assert await connection.scalar(text("SELECT slug FROM hatif.tenants")) != "gone"


async def test_a_refused_value_is_not_quoted(db: Database, tenant: str):
    with pytest.raises(Rejected) as caught:
        async with db.tenant_transaction(tenant) as connection:
            await connection.execute(text("SELECT CAST(:secret AS integer)"), {"secret": "my words"})
    assert "my words" not in repr(caught.value)
    assert caught.value.__cause__ is None


async def test_a_frozen_server_is_noticed_in_seconds_and_used_again_after(mortal: PostgresServer):
    db = Database(mortal.plan.app_url)
    await migrate(mortal.plan.owner_url, mortal.plan.app_password)
    assert await _one(db) == 1
    frozen = mortal.all_processes()
    for process in frozen:
        process.send_signal(signal.SIGSTOP)
    try:
        # Far from any timing: a server that is waited for answers never.
        async with asyncio.timeout(30):
            with pytest.raises(Unavailable):
                await _one(db)
    finally:
        for process in frozen:
            process.send_signal(signal.SIGCONT)
    assert await _one(db) == 1
    await db.close()


async def test_a_killed_server_is_unavailable_and_its_successor_has_every_row(mortal: PostgresServer):
    await migrate(mortal.plan.owner_url, mortal.plan.app_password)
    db = Database(mortal.plan.app_url)
    insert = text("INSERT INTO hatif.tenants VALUES ('t', 'slug', 0)")
    async with db.tenant_transaction("t") as connection:
        await connection.execute(insert)
    mortal.kill()
    with pytest.raises(Unavailable):
        await _one(db)
    await asyncio.to_thread(mortal.start)
    async with db.tenant_transaction("t") as connection:
        assert await connection.scalar(text("SELECT slug FROM hatif.tenants")) == "slug"
    await db.close()
