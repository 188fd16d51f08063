"""A trunk at Debian's kamailio, which asks for a password: calls come in by it, and go out to Debian's baresip."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import re
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from ipaddress import ip_network
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from domain.errors import Refused
from domain.line import SessionDescription
from domain.outbound.dialling import DialLimits, DialState
from realtime.phone.door import Door
from realtime.phone.line import PhoneLine
from realtime.phone.refusals import Refusals
from realtime.sip.endpoint import SipEndpoint
from realtime.sip.origin import TRACE
from realtime.sip.trunks import Standing, Trunk, TrunkLines
from tests.conftest import free_port
from tests.realtime.phone.sip_peer import SipPhone
from tests.realtime.phone.test_sip import heard_by_us, open_door, pitch_hz, tone
from tests.realtime.phone.test_sip_scenarios import KAMAILIO
from workers.phone.number_plan import dialled_from, facts_of

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not SipPhone.installed(), reason="Debian's baresip-core is not on this machine"),
    pytest.mark.skipif(not Path(KAMAILIO).exists(), reason="Debian's kamailio is not on this machine"),
]

TENANT, OTHER, KNOWN = (str(uuid.uuid4()) for _ in range(3))
OFFER = SessionDescription(type="offer", sdp="ticket")
OURS_HZ, THEIRS_HZ = 1_000, 600
REGISTERS = 6
"""Of two accounts, each without and with its password, and refreshed since."""
REGISTRAR = Path(__file__).with_name("registrar.cfg")


RTP_PORTS = (20_000, 20_099)


class Registers(logging.Handler):
    """Tells when the stack has sent so many REGISTERs, and at which ports it wants to hear calls."""

    def __init__(self, wanted: int) -> None:
        super().__init__(logging.DEBUG)
        self.enough = asyncio.Event()
        self.audio_ports: set[int] = set()
        self._wanted = wanted
        self._loop = asyncio.get_running_loop()

    def emit(self, record: logging.LogRecord) -> None:
        """Called by the stack's thread."""
        message = record.getMessage()
        if message.startswith("TX"):
            self.audio_ports.update(int(port) for port in re.findall(r"^m=audio (\d+)", message, re.MULTILINE))
        self._wanted -= message.startswith("TX") and "REGISTER sip:" in message
        if self._wanted <= 0:
            self._loop.call_soon_threadsafe(self.enough.set)


class Desk:
    def __init__(self) -> None:
        self.legs: asyncio.Queue[tuple[PhoneLine, str, str]] = asyncio.Queue()

    async def receive(self, line: PhoneLine, tenant_id: str, call_id: str) -> None:
        ours = tone(OURS_HZ, 0.02, 16_000)
        line.play(lambda now_ms: ours)
        await line.answer(OFFER)
        self.legs.put_nowait((line, tenant_id, call_id))


def trunk_at(registrar: int, tenant_id: str, user: str, password: str) -> Trunk:
    limits = DialLimits(regions={"AE"}, an_hour=100, plan=facts_of)
    at = f"127.0.0.1:{registrar}"
    return Trunk(tenant_id=tenant_id, registrar=at, user=user, password=password, expires_s=3, limits=limits)


@asynccontextmanager
async def registrar(folder: Path, port: int, peer: int, *more: str) -> AsyncIterator[None]:
    """`more` are definitions of its configuration."""
    kamailio = await asyncio.create_subprocess_exec(
        KAMAILIO, "-f", str(REGISTRAR), "-DD", "-E", "-Y", str(folder), "-P", str(folder / "pid"),
        "-A", f"LISTEN=udp:127.0.0.1:{port}", "-A", f'PEER="127.0.0.1:{peer}"',
        *(part for definition in more for part in ("-A", definition)),
        stderr=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        kamailio.terminate()
        await kamailio.wait()


async def until(trunks: TrunkLines, name: str, standing: Standing) -> None:
    async with asyncio.timeout(60):
        await trunks.until(lambda: trunks.standing[name] is standing)


@pytest.fixture
def phone(tmp_path: Path) -> Callable[[str], SipPhone]:
    def make(name: str) -> SipPhone:
        folder = tmp_path / name
        folder.mkdir()
        return SipPhone(folder, tone(THEIRS_HZ, 60))

    return make


async def test_a_worker_that_cannot_dial_yet_tries_again(tmp_path: Path) -> None:
    """Another has the port, and the address is not of this machine."""
    lock = tmp_path / "sip.lock"
    endpoint = SipEndpoint(
        host="192.0.2.1",
        port=free_port(),
        numbers={},
        most_calls=4,
        lock=lock,
        receive=Desk().receive,
        door=open_door(),
        refusals=Refusals(lambda *line: None),
        trunks=TrunkLines([trunk_at(free_port(), TENANT, "trunk", "right password")]),
    )
    with lock.open("w") as held, capture_logs() as logs:
        fcntl.flock(held, fcntl.LOCK_EX)
        endpoint.start()
        async with asyncio.timeout(30):
            while len(logs) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        with pytest.raises(Refused, match="can't dial yet"):
            await endpoint.ring(TENANT, "+971501234567")
        await endpoint.close()
    assert {line["event"] for line in logs} == {"sip_not_listening"}


async def test_a_trunk_is_registered_at_called_by_and_dialled_by(
    tmp_path: Path, phone: Callable[[str], SipPhone]
) -> None:
    port, desk, registers = free_port(), Desk(), Registers(REGISTERS)
    called, caller = phone("called"), phone("caller")
    # As networks have it: an account's name is no password's, and its domain no machine.
    right = replace(
        trunk_at(port, TENANT, "line-1", "right password"),
        registrar="voice.example.com",
        proxy=f"127.0.0.1:{port}",
        auth_user="trunk",
    )
    known = replace(trunk_at(port, KNOWN, "by-address", ""), registers=False, written=partial(dialled_from, "AE"))
    wrong = trunk_at(port, OTHER, "trunk-2", "wrong password")
    endpoint = SipEndpoint(
        host="127.0.0.1",
        port=free_port(),
        numbers={},
        most_calls=4,
        lock=tmp_path / "sip.lock",
        receive=desk.receive,
        door=Door(sources=[ip_network("127.0.0.0/8")], most_legs=8, most_a_minute=1_000, most_of_tenant=8),
        refusals=Refusals(lambda *line: None),
        trunks=TrunkLines([right, wrong, known]),
        rtp_ports=RTP_PORTS,
    )
    rang: list[str] = []

    async def dial(number: str, tenant_id: str = TENANT, call_id: str = "call") -> DialState:
        way = endpoint.trunks.way(tenant_id, number)
        return await endpoint.dial(tenant_id, way, call_id, lambda: rang.append(call_id))

    logging.getLogger(TRACE).addHandler(registers)
    try:
        async with registrar(tmp_path, port, called.port):
            await called.wait()
            endpoint.start()
            await until(endpoint.trunks, right.name, Standing.REGISTERED)
            await until(endpoint.trunks, wrong.name, Standing.REFUSED)

            assert await dial("+971500000486") is DialState.BUSY
            assert await dial("+971500000480") is DialState.NO_ANSWER
            assert await dial("+971500000603") is DialState.REJECTED
            assert await dial("+971500000404") is DialState.UNREACHABLE
            with pytest.raises(Refused, match="country"):
                await dial("+442071234567")
            with pytest.raises(Refused, match="registered"):
                await dial("+971501234567", OTHER)
            assert await dial("+971500000486", KNOWN) is DialState.BUSY
            assert endpoint.trunks.standing[known.name] is Standing.BY_ADDRESS
            assert desk.legs.empty()

            assert await dial("050 123 4567", call_id="the-call") is DialState.ANSWERED
            line, tenant_id, call_id = desk.legs.get_nowait()
            assert (line.caller, tenant_id, call_id) == ("+971501234567", TENANT, "the-call")
            assert await line.connected()
            assert await heard_by_us(line) == pytest.approx(THEIRS_HZ, abs=15)
            await line.hang_up()
            await called.told("terminated")

            async with asyncio.timeout(60):
                await registers.enough.wait()
            await caller.call(f"sip:line-1@127.0.0.1:{port}")
            async with asyncio.timeout(30):
                line, tenant_id, _ = await desk.legs.get()
            assert tenant_id == TENANT
            assert await heard_by_us(line) == pytest.approx(THEIRS_HZ, abs=15)
            await line.hang_up()
            await caller.told("terminated")
            await endpoint.close()
    finally:
        logging.getLogger(TRACE).removeHandler(registers)
        await endpoint.close()
        await called.close()
        await caller.close()
    assert registers.audio_ports
    assert all(RTP_PORTS[0] <= port <= RTP_PORTS[1] for port in registers.audio_ports)
    sound = called.heard()
    assert pitch_hz(sound[len(sound) // 2 :], 8_000) == pytest.approx(OURS_HZ, abs=15)
