"""A process that spools turns while its store is away, and waits to be killed.

Arguments: URL of a store that was up when the call began, master key in hex, folder, tenant, call, number of turns.
It says "ready" once the call's key is known, waits for a line, records, and says "spooled" when all are on disk.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from domain.speech import Language, Speaker, Turn
from storage.calls import PostgresCalls
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.spool import TurnSpool


async def main(url: str, master: str, folder: str, tenant: str, call_id: str, count: str) -> None:
    database = Database(url)
    keys = PostgresKeyRing(database, bytes.fromhex(master))
    calls = PostgresCalls(database, keys)
    await calls.take_lease(tenant, call_id, 1, "w")
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    spool = TurnSpool(calls, keys, Path(folder))
    for seq in range(int(count)):
        spool.record(
            tenant,
            call_id,
            Turn(seq=seq, speaker=Speaker.CALLER, text=f"word {seq}", language=Language.EN, started_ms=0, ended_ms=1),
        )
    while _lines(Path(folder)) < int(count):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    print("spooled", flush=True)
    await asyncio.Event().wait()


def _lines(folder: Path) -> int:
    return sum(path.read_bytes().count(b'"sealed"') for path in folder.glob("*.jsonl"))


asyncio.run(main(*sys.argv[1:]))
