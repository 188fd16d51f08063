"""A media worker as a process of its own, to be killed and frozen: python -m tests.workflows.media_process …"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from realtime.durable import DurableLines, WorkflowFacts
from storage.calls import PostgresCalls
from storage.keys import PostgresKeyRing
from storage.session import Database
from tests.workflows.quiet_lines import QuietLines
from workflows.codec import EncryptionCodec
from workflows.converter import connect


class Apart:
    """The test's end of such a process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, address: str, database_url: str, master: bytes, worker: str) -> Apart:
        """Returns once the process polls."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.workflows.media_process",
            env={**os.environ, "ARGS": "|".join((address, database_url, master.hex(), worker))},
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"polling\n"
        return cls(process)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def ended(self) -> int:
        return await self._process.wait()

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


async def main() -> None:
    address, database_url, master, worker = os.environ["ARGS"].split("|")
    database = Database(database_url)
    keys = PostgresKeyRing(database, bytes.fromhex(master))
    client = await connect(address, "default", EncryptionCodec(keys))
    lines = QuietLines(store=PostgresCalls(database, keys), worker=worker)
    durable = DurableLines(client, lines, WorkflowFacts(client), worker=worker, drain_s=1)
    running = asyncio.create_task(durable.run())
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    print("polling", flush=True)
    await stop.wait()
    await durable.drain()
    await running
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())
