"""The AudioSocket server, driven over real sockets by an exchange that keeps to the documentation, and others."""

from __future__ import annotations

import asyncio
import socket
import struct
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import ip_network

import numpy as np
import pytest

from domain.errors import SetupError
from domain.line import SessionDescription
from domain.speech import FRAME_MS
from realtime.audiosocket.server import AudioSocketServer
from realtime.line import LOST_MS
from realtime.phone.door import Door
from realtime.phone.legs import call_id_of
from realtime.phone.refusals import Refusals
from tests.conftest import free_port
from tests.realtime.phone.desk import Desk
from tests.realtime.phone.exchange import PACKET, Exchange

TENANT = str(uuid.uuid4())
TONE = (8000 * np.sin(2 * np.pi * 500 * np.arange(320) / 16_000)).astype("<i2").tobytes()

Serve = Callable[..., Awaitable[int]]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def serve(desk: Desk) -> AsyncIterator[Serve]:
    servers: list[AudioSocketServer] = []

    async def start(*, network: str = "127.0.0.0/8", most_legs: int = 8, port: int | None = None) -> int:
        at = port or free_port()
        door = Door(sources=[ip_network(network)], most_legs=most_legs, most_a_minute=100, most_of_tenant=8)
        refusals = Refusals(lambda *line: desk.refused.append(line))
        servers.append(
            AudioSocketServer(
                host="127.0.0.1", tenants={at: TENANT}, door=door, refusals=refusals, receive=desk.receive
            )
        )
        await servers[-1].start()
        return at

    yield start
    for server in servers:
        server.close()


async def test_audio_and_keys_go_both_ways_and_a_goodbye_is_a_hang_up(serve: Serve, desk: Desk) -> None:
    leg = uuid.uuid4()
    exchange = await Exchange.dial(await serve(), leg)
    line, tenant_id, call_id = await desk.next()
    assert (tenant_id, call_id) == (TENANT, call_id_of(TENANT, str(leg)))
    line.play(lambda now_ms: TONE)
    exchange.say(np.full(1_600, 7000, "<i2").tobytes())
    exchange.press("5")
    await line.answer(SessionDescription(type="offer", sdp="ticket"))
    await exchange.speech(200)
    async with asyncio.timeout(20):
        assert await anext(line.messages()) == {"type": "dtmf", "digit": "5"}
        async for frame in line.frames():
            if np.frombuffer(frame.pcm, "<i2").mean() > 5000:
                break
        line.send({"type": "ended", "outcome": "agent_said_goodbye"})
        await line.close()
        await exchange.closed.wait()
    assert exchange.was_hung_up
    await exchange.close()


async def test_an_exchange_that_takes_nothing_for_a_while_gets_a_second_of_it_later(serve: Serve, desk: Desk) -> None:
    """And not the minute that was said meanwhile; what it has taken into its own buffers comes before that."""
    with socket.socket() as exchange:
        exchange.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)  # the least
        exchange.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(exchange, ("127.0.0.1", await serve()))
        await loop.sock_sendall(exchange, b"\x01\x00\x10" + uuid.uuid4().bytes)
        line, _, _ = await desk.next()
        for _ in range(60_000 // FRAME_MS):
            line._wire.play(bytes(PACKET))
            await asyncio.sleep(0)
        assert line._wire.held_up_ms == pytest.approx(1_000, abs=50)
        await line.hang_up()
        got = 0
        async with asyncio.timeout(20):
            while part := await loop.sock_recv(exchange, 65_536):
                got += len(part)
    assert 16_000 < got < 16_000 + 16_000


@pytest.mark.parametrize("ends", [b"\x00\x00\x00", b"\xff\x00\x01\x01", b""])
async def test_a_caller_who_hangs_up_has_hung_up(serve: Serve, desk: Desk, ends: bytes) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", await serve())
    writer.write(b"\x01\x00\x10" + uuid.uuid4().bytes + ends)
    line, _, _ = await desk.next()
    writer.close()
    async with asyncio.timeout(20):
        assert [frame async for frame in line.frames()] == []
    assert line.quiet_ms == 0


async def test_a_connection_that_breaks_is_a_lost_line(serve: Serve, desk: Desk) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", await serve())
    writer.write(b"\x01\x00\x10" + uuid.uuid4().bytes)
    line, _, _ = await desk.next()
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    async with asyncio.timeout(20):
        assert [frame async for frame in line.frames()] == []
    assert line.quiet_ms > LOST_MS


async def test_a_line_that_moves_is_let_go_without_a_hang_up(serve: Serve, desk: Desk) -> None:
    exchange = await Exchange.dial(await serve(), uuid.uuid4())
    line, _, _ = await desk.next()
    line.send({"type": "move"})
    async with asyncio.timeout(20):
        await exchange.closed.wait()
    assert not exchange.was_hung_up
    await exchange.close()


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x10\x01\x40" + bytes(320),
        b"\x01\x00\x02ab",
        b"\x01\xff\xff" + bytes(3),
        b"\x00\x00\x00",
    ],
)
async def test_what_does_not_begin_with_a_uuid_is_closed_unheard(serve: Serve, desk: Desk, nonsense: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", await serve())
    writer.write(nonsense)
    async with asyncio.timeout(20):
        if nonsense.startswith(b"\x01\xff"):
            writer.write_eof()
        assert await reader.read() == b""
    assert desk.lines.empty()
    writer.close()


@pytest.mark.parametrize("later", [b"\x10\x00\x03abc", b"\x12\x00\x02ab", b"\x77\x00\x00", b"\x01\x00\x10" + bytes(16)])
async def test_nonsense_on_a_leg_ends_that_leg_and_no_other(serve: Serve, desk: Desk, later: bytes) -> None:
    port = await serve()
    good = await Exchange.dial(port, uuid.uuid4())
    healthy, _, _ = await desk.next()
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"\x01\x00\x10" + uuid.uuid4().bytes)
    line, _, _ = await desk.next()
    writer.write(later)
    async with asyncio.timeout(20):
        assert [frame async for frame in line.frames()] == []
    assert not healthy.is_closed
    assert not good.closed.is_set()
    writer.close()
    await good.close()


async def test_strangers_and_one_too_many_are_refused_before_a_word(serve: Serve, desk: Desk) -> None:
    for port in (await serve(network="10.0.0.0/8"), await serve(most_legs=0)):
        exchange = await Exchange.dial(port, uuid.uuid4())
        async with asyncio.timeout(20):
            await exchange.closed.wait()
        assert not exchange.was_hung_up
        await exchange.close()
    assert desk.lines.empty()
    assert desk.reasons == [(TENANT, "unknown_source"), (TENANT, "too_many_legs")]
    assert {subject for _, subject, _, _ in desk.refused} == {"phone:127.0.0.1"}


async def test_every_worker_of_a_machine_listens_at_the_same_port(serve: Serve) -> None:
    port = free_port()
    assert await serve(port=port) == await serve(port=port)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(SetupError):
            await serve(port=other.getsockname()[1])


def test_a_call_is_reached_by_its_own_tenants_leg_only() -> None:
    leg, other = str(uuid.uuid4()), str(uuid.uuid4())
    assert call_id_of(TENANT, leg) == call_id_of(TENANT, leg)
    assert len({call_id_of(TENANT, leg), call_id_of(other, leg), call_id_of(TENANT, str(uuid.uuid4())), leg}) == 4
