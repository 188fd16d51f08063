"""The SIP endpoint, called by Debian's baresip, and by packets that no phone would send."""

from __future__ import annotations

import asyncio
import random
import shutil
import socket
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import ip_network
from pathlib import Path

import numpy as np
import pytest

from domain.errors import Refused
from domain.line import SessionDescription
from realtime.phone.door import Door
from realtime.phone.line import PhoneLine
from realtime.phone.refusals import Refusals
from realtime.sip.endpoint import SipEndpoint
from tests.conftest import free_port
from tests.loop_watch import LoopWatch
from tests.realtime.phone.sip_peer import SipPhone

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not SipPhone.installed(), reason="Debian's baresip-core is not on this machine"),
]

TENANT = str(uuid.uuid4())
LOUD = 3_000


def tone(hz: int, seconds: float, rate_hz: int = 8_000) -> bytes:
    return (9000 * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz)).astype("<i2").tobytes()


def pitch_hz(pcm: bytes, rate_hz: int) -> float:
    sound = np.frombuffer(pcm, "<i2").astype(float)
    return float(np.abs(np.fft.rfft(sound)).argmax()) * rate_hz / len(sound)


async def heard_by_us(line: PhoneLine) -> float:
    """The pitch of what the other side says."""
    heard = bytearray()
    async with asyncio.timeout(30):
        async for frame in line.frames():
            if np.abs(np.frombuffer(frame.pcm, "<i2")).max() > LOUD:
                heard += frame.pcm
            if len(heard) > 32_000:
                break
    return pitch_hz(bytes(heard[3_200:]), 16_000)


class Desk:
    """Takes legs where the product has its reception."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[tuple[PhoneLine, str, str]] = asyncio.Queue()

    async def receive(self, line: PhoneLine, tenant_id: str, call_id: str) -> None:
        self.lines.put_nowait((line, tenant_id, call_id))

    async def next(self) -> tuple[PhoneLine, str, str]:
        async with asyncio.timeout(30):
            return await self.lines.get()


def open_door() -> Door:
    return Door(sources=[ip_network("127.0.0.0/8")], most_legs=8, most_a_minute=1_000, most_of_tenant=8)


def endpoint_of(desk: Desk, lock: Path, port: int) -> SipEndpoint:
    return SipEndpoint(
        host="127.0.0.1",
        port=port,
        numbers={"demo": TENANT, "+97145550100": str(uuid.uuid4())},
        most_calls=2,
        codecs=("opus", "pcma", "pcmu"),
        lock=lock,
        receive=desk.receive,
        door=open_door(),
        refusals=Refusals(lambda *line: None),
    )


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def endpoint(desk: Desk, tmp_path: Path) -> AsyncIterator[SipEndpoint]:
    made = endpoint_of(desk, tmp_path / "sip.lock", free_port())
    made.start()
    async with asyncio.timeout(30):
        await made.listening.wait()
    yield made
    await made.close()


Phone = Callable[[str, float], Awaitable[SipPhone]]


@pytest.fixture
async def phone(endpoint: SipEndpoint, tmp_path: Path) -> AsyncIterator[Phone]:
    phones: list[SipPhone] = []

    async def call(number: str, seconds: float) -> SipPhone:
        folder = tmp_path / f"phone-{len(phones)}"
        folder.mkdir()
        phones.append(SipPhone(folder, tone(600, seconds)))
        await phones[-1].call(f"sip:{number}@127.0.0.1:{endpoint.port}")
        return phones[-1]

    yield call
    for made in phones:
        await made.close()


async def test_both_hear_each_other_keys_arrive_and_a_goodbye_is_a_bye(
    phone: Phone, desk: Desk, unblocked_loop: LoopWatch
) -> None:
    caller = await phone("demo", 30)
    line, tenant_id, _ = await desk.next()
    assert tenant_id == TENANT
    ours = tone(1_000, 0.02, 16_000)
    line.play(lambda now_ms: ours)
    await line.answer(SessionDescription(type="offer", sdp="ticket"))
    assert await line.connected()
    assert await heard_by_us(line) == pytest.approx(600, abs=15)
    await caller.told("Call established")
    caller.press("5")
    async with asyncio.timeout(30):
        assert await anext(line.messages()) == {"type": "dtmf", "digit": "5"}
    line.send({"type": "move"})
    assert not line.is_closed
    line.send({"type": "ended", "outcome": "agent_said_goodbye"})
    await line.close()
    await caller.told("terminated")
    await caller.close()
    sound = caller.heard()
    assert pitch_hz(sound[len(sound) // 2 :], 8_000) == pytest.approx(1_000, abs=15)


async def test_opus_is_spoken_where_a_caller_offers_it_with_twice_a_telephones_pitches(
    endpoint: SipEndpoint, desk: Desk, tmp_path: Path
) -> None:
    ours_hz, theirs_hz = 5_000, 6_000
    caller = SipPhone(tmp_path, tone(theirs_hz, 30, 48_000), opus=True)
    await caller.call(f"sip:demo@127.0.0.1:{endpoint.port}")
    line, _, _ = await desk.next()
    said = iter(np.split(np.frombuffer(tone(ours_hz, 1, 16_000), "<i2"), 50) * 60)
    line.play(lambda now_ms: next(said).tobytes())
    await line.answer(SessionDescription(type="offer", sdp="ticket"))
    assert await heard_by_us(line) == pytest.approx(theirs_hz, abs=15)
    await line.hang_up()
    await caller.told("terminated")
    await caller.close()
    sound = caller.heard()
    assert pitch_hz(sound[len(sound) // 2 :], 48_000) == pytest.approx(ours_hz, abs=15)


async def test_a_caller_who_hangs_up_has_hung_up(phone: Phone, desk: Desk) -> None:
    caller = await phone("+97145550100", 2)
    line, tenant_id, _ = await desk.next()
    assert tenant_id != TENANT
    await line.answer(SessionDescription(type="offer", sdp="ticket"))
    async with asyncio.timeout(30):
        frames = [frame async for frame in line.frames()]
    assert len(frames) > 20
    assert line.quiet_ms == 0
    await caller.told("terminated")


async def test_a_leg_that_finds_no_place_is_told_so_and_a_wrong_number_is_unknown(phone: Phone, desk: Desk) -> None:
    caller = await phone("demo", 30)
    line, _, _ = await desk.next()
    await line.hang_up()
    await caller.told("486")
    stranger = await phone("nobody", 30)
    await stranger.told("404")
    assert desk.lines.empty()


@pytest.mark.skipif(shutil.which("sipp") is None, reason="Debian's sip-tester is not on this machine")
async def test_a_caller_who_gives_up_while_it_rings_is_gone(endpoint: SipEndpoint, desk: Desk, tmp_path: Path) -> None:
    scenario = Path(__file__).with_name("cancel.xml")
    sipp = await asyncio.create_subprocess_exec(
        "sipp", f"127.0.0.1:{endpoint.port}", "-sf", str(scenario), "-m", "1", "-i", "127.0.0.1",
        "-p", str(free_port()), "-timeout", "30s", "-timeout_error", "-nostdin",
        cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    line, _, _ = await desk.next()
    said, _ = await sipp.communicate()
    assert sipp.returncode == 0, said.decode(errors="replace")[-2_000:]
    async with asyncio.timeout(20):
        assert [frame async for frame in line.frames()] == []
    with pytest.raises(Refused):
        await line.answer(SessionDescription(type="offer", sdp="ticket"))


async def test_nonsense_does_not_end_the_endpoint(endpoint: SipEndpoint, phone: Phone, desk: Desk) -> None:
    dice = random.Random(7)
    good = (
        f"INVITE sip:demo@127.0.0.1:{endpoint.port} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1\r\n"
        "From: <sip:a@b>;tag=1\r\nTo: <sip:demo@127.0.0.1>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n"
        "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    ).encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stray:
        for packet in (
            b"",
            b"\0" * 1_500,
            b"BYE" * 400,
            good.replace(b"INVITE", b"ACK"),
            good.replace(b"1\r\n", b"\r\n"),
        ):
            stray.sendto(packet, ("127.0.0.1", endpoint.port))
        for _ in range(300):
            mangled = bytearray(good)
            for _ in range(dice.randrange(1, 12)):
                mangled[dice.randrange(len(mangled))] = dice.randrange(256)
            stray.sendto(bytes(mangled[: dice.randrange(20, len(mangled))]), ("127.0.0.1", endpoint.port))
    await phone("demo", 30)
    line, _, _ = await desk.next()
    await line.hang_up()


async def test_the_port_goes_to_the_next_worker_when_the_first_is_gone(endpoint: SipEndpoint, desk: Desk) -> None:
    other = endpoint_of(desk, endpoint.lock, endpoint.port)
    other.start()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(other.listening.wait(), 2.5)
    await endpoint.close()
    async with asyncio.timeout(30):
        await other.listening.wait()
    await other.close()
