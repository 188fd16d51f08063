"""Two machines of one product with the same account: the registrar rings both, and one of them takes the call."""

from __future__ import annotations

import asyncio
import os
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.line import CallStart, Connected, SessionDescription
from realtime.phone.legs import Legs
from realtime.phone.line import PhoneLine
from realtime.phone.reception import Reception
from realtime.phone.refusals import Refusals
from realtime.sip.endpoint import SipEndpoint
from realtime.sip.standing import Standing
from realtime.sip.trunks import TrunkLines
from storage.calls import PostgresCalls
from storage.desk.callbacks import PostgresCallbacks
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tables import calls as call_rows
from storage.tenants import PostgresTenants
from tests.conftest import DatabaseUrls, free_port
from tests.realtime.phone.sip_peer import SipPhone
from tests.realtime.phone.test_sip import open_door, tone
from tests.realtime.phone.test_sip_scenarios import KAMAILIO
from tests.realtime.phone.test_trunks import registrar, trunk_at, until
from tests.realtime.plain import PROFILE

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not SipPhone.installed(), reason="Debian's baresip-core is not on this machine"),
    pytest.mark.skipif(not Path(KAMAILIO).exists(), reason="Debian's kamailio is not on this machine"),
]

STANDS, TOOK, TURNED = "stands", "took the call", "was turned away"


class Machine:
    """A media worker of one; what it does with a call it says by `says`."""

    def __init__(self, name: str, tenant_id: str, registrar_port: int, folder: Path, url: str, master: bytes) -> None:
        self.said = asyncio.Queue[str]()
        self.legs = Legs()
        self._database = Database(url)
        keys = PostgresKeyRing(self._database, master)
        self._reception = Reception(
            worker=name,
            legs=self.legs,
            calls=self,
            store=PostgresCalls(self._database, keys),
            contacts=PostgresCallbacks(self._database, keys),
            has_room=lambda call_id: True,
        )
        self._endpoint = SipEndpoint(
            host="127.0.0.1",
            port=free_port(),
            numbers={},
            most_calls=2,
            lock=folder / f"{name}.lock",
            receive=self.receive,
            door=open_door(),
            refusals=Refusals(lambda *line: None),
            trunks=TrunkLines([trunk_at(registrar_port, tenant_id, "trunk", "right password")]),
        )

    async def connect(self, start: CallStart, offer: SessionDescription) -> Connected:
        """The call's workflow would have this line opened."""
        answer = await self.legs.taken(offer.sdp).answer(offer)
        self.said.put_nowait(TOOK)
        return Connected(lease=1, answer=answer)

    async def receive(self, line: PhoneLine, tenant_id: str, call_id: str) -> None:
        await self._reception.receive(line, tenant_id, call_id)
        if line.is_closed:
            self.said.put_nowait(TURNED)

    async def stand(self) -> None:
        self._endpoint.start()
        await until(self._endpoint.trunks, self._endpoint.trunks.trunks[0].name, Standing.REGISTERED)

    async def close(self) -> None:
        await self._endpoint.close()
        await self._database.close()


@asynccontextmanager
async def other_machine(*given: str) -> AsyncIterator[asyncio.StreamReader]:
    """What it says, line by line."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.realtime.phone.test_two_machines",
        env={**os.environ, "ARGS": "|".join(given)}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        await said_by(process.stdout, STANDS)
        yield process.stdout
    finally:
        process.kill()
        await process.wait()


async def said_by(output: asyncio.StreamReader, *words: str) -> str:
    """The next of these words."""
    async with asyncio.timeout(120):
        while (line := (await output.readline()).decode().strip()) not in words:
            assert line, "it ended"
    return line


async def main() -> None:
    name, tenant_id, registrar_port, folder, url, master = os.environ["ARGS"].split("|")
    machine = Machine(name, tenant_id, int(registrar_port), Path(folder), url, bytes.fromhex(master))
    await machine.stand()
    print(STANDS, flush=True)
    while True:
        print(await machine.said.get(), flush=True)


async def test_of_two_machines_that_a_call_comes_to_one_takes_it(database: DatabaseUrls, tmp_path: Path) -> None:
    tenant_id, master, port = str(uuid.uuid4()), os.urandom(32), free_port()
    phone = SipPhone(tmp_path, tone(600, 30))
    given = (tenant_id, str(port), str(tmp_path), database.app, master.hex())
    store = Database(database.app)
    tenants = PostgresTenants(store, PostgresKeyRing(store, master))
    await tenants.save(replace(PROFILE, tenant_id=tenant_id, slug=f"shop-{tenant_id[:8]}"))
    here = Machine("here", tenant_id, port, tmp_path, database.app, master)
    async with AsyncExitStack() as running:
        running.push_async_callback(store.close)
        running.push_async_callback(phone.close)
        await running.enter_async_context(registrar(tmp_path, port, 9))
        running.push_async_callback(here.close)
        there = await running.enter_async_context(other_machine("there", *given))
        await here.stand()
        await phone.call(f"sip:trunk@127.0.0.1:{port}")
        await phone.told("Call established")
        async with asyncio.timeout(120):
            outcomes = await asyncio.gather(here.said.get(), said_by(there, TOOK, TURNED))
        assert sorted(outcomes) == [TOOK, TURNED]
        async with store.tenant_transaction(tenant_id) as connection:
            assert len((await connection.execute(select(call_rows.c.call_id))).all()) == 1


if __name__ == "__main__":
    asyncio.run(main())
