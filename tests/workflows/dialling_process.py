"""A media worker that dials, apart, to be killed while it rings: python -m tests.workflows.dialling_process"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path

from realtime.durable import Dialling
from realtime.phone.line import PhoneLine
from storage.desk.callbacks import PostgresCallbacks
from storage.keys import PostgresKeyRing
from storage.outbound import PostgresDialBook
from storage.session import Database
from tests.workflows.trunk_office import Office, endpoint_of, registered, with_room
from workflows.codec import EncryptionCodec
from workflows.converter import connect

POLLS, RINGS = b"polls", b"number_rings"
"""What its lines hold, the second of which the product's own log writes."""


class DialsApart:
    """The test's end of such a process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, office: Office) -> DialsApart:
        """Returns once it is about to take what is asked for in the office."""
        house = office.house
        given = (house.address, house.database_url, house.master.hex(), house.tenant_id, str(office.registrar))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.workflows.dialling_process",
            env={**os.environ, "ARGS": "|".join(given)},
            stdout=asyncio.subprocess.PIPE,
        )
        apart = cls(process)
        try:
            await apart.says(POLLS)
        except BaseException:
            await apart.die()
            raise
        return apart

    async def says(self, words: bytes) -> None:
        assert self._process.stdout is not None
        async with asyncio.timeout(120):
            while words not in (line := await self._process.stdout.readline()):
                assert line, "it ended"

    async def die(self) -> None:
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
        await self._process.wait()


async def main() -> None:
    address, database_url, master, tenant_id, port = os.environ["ARGS"].split("|")
    database = Database(database_url)
    keys = PostgresKeyRing(database, bytes.fromhex(master))
    client = await connect(address, "default", EncryptionCodec(keys))

    async def nobody(line: PhoneLine, tenant_id: str, call_id: str) -> None:
        raise AssertionError("somebody answered")

    with tempfile.TemporaryDirectory() as folder:
        endpoint = endpoint_of(tenant_id, nobody, int(port), Path(folder) / "sip.lock")
        contacts, book = PostgresCallbacks(database, keys), PostgresDialBook(database, keys)
        endpoint.start()
        await registered(endpoint)
        print(POLLS.decode(), flush=True)
        await Dialling(client, endpoint, contacts, book, room_for=with_room).run()


if __name__ == "__main__":
    asyncio.run(main())
