"""One SIP line for many callers: sipp's signalling, sound and keys by the standards, races, strangers, and nonsense."""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import socket
import uuid
from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from domain.line import SessionDescription
from domain.outbound.keys import PAUSE_S
from domain.speech import FRAME_MS
from realtime.phone.door import Door
from realtime.phone.line import PhoneLine
from realtime.phone.refusals import Refusals
from realtime.sip.endpoint import SipEndpoint
from tests.conftest import free_port
from tests.realtime.phone.nonsense import nonsense
from tests.realtime.phone.rtp import PACKET, RtpCaller
from tests.realtime.phone.sipp import CALLER, SIPP, Scenario

pytestmark = [
    pytest.mark.servers,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(SIPP is None, reason="Debian's sip-tester is not on this machine"),
]

TENANT = str(uuid.uuid4())
OFFER = SessionDescription(type="offer", sdp="ticket")
MOST_LEGS = 2
OURS_HZ, THEIRS_HZ = 1_000, 600
LOUD = 3_000
Q24_S = 0.04
"""A key, and what is between two, is at least so long for every receiver."""


class Switchboard:
    """Takes legs where the product has its reception."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[PhoneLine] = asyncio.Queue()
        self.refused: list[str] = []

    async def receive(self, line: PhoneLine, tenant_id: str, call_id: str) -> None:
        assert tenant_id == TENANT
        self.lines.put_nowait(line)

    def note(self, tenant_id: str, subject: str, action: str, detail: dict[str, str]) -> None:
        self.refused.append(f"{subject} {detail['reason']}")

    async def taken(self) -> PhoneLine:
        """The next call, answered, with a tone of ours in it."""
        async with asyncio.timeout(30):
            line = await self.lines.get()
        ours = (9_000 * np.sin(2 * np.pi * OURS_HZ * np.arange(320) / 16_000)).astype("<i2").tobytes()
        line.play(lambda now_ms: ours)
        await line.answer(OFFER)
        return line


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sip(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[SipEndpoint, Switchboard]]:
    board = Switchboard()
    door = Door(
        sources=[ip_network("127.0.0.1"), ip_network("127.0.0.3")],
        most_legs=MOST_LEGS,
        most_a_minute=10_000,
        most_of_tenant=MOST_LEGS + 1,
    )
    endpoint = SipEndpoint(
        host="127.0.0.1",
        port=free_port(),
        numbers={"demo": TENANT},
        most_calls=8,
        lock=tmp_path_factory.mktemp("sip") / "sip.lock",
        receive=board.receive,
        door=door,
        refusals=Refusals(board.note),
    )
    endpoint.start()
    async with asyncio.timeout(60):
        await endpoint.listening.wait()
    yield endpoint, board
    await endpoint.close()


def pitch_hz(sound: np.ndarray, rate_hz: int) -> float:
    return float(np.abs(np.fft.rfft(sound.astype(float))).argmax()) * rate_hz / len(sound)


async def heard(line: PhoneLine, seconds: float) -> np.ndarray:
    """The next so much that is loud."""
    pieces: list[np.ndarray] = []
    async with asyncio.timeout(30):
        async for frame in line.frames():
            sound = np.frombuffer(frame.pcm, "<i2")
            if np.abs(sound.astype(int)).max() > LOUD:
                pieces.append(sound)
            if len(pieces) >= seconds * 50:
                break
    return np.concatenate(pieces)


async def rest_of(line: PhoneLine) -> None:
    async with asyncio.timeout(30):
        async for _ in line.frames():
            pass


@pytest.mark.parametrize(("law", "transport"), [("PCMU", "u1"), ("PCMA", "t1")])
async def test_both_laws_both_ways_and_keys_by_rfc_4733(
    sip: tuple[SipEndpoint, Switchboard], tmp_path: Path, law: str, transport: str
) -> None:
    endpoint, board = sip
    caller = await RtpCaller.open(law, THEIRS_HZ)
    scenario = Scenario(law=law, media_port=caller.port).established().hung_up()
    calling = asyncio.create_task(scenario.play(endpoint.port, tmp_path, transport=transport))
    line = await board.taken()
    assert line.caller == CALLER
    assert await line.connected()
    assert pitch_hz(await heard(line, 0.5), 16_000) == pytest.approx(THEIRS_HZ, abs=15)
    sound = await caller.hears(25)
    assert pitch_hz(sound, 8_000) == pytest.approx(OURS_HZ, abs=15)
    assert np.abs(sound.astype(int)).max() == pytest.approx(9_000, rel=0.1)
    await caller.press("50#*")
    messages = line.messages()
    async with asyncio.timeout(30):
        assert [(await anext(messages))["digit"] for _ in range(4)] == ["5", "0", "#", "*"]
    await line.hang_up()
    await calling
    await caller.close()


async def test_a_caller_is_heard_for_as_long_as_they_spoke_though_one_packet_in_five_is_lost(
    sip: tuple[SipEndpoint, Switchboard], tmp_path: Path
) -> None:
    endpoint, board = sip
    caller = await RtpCaller.open("PCMA", 0)
    caller.loses = lambda number: number % 5 == 0
    calling = asyncio.create_task(
        Scenario(media_port=caller.port).established().hung_up().play(endpoint.port, tmp_path)
    )
    line = await board.taken()
    await caller.hears(25)
    spoken = 100
    caller.says(np.tile([9_000, 0, -9_000, 0], spoken * PACKET // 4))
    loud: list[int] = []
    async with asyncio.timeout(30):
        async for frame in line.frames():
            if np.abs(np.frombuffer(frame.pcm, "<i2").astype(int)).max() > LOUD:
                loud.append(frame.at_ms // FRAME_MS)
            elif loud and frame.at_ms // FRAME_MS - loud[-1] > spoken // 4:
                break
    assert loud[-1] - loud[0] > 0.92 * spoken, "what was lost was left out"
    await line.hang_up()
    await calling
    await caller.close()


async def test_keys_that_we_press_are_events_of_rtp_long_enough_and_apart(
    sip: tuple[SipEndpoint, Switchboard], tmp_path: Path
) -> None:
    endpoint, board = sip
    caller = await RtpCaller.open("PCMA", THEIRS_HZ)
    scenario = Scenario(media_port=caller.port).established().hung_up()
    calling = asyncio.create_task(scenario.play(endpoint.port, tmp_path))
    line = await board.taken()
    assert line.keys is not None
    await caller.hears(25)
    line.keys.press("15")
    line.keys.press(",#A")
    one, five, hash_key, a_key = keys = await caller.keyed(4)
    assert "".join(key.key for key in keys) == "15#A"
    assert all(key.samples >= Q24_S * 8_000 for key in keys)
    assert five.began - (one.began + one.samples) >= Q24_S * 8_000
    assert hash_key.began - five.began >= PAUSE_S * 8_000
    assert a_key.began - (hash_key.began + hash_key.samples) >= Q24_S * 8_000
    await line.keys.pressed()
    await line.hang_up()
    await calling
    await caller.close()


async def test_keys_that_we_press_go_by_info_where_events_are_not_taken(
    sip: tuple[SipEndpoint, Switchboard], tmp_path: Path
) -> None:
    endpoint, board = sip
    scenario = Scenario(events=False).established().keys_taken("5#*").hung_up()
    calling = asyncio.create_task(scenario.play(endpoint.port, tmp_path))
    line = await board.taken()
    assert line.keys is not None
    line.keys.press(",5#*")
    await line.keys.pressed()
    await line.hang_up()
    await calling


@pytest.mark.parametrize("extension", ["timer", "100rel"])
async def test_a_call_that_requires_what_we_lack_is_refused(
    sip: tuple[SipEndpoint, Switchboard], tmp_path: Path, extension: str
) -> None:
    endpoint, board = sip
    await Scenario().required(extension).play(endpoint.port, tmp_path)
    assert board.lines.empty()


async def test_keys_by_info(sip: tuple[SipEndpoint, Switchboard], tmp_path: Path) -> None:
    endpoint, board = sip
    scenario = Scenario().established()
    for key in "50#*":
        scenario.keyed(f"Signal={key}\r\nDuration=160\r\n")
    scenario.keyed("Signal=9\r\n", 400).keyed("x" * 900, 400).keyed("Signal=9\r\nDuration=160\r\n")
    calling = asyncio.create_task(scenario.hung_up().play(endpoint.port, tmp_path))
    line = await board.taken()
    messages = line.messages()
    async with asyncio.timeout(30):
        assert [(await anext(messages))["digit"] for _ in range(5)] == ["5", "0", "#", "*", "9"]
    await line.hang_up()
    await calling


async def test_a_caller_who_holds_us_is_still_there_when_they_come_back(
    sip: tuple[SipEndpoint, Switchboard], tmp_path: Path
) -> None:
    endpoint, board = sip
    caller = await RtpCaller.open("PCMA", THEIRS_HZ)
    scenario = Scenario(media_port=caller.port).established().refreshed()
    scenario.pause(500).invite("sendonly").answered().ack()
    scenario.pause(5_000).invite("sendrecv").answered().ack().hung_up()
    calling = asyncio.create_task(scenario.play(endpoint.port, tmp_path))
    line = await board.taken()
    await caller.hears(5)
    await caller.silent_for(0.5)
    held_ms = line.now_ms
    await caller.silent_for(0.5)
    assert not line.is_closed
    assert line.now_ms == held_ms, "their music was heard, or their silence counted"
    assert pitch_hz((await caller.hears(25))[-3_200:], 8_000) == pytest.approx(OURS_HZ, abs=15)
    assert pitch_hz(await heard(line, 0.5), 16_000) == pytest.approx(THEIRS_HZ, abs=15)
    await line.hang_up()
    await calling
    await caller.close()


@pytest.mark.parametrize(
    "race",
    [
        pytest.param(Scenario().invite().answered().bye().answered(), id="a BYE instead of the ACK"),
        pytest.param(Scenario().established().bye().answered().bye().answered(481), id="a second BYE"),
    ],
)
async def test_whoever_says_bye_has_hung_up(
    sip: tuple[SipEndpoint, Switchboard], tmp_path: Path, race: Scenario
) -> None:
    endpoint, board = sip
    calling = asyncio.create_task(race.play(endpoint.port, tmp_path))
    line = await board.taken()
    await rest_of(line)
    assert line.quiet_ms == 0
    await calling


async def test_an_ack_that_is_late_still_makes_a_call(sip: tuple[SipEndpoint, Switchboard], tmp_path: Path) -> None:
    endpoint, board = sip
    caller = await RtpCaller.open("PCMA", THEIRS_HZ)
    scenario = Scenario(media_port=caller.port).established(ack_after_ms=1_700).hung_up()
    calling = asyncio.create_task(scenario.play(endpoint.port, tmp_path))
    line = await board.taken()
    assert await line.connected()
    assert pitch_hz((await caller.hears(25))[-3_200:], 8_000) == pytest.approx(OURS_HZ, abs=15)
    await line.hang_up()
    await calling
    await caller.close()


KAMAILIO = shutil.which("kamailio") or "/usr/sbin/kamailio"
EDGE = Path(__file__).resolve().parents[3] / "deploy" / "telephony" / "kamailio" / "kamailio.cfg"


@pytest.mark.skipif(not Path(KAMAILIO).exists(), reason="Debian's kamailio is not on this machine")
async def test_kamailio_brings_calls_past_a_machine_that_is_gone(
    sip: tuple[SipEndpoint, Switchboard], tmp_path: Path
) -> None:
    endpoint, board = sip
    edge, port_of_none = free_port(), socket.create_server(("127.0.0.1", 0))
    gone = port_of_none.getsockname()[1]  # held for TCP: nobody else is given it, and by UDP nothing is there
    targets = tmp_path / "hatif.list"
    targets.write_text(f"1 sip:127.0.0.1:{gone} 0 10\n1 sip:127.0.0.1:{endpoint.port} 0 5\n")
    kamailio = await asyncio.create_subprocess_exec(
        KAMAILIO, "-f", str(EDGE), "-DD", "-E", "-Y", str(tmp_path), "-P", str(tmp_path / "pid"),
        "-A", f"LISTEN=udp:127.0.0.1:{edge}", "-A", f'TARGETS="{targets}"', stderr=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await answers(asyncio.get_running_loop(), edge, "edge")
        caller = await RtpCaller.open("PCMU", THEIRS_HZ)
        scenario = Scenario(law="PCMU", media_port=caller.port, edge=True).established().hung_up()
        calling = asyncio.create_task(scenario.play(edge, tmp_path))
        taking = asyncio.create_task(board.taken())
        await asyncio.wait({calling, taking}, return_when=asyncio.FIRST_COMPLETED)
        if calling.done():
            await calling
        line = await taking
        assert pitch_hz(await heard(line, 0.4), 16_000) == pytest.approx(THEIRS_HZ, abs=15)
        assert pitch_hz((await caller.hears(25))[-3_200:], 8_000) == pytest.approx(OURS_HZ, abs=15)
        await line.hang_up()
        await calling
        await caller.close()
    finally:
        kamailio.terminate()
        await kamailio.wait()
        port_of_none.close()


def options(branch: str, way: str = "UDP") -> bytes:
    return (
        f"OPTIONS sip:demo@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/{way} 127.0.0.1:9;branch=z9hG4bK{branch};rport\r\n"
        f"From: <sip:pbx@127.0.0.1>;tag={branch}\r\nTo: <sip:demo@127.0.0.1>\r\nCall-ID: {branch}\r\n"
        "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def asking_from(source: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((source, 0))
    sock.setblocking(False)
    return sock


async def test_options_are_answered_and_strangers_are_not(sip: tuple[SipEndpoint, Switchboard]) -> None:
    endpoint, board = sip
    loop = asyncio.get_running_loop()
    with asking_from("127.0.0.2") as stranger, asking_from("127.0.0.1") as known:
        stranger.sendto(options("stranger"), ("127.0.0.1", endpoint.port))
        known.sendto(options("known"), ("127.0.0.1", endpoint.port))
        async with asyncio.timeout(20):
            assert (await loop.sock_recv(known, 4_096)).startswith(b"SIP/2.0 200")
        with pytest.raises(BlockingIOError):
            stranger.recv(4_096)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await asyncio.open_connection("127.0.0.1", endpoint.port, local_addr=("127.0.0.2", 0))
    reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.port, local_addr=("127.0.0.3", 0))
    writer.write(options("by-tcp", "TCP"))
    async with asyncio.timeout(20):
        assert (await reader.readline()).startswith(b"SIP/2.0 200")
    writer.close()
    assert board.lines.empty()


async def test_one_source_and_one_tenant_have_so_many_calls(
    sip: tuple[SipEndpoint, Switchboard], tmp_path: Path
) -> None:
    endpoint, board = sip
    board.refused.clear()
    calls = [Scenario().established().hung_up() for _ in range(MOST_LEGS)]
    calling = [asyncio.create_task(call.play(endpoint.port, tmp_path)) for call in calls]
    lines = [await board.taken() for _ in calls]
    refused = Scenario().invite().answered(486).ack()
    await refused.play(endpoint.port, tmp_path)
    other = asyncio.create_task(Scenario().established().hung_up().play(endpoint.port, tmp_path, source="127.0.0.3"))
    lines.append(await board.taken())
    await Scenario().invite().answered(486).ack().play(endpoint.port, tmp_path, source="127.0.0.3")
    assert board.lines.empty()
    assert board.refused == ["phone:127.0.0.1 too_many_legs", "phone:127.0.0.3 tenant_full"]
    for line in lines:
        await line.hang_up()
    await asyncio.gather(*calling, other)


async def test_nonsense_by_udp_and_tcp_ends_nothing(sip: tuple[SipEndpoint, Switchboard], tmp_path: Path) -> None:
    endpoint, board = sip
    loop = asyncio.get_running_loop()
    dice = random.Random(20)

    async def take_and_drop() -> None:
        while True:
            await (await board.lines.get()).hang_up()

    dropping = asyncio.create_task(take_and_drop())
    with asking_from("127.0.0.1") as stray:
        for number, message in enumerate(nonsense(dice, 400, "UDP")):
            with contextlib.suppress(OSError):  # longer than a datagram may be
                stray.sendto(message, ("127.0.0.1", endpoint.port))
            if number % 20 == 0:
                await answers(loop, endpoint.port, f"udp-{number}")
    for number in range(40):
        _, writer = await asyncio.open_connection("127.0.0.1", endpoint.port)
        for message in nonsense(dice, 5, "TCP"):
            writer.write(message)
        with contextlib.suppress(OSError):  # the endpoint may have hung up on it
            await writer.drain()
            if number % 2:
                writer.write_eof()
        writer.close()
    await answers(loop, endpoint.port, "after")
    dropping.cancel()
    await asyncio.gather(dropping, return_exceptions=True)
    caller = await RtpCaller.open("PCMA", THEIRS_HZ)
    calling = asyncio.create_task(
        Scenario(media_port=caller.port).established().hung_up().play(endpoint.port, tmp_path, source="127.0.0.3")
    )
    line = await board.taken()
    assert pitch_hz(await heard(line, 0.4), 16_000) == pytest.approx(THEIRS_HZ, abs=15)
    await line.hang_up()
    await calling
    await caller.close()


async def answers(loop: asyncio.AbstractEventLoop, port: int, branch: str) -> None:
    """A keep-alive is asked again until it is answered: packets may be lost to a flood, the process may not."""
    with asking_from("127.0.0.1") as asking:
        async with asyncio.timeout(30):
            while True:
                asking.sendto(options(branch), ("127.0.0.1", port))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(loop.sock_recv(asking, 4_096), 1)
                    return
