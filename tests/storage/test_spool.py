from __future__ import annotations

import asyncio
import contextlib
import signal
import stat
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog.testing
from sqlalchemy import text

import storage.spool
from domain.speech import Language, Speaker, Turn
from storage.calls import PostgresCalls
from storage.keys import PostgresKeyRing
from storage.migrate import migrate
from storage.session import Database
from storage.spool import MEMORY_TURNS, TurnSpool
from storage.tenants import PostgresTenants
from tests.conftest import PostgresServer

from .conftest import MASTER, a_profile

pytestmark = pytest.mark.servers
TENANT = "t-spool"
DEADLINE_MS = 20_000


def a_turn(seq: int, text: str = "", lease: int = 1) -> Turn:
    return Turn(
        seq=seq,
        speaker=Speaker.CALLER,
        text=text or f"secret word {seq}",
        language=Language.EN,
        started_ms=seq * 1000,
        ended_ms=seq * 1000 + 900,
        lease=lease,
        stages_ms={"asr": seq},
    )


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_MS / 1000):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@dataclass
class Store:
    server: PostgresServer
    database: Database
    keys: PostgresKeyRing
    calls: PostgresCalls

    async def a_call(self) -> str:
        call_id = f"c-{uuid.uuid4().hex[:8]}"
        await self.calls.create_call(TENANT, call_id, "web", None)
        assert await self.calls.take_lease(TENANT, call_id, 1, "w")
        return call_id

    async def stored(self, call_id: str) -> list[int]:
        """Seqs in the order in which they were stored."""
        query = text("SELECT seq FROM hatif.turns WHERE call_id = :c ORDER BY stored_at")
        async with self.database.tenant_transaction(TENANT) as connection:
            return list(await connection.scalars(query, {"c": call_id}))

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        processes = self.server.all_processes()
        for process in processes:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                process.send_signal(signal.SIGCONT)


@pytest.fixture
async def store(mortal: PostgresServer) -> AsyncIterator[Store]:
    await migrate(mortal.plan.owner_url, mortal.plan.app_password)
    database = Database(mortal.plan.app_url)
    keys = PostgresKeyRing(database, MASTER)
    if await PostgresTenants(database, keys).profile(TENANT) is None:
        await PostgresTenants(database, keys).save(a_profile(TENANT, "spool"))
    yield Store(mortal, database, keys, PostgresCalls(database, keys))
    await database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
async def spool(store: Store, folder: Path) -> AsyncIterator[TurnSpool]:
    spool = TurnSpool(store.calls, store.keys, folder)
    yield spool
    await spool.close(deadline_ms=100)


async def test_a_store_that_answers_needs_no_disk(store: Store, spool: TurnSpool, folder: Path):
    call_id = await store.a_call()
    for seq in range(5):
        spool.record(TENANT, call_id, a_turn(seq))
    assert await spool.flush(call_id, DEADLINE_MS)
    assert await store.calls.turns(TENANT, call_id) == [a_turn(seq) for seq in range(5)]
    assert _modes(folder.parent) == {}
    assert await spool.flush("never heard of", 0)


async def test_a_frozen_store_gets_every_turn_once_and_in_order(store: Store, spool: TurnSpool, folder: Path):
    first, second = await store.a_call(), await store.a_call()
    with store.frozen():
        for seq in range(30):
            spool.record(TENANT, first, a_turn(seq))
            spool.record(TENANT, second, a_turn(seq))
        await until(lambda: sum(line.count(b"sealed") for line in _contents(folder)) == 60)
        assert not await spool.flush(first, 10)
        assert b"secret" not in b"".join(_contents(folder))
        assert set(_modes(folder).values()) == {0o600}
        assert _modes(folder.parent) == {"spool": 0o700}
    spool.record(TENANT, first, a_turn(30))
    assert await spool.flush(first, DEADLINE_MS)
    assert await spool.flush(second, DEADLINE_MS)
    assert await store.stored(first) == list(range(31))
    assert await store.stored(second) == list(range(30))
    assert await store.calls.turns(TENANT, first) == [a_turn(seq) for seq in range(31)]
    await until(lambda: not list(folder.iterdir()))


async def test_a_killed_store_gets_every_turn_after_its_restart(store: Store, spool: TurnSpool):
    call_id = await store.a_call()
    spool.record(TENANT, call_id, a_turn(0))
    assert await spool.flush(call_id, DEADLINE_MS)
    store.server.kill()
    for seq in range(1, 10):
        spool.record(TENANT, call_id, a_turn(seq))
    assert not await spool.flush(call_id, 50)
    await asyncio.to_thread(store.server.start)
    spool.record(TENANT, call_id, a_turn(10))
    assert await spool.flush(call_id, DEADLINE_MS)
    assert await store.stored(call_id) == list(range(11))


async def test_what_a_killed_process_left_is_delivered_by_the_next(store: Store, folder: Path):
    call_id = await store.a_call()
    arguments = [store.server.plan.app_url, MASTER.hex(), str(folder), TENANT, call_id, "7"]
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("spool_child.py")),
        *arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        async with asyncio.timeout(DEADLINE_MS / 1000):
            assert await child.stdout.readline() == b"ready\n"
            store.server.kill()
            child.stdin.write(b"go\n")
            assert await child.stdout.readline() == b"spooled\n"
        await asyncio.to_thread(store.server.start)
        # Its file is locked while it lives: nobody else takes it.
        assert list(storage.spool.left_behind(folder)) == []
    finally:
        child.kill()
        await child.wait()
    successor = TurnSpool(store.calls, store.keys, folder)
    successor.start()
    await until(lambda: not list(folder.iterdir()))
    await successor.close()
    assert await store.stored(call_id) == list(range(7))


async def test_closing_leaves_on_disk_what_the_store_did_not_take(store: Store, folder: Path):
    call_id = await store.a_call()
    spool = TurnSpool(store.calls, store.keys, folder)
    with store.frozen():
        for seq in range(3):
            spool.record(TENANT, call_id, a_turn(seq))
        await spool.close(deadline_ms=50)
    successor = TurnSpool(store.calls, store.keys, folder)
    successor.start()
    await until(lambda: not list(folder.iterdir()))
    await successor.close()
    assert await store.stored(call_id) == [0, 1, 2]


async def test_a_late_turn_of_an_outdated_lease_is_stored(store: Store, spool: TurnSpool):
    call_id = await store.a_call()
    assert await store.calls.take_lease(TENANT, call_id, 2, "other")
    spool.record(TENANT, call_id, a_turn(1, lease=2))
    spool.record(TENANT, call_id, a_turn(0, lease=1))
    assert await spool.flush(call_id, DEADLINE_MS)
    assert await store.calls.turns(TENANT, call_id) == [a_turn(0, lease=1), a_turn(1, lease=2)]


async def test_a_turn_is_safe_once_it_is_stored_or_on_disk(store: Store, spool: TurnSpool, folder: Path):
    call_id = await store.a_call()
    safe: list[int] = []

    def record(seq: int) -> None:
        spool.record(TENANT, call_id, a_turn(seq), lambda: safe.append(seq))

    record(0)
    assert safe == []
    assert await spool.flush(call_id, DEADLINE_MS)
    assert safe == [0]
    with store.frozen():
        record(1)
        record(2)
        await until(lambda: safe == [0, 1, 2])
        assert sum(line.count(b"sealed") for line in _contents(folder)) == 2
    assert await spool.flush(call_id, DEADLINE_MS)
    assert safe == [0, 1, 2]


async def test_turns_of_an_erased_call_are_dropped_from_memory_and_disk(store: Store, folder: Path):
    call_id = await store.a_call()
    spool = TurnSpool(store.calls, store.keys, folder)
    with store.frozen():
        spool.record(TENANT, call_id, a_turn(0))
        await spool.close(deadline_ms=50)
    await store.keys.erase_key(TENANT, call_id)
    safe: list[int] = []
    successor = TurnSpool(store.calls, store.keys, folder)
    successor.start()
    successor.record(TENANT, call_id, a_turn(1), lambda: safe.append(1))
    await until(lambda: not list(folder.iterdir()))
    assert await successor.flush(call_id, DEADLINE_MS)
    await successor.close()
    assert await store.stored(call_id) == safe == []


async def test_a_full_disk_is_said_once_and_keeps_what_memory_holds(store: Store, full_disk: Path):
    call_id = await store.a_call()
    spool = TurnSpool(store.calls, store.keys, full_disk)
    with structlog.testing.capture_logs() as logs:
        with store.frozen():
            for seq in range(100):
                spool.record(TENANT, call_id, a_turn(seq, "secret " * 500))
            await until(lambda: any(entry["event"] == "spool_unwritable" for entry in logs))
            for seq in range(100, MEMORY_TURNS + 105):
                spool.record(TENANT, call_id, a_turn(seq, "secret " * 500))
            await until(lambda: any(entry["event"] == "turn_lost" for entry in logs))
        assert await spool.flush(call_id, DEADLINE_MS)
    lost = [entry["seq"] for entry in logs if entry["event"] == "turn_lost"]
    stored = await store.stored(call_id)
    assert stored == sorted(stored)
    assert sorted(stored + lost) == list(range(MEMORY_TURNS + 105))
    assert len([entry for entry in logs if entry["event"] == "spool_unwritable"]) == 1
    assert "secret" not in repr(logs)
    await spool.close()


def _contents(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.glob("*.jsonl")]


def _modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
