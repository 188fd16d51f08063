"""A media worker that has its machine's SIP port, to be killed: python -m tests.realtime.phone.port_holder"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path

from domain.outbound.dialling import DialLimits
from realtime.phone.door import Door
from realtime.phone.line import PhoneLine
from realtime.phone.reception import Receive
from realtime.phone.refusals import Refusals
from realtime.sip.endpoint import SipEndpoint
from realtime.sip.trunks import Standing, Trunk, TrunkLines
from tests.realtime.phone.test_trunks import until
from workers.phone.number_plan import facts_of

EXTENSION = "200"
HAS_IT = b"has the port"


def endpoint_of(tenant_id: str, folder: Path, port: int, registrar_port: int, receive: Receive) -> SipEndpoint:
    trunk = Trunk(
        tenant_id=tenant_id,
        registrar=f"127.0.0.1:{registrar_port}",
        user="trunk",
        password="right password",
        limits=DialLimits(regions={"AE"}, an_hour=100, plan=facts_of, extensions=(EXTENSION,)),
    )
    return SipEndpoint(
        host="127.0.0.1",
        port=port,
        numbers={"demo": tenant_id},
        most_calls=4,
        lock=folder / "sip.lock",
        receive=receive,
        door=Door(sources=[ip_network("127.0.0.1")], most_legs=8, most_a_minute=1_000, most_of_tenant=8),
        refusals=Refusals(lambda *line: None),
        trunks=TrunkLines([trunk]),
    )


async def registered(endpoint: SipEndpoint) -> None:
    await until(endpoint.trunks, endpoint.trunks.trunks[0].name, Standing.REGISTERED)


@asynccontextmanager
async def other_worker(
    tenant_id: str, folder: Path, port: int, registrar_port: int
) -> AsyncIterator[asyncio.subprocess.Process]:
    """One that has the port of this machine, and is registered at the trunk."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.realtime.phone.port_holder",
        tenant_id, str(folder), str(port), str(registrar_port),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(120):
            while HAS_IT not in (line := await process.stdout.readline()):
                assert line, "it ended"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def has_the_port(tenant_id: str, folder: str, port: str, registrar_port: str) -> None:
    async def nobody(line: PhoneLine, tenant_id: str, call_id: str) -> None:
        raise AssertionError("somebody called")

    endpoint = endpoint_of(tenant_id, Path(folder), int(port), int(registrar_port), nobody)
    endpoint.start()
    await registered(endpoint)
    print(HAS_IT.decode(), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(has_the_port(*sys.argv[1:]))
