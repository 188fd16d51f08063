"""SIP by TLS with encrypted sound: Debian's baresip calls and is called, Debian's kamailio is the registrar."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from domain.line import SessionDescription
from domain.outbound.dialling import DialState
from realtime.phone.door import Door
from realtime.phone.line import PhoneLine
from realtime.phone.refusals import Refusals
from realtime.sip.endpoint import SipEndpoint
from realtime.sip.security import Srtp, Tls
from realtime.sip.standing import Standing
from realtime.sip.trunks import Trunk, TrunkLines
from tests.certificates import Authority
from tests.conftest import free_port
from tests.realtime.phone.sip_peer import Secured, SipPhone
from tests.realtime.phone.test_sip import Desk, heard_by_us, pitch_hz, tone
from tests.realtime.phone.test_sip_scenarios import KAMAILIO
from tests.realtime.phone.test_trunks import registrar, trunk_at, until

KAMAILIO_TLS = Path("/usr/lib/x86_64-linux-gnu/kamailio/modules/tls.so")

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not SipPhone.installed(), reason="Debian's baresip-core is not on this machine"),
]

TENANT = str(uuid.uuid4())
OFFER = SessionDescription(type="offer", sdp="ticket")
OURS_HZ, THEIRS_HZ = 1_000, 600
ENCRYPTED = "SRTP is Enabled"
"""How Debian's baresip says so."""


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.make()


Phone = Callable[..., SipPhone]


@pytest.fixture
async def phone(tmp_path: Path, authority: Authority) -> AsyncIterator[Phone]:
    phones: list[SipPhone] = []

    def make(*, tls: bool = True, srtp: bool = True) -> SipPhone:
        folder = tmp_path / f"phone-{len(phones)}"
        folder.mkdir()
        certificate = authority.signs("localhost").whole
        secured = Secured(certificate=certificate, authorities=authority.pem, tls=tls, srtp=srtp)
        phones.append(SipPhone(folder, tone(THEIRS_HZ, 60), secured))
        return phones[-1]

    yield make
    for made in phones:
        await made.close()


@asynccontextmanager
async def endpoint_at(
    folder: Path, desk: Desk, tls: Tls | None, srtp: Srtp = Srtp.OFFERED, trunks: TrunkLines | None = None
) -> AsyncIterator[SipEndpoint]:
    endpoint = SipEndpoint(
        host="127.0.0.1",
        port=free_port(),
        numbers={"demo": TENANT},
        most_calls=4,
        lock=folder / "sip.lock",
        receive=desk.receive,
        door=Door(sources=[ip_network("127.0.0.1")], most_legs=8, most_a_minute=1_000, most_of_tenant=8),
        refusals=Refusals(lambda *line: None),
        trunks=trunks or TrunkLines(()),
        tls=tls,
        srtp=srtp,
    )
    endpoint.start()
    try:
        async with asyncio.timeout(30):
            await endpoint.listening.wait()
        yield endpoint
    finally:
        await endpoint.close()


def says_our_tone(line: PhoneLine) -> None:
    ours = tone(OURS_HZ, 0.02, 16_000)
    line.play(lambda now_ms: ours)


def heard_ours(phone: SipPhone) -> None:
    sound = phone.heard()
    assert pitch_hz(sound[len(sound) // 2 :], 8_000) == pytest.approx(OURS_HZ, abs=15)


async def speaks_both_ways(line: PhoneLine, phone: SipPhone) -> None:
    """Answered, encrypted, each hears the other, and our goodbye arrives."""
    says_our_tone(line)
    await line.answer(OFFER)
    assert await heard_by_us(line) == pytest.approx(THEIRS_HZ, abs=15)
    await phone.told(ENCRYPTED)
    await line.hang_up()
    await phone.told("terminated")
    heard_ours(phone)


async def test_a_call_by_tls_is_encrypted_and_one_that_is_not_is_refused_where_it_must_be(
    tmp_path: Path, authority: Authority, phone: Phone
) -> None:
    desk = Desk()
    tls = Tls(authorities=authority.pem, certificate=authority.signs("localhost").whole)
    async with endpoint_at(tmp_path, desk, tls, Srtp.REQUIRED) as endpoint:
        address = f"sip:demo@127.0.0.1:{endpoint.port + 1};transport=tls"
        caller, careless, plain = phone(), phone(srtp=False), phone(tls=False, srtp=False)
        await caller.call(address)
        line, tenant_id, _ = await desk.next()
        assert tenant_id == TENANT
        await speaks_both_ways(line, caller)

        await careless.call(address)
        await careless.told("488")
        await plain.call(f"sip:demo@127.0.0.1:{endpoint.port}")
        await plain.told("404")
        assert desk.lines.empty()

        with pytest.raises(TimeoutError):  # a stranger's packets are dropped
            await asyncio.wait_for(
                asyncio.open_connection("127.0.0.1", endpoint.port + 1, local_addr=("127.0.0.2", 0)), 1
            )


async def test_nobody_listens_for_tls_without_a_certificate(tmp_path: Path, phone: Phone) -> None:
    desk = Desk()
    async with endpoint_at(tmp_path, desk, None) as endpoint:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", endpoint.port + 1)


@pytest.mark.skipif(not Path(KAMAILIO).exists(), reason="Debian's kamailio is not on this machine")
@pytest.mark.skipif(not KAMAILIO_TLS.exists(), reason="Debian's kamailio-tls-modules is not on this machine")
async def test_a_trunk_by_tls_is_believed_for_its_name_and_calls_by_it_are_encrypted(
    tmp_path: Path, authority: Authority, phone: Phone
) -> None:
    desk, called = Desk(), phone(tls=False)
    caller = phone()
    port, by_tls, disguised_port, disguised_tls = (free_port() for _ in range(4))
    right = by_tls_at(by_tls, "right password")
    disguised = replace(right, registrar=f"localhost:{disguised_tls}")
    tls = Tls(authorities=authority.pem, certificate=authority.signs("localhost").whole)
    trunks = TrunkLines([right, disguised])
    async with (
        secured_registrar(tmp_path / "right", port, by_tls, called.port, authority.signs("localhost").whole),
        secured_registrar(
            tmp_path / "other", disguised_port, disguised_tls, called.port, authority.signs("other.test").whole
        ),
        endpoint_at(tmp_path, desk, tls, trunks=trunks) as endpoint,
    ):
        await called.wait()
        await until(trunks, right.name, Standing.REGISTERED)
        await until(trunks, disguised.name, Standing.UNREACHABLE)

        way = trunks.way(TENANT, "+971501234567")
        assert await endpoint.dial(TENANT, way, "the-call", lambda: None) is DialState.ANSWERED
        line, _, _ = await desk.next()
        await speaks_both_ways(line, called)

        await caller.call(f"sip:trunk@127.0.0.1:{by_tls};transport=tls")
        line, tenant_id, _ = await desk.next()
        assert tenant_id == TENANT
        await line.answer(OFFER)
        assert await heard_by_us(line) == pytest.approx(THEIRS_HZ, abs=15)
        await caller.told(ENCRYPTED)
        await line.hang_up()
        await caller.told("terminated")


def by_tls_at(port: int, password: str) -> Trunk:
    at = trunk_at(port, TENANT, "trunk", password)
    return replace(at, registrar=f"localhost:{port}", transport="tls", srtp=Srtp.REQUIRED)


def kept(folder: Path, certificate: bytes) -> Path:
    folder.mkdir()
    file = folder / "certificate.pem"
    file.write_bytes(certificate)
    return file


@asynccontextmanager
async def secured_registrar(folder: Path, port: int, by_tls: int, peer: int, certificate: bytes) -> AsyncIterator[None]:
    file = await asyncio.to_thread(kept, folder, certificate)
    more = (f"TLS_LISTEN=tls:127.0.0.1:{by_tls}", f'CERTIFICATE="{file}"')
    async with registrar(folder, port, peer, *more):
        await listened_at(by_tls)
        yield


async def listened_at(port: int) -> None:
    """Wait until somebody does."""
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.02)
