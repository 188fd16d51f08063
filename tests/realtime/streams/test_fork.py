"""FreeSWITCH's own streaming, driven over real sockets by a module that keeps to the documentation, and others."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import ip_network

import numpy as np
import pytest

from domain.line import SessionDescription
from realtime.line import LOST_MS
from realtime.phone.door import Door
from realtime.phone.legs import call_id_of
from realtime.phone.line import PhoneLine
from realtime.phone.refusals import Refusals
from realtime.streams.fork import ForkAccount, ForkEntrance
from realtime.streams.server import StreamServer
from tests.conftest import free_port
from tests.realtime.phone.desk import Desk
from tests.realtime.streams.freeswitch import PASSWORD, USER, Channel, Fork

TENANT, OTHER_TENANT = str(uuid.uuid4()), str(uuid.uuid4())
TONE = (8000 * np.sin(2 * np.pi * 500 * np.arange(320) / 16_000)).astype("<i2").tobytes()

Serve = Callable[..., Awaitable[int]]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def serve(desk: Desk) -> AsyncIterator[Serve]:
    servers: list[StreamServer] = []

    async def start(*, network: str = "127.0.0.0/8", most_legs: int = 8) -> int:
        door = Door(sources=[ip_network(network)], most_legs=most_legs, most_a_minute=100, most_of_tenant=8)
        refusals = Refusals(lambda *line: desk.refused.append(line))
        forks = ForkEntrance(
            accounts=(
                ForkAccount(user=USER, password=PASSWORD, tenant_id=TENANT),
                ForkAccount(user="another", password="secret", tenant_id=OTHER_TENANT),
            ),
            door=door,
            refusals=refusals,
            receive=desk.receive,
        )
        server = StreamServer(
            host="127.0.0.1",
            port=free_port(),
            public_url="",
            vendors={},
            numbers={},
            door=door,
            refusals=refusals,
            receive=desk.receive,
            ended=desk.ended,
            forks=forks,
        )
        servers.append(server)
        await server.start()
        return server.port

    yield start
    for server in servers:
        await server.close()


async def arrived(channel: Channel, desk: Desk) -> tuple[Fork, PhoneLine, str]:
    fork = await channel.forks()
    line, tenant_id, call_id = await desk.next()
    assert (tenant_id, call_id) == (TENANT, call_id_of(TENANT, "freeswitch", channel.call))
    return fork, line, call_id


async def ended(line: PhoneLine) -> None:
    async with asyncio.timeout(20):
        assert [frame async for frame in line.frames()] == []


async def test_a_whole_call(serve: Serve, desk: Desk) -> None:
    fork, line, _ = await arrived(Channel(port=await serve()), desk)
    assert line.caller == "+971501234567"
    line.play(lambda now_ms: TONE)
    await fork.says(1_600, 7_000)
    await fork.presses("5")
    await line.answer(SessionDescription(type="offer", sdp="ticket"))
    async with asyncio.timeout(20):
        assert await anext(line.messages()) == {"type": "dtmf", "digit": "5"}
        async for frame in line.frames():
            if np.frombuffer(frame.pcm, "<i2").mean() > 6_000:
                break
        await fork.loud.wait()
        line.send({"type": "floor", "floor": "caller", "at_ms": 0})
        await fork.killed.wait()
    line.send({"type": "ended", "outcome": "agent_said_goodbye"})
    await line.close()
    await fork.is_over()
    assert fork.was_disconnected


async def test_a_call_that_moves_is_brought_again(serve: Serve, desk: Desk) -> None:
    channel = Channel(port=await serve())
    fork, line, call_id = await arrived(channel, desk)
    line.send({"type": "move"})
    await fork.is_over()
    assert not fork.was_disconnected
    again, _, same = await arrived(channel, desk)
    assert same == call_id
    await again.hangs_up()


async def test_a_caller_who_hangs_up_has_hung_up_and_a_broken_connection_is_a_lost_line(
    serve: Serve, desk: Desk
) -> None:
    port = await serve()
    fork, line, _ = await arrived(Channel(port=port), desk)
    await fork.hangs_up()
    await ended(line)
    assert line.quiet_ms == 0
    fork, line, _ = await arrived(Channel(port=port), desk)
    fork.socket.transport.abort()
    await ended(line)
    assert line.quiet_ms > LOST_MS
    await fork.is_over()


async def test_who_is_let_in(serve: Serve, desk: Desk) -> None:
    port = await serve()
    for user, password in ((USER, "secret"), ("another", PASSWORD), ("nobody", ""), (USER, "")):
        assert await Channel(port=port, user=user, password=password).refused() == 403
    fork = await Channel(port=port, user="another", password="secret").forks()
    _, tenant_id, _ = await desk.next()
    assert tenant_id == OTHER_TENANT
    await fork.hangs_up()
    assert await Channel(port=await serve(network="10.0.0.0/8")).refused() == 403
    assert await Channel(port=await serve(most_legs=0)).refused() == 403
    assert desk.reasons == [(TENANT, "unknown_source"), (TENANT, "too_many_legs")]


async def test_a_jambonz_server_names_the_call_in_its_first_text(serve: Serve, desk: Desk) -> None:
    channel = Channel(port=await serve(), named_by_path=False)
    channel.told = {
        "callSid": channel.call, "direction": "inbound", "from": "+971501234567", "to": "8000", "callId": "x@10.0.0.1",
        "sipStatus": 200, "callStatus": "in-progress", "sampleRate": 8000, "mixType": "mono",
    }  # fmt: skip
    fork, line, _ = await arrived(channel, desk)
    assert line.caller == "+971501234567"
    await fork.hangs_up()


async def test_a_module_that_loses_the_first_text_names_the_call_by_its_path(serve: Serve, desk: Desk) -> None:
    channel = Channel(port=await serve(), told={})
    fork = await channel.forks()
    await fork.says(1_600, 7_000)
    line, _, call_id = await desk.next()
    assert (line.caller, call_id) == (None, call_id_of(TENANT, "freeswitch", channel.call))
    await line.answer(SessionDescription(type="offer", sdp="ticket"))
    async with asyncio.timeout(20):
        async for frame in line.frames():
            if np.frombuffer(frame.pcm, "<i2").mean() > 6_000:
                break
    await fork.hangs_up()


@pytest.mark.parametrize(
    "told", [{"sampleRate": 16_000}, {"mixType": "stereo"}, {"callSid": 7}, {"callSid": "x" * 200}, {"from": "nobody"}]
)
async def test_what_is_no_call_is_let_go(serve: Serve, desk: Desk, told: dict[str, object]) -> None:
    channel = Channel(port=await serve(), told=told, named_by_path="sampleRate" in told or "mixType" in told)
    await (await channel.forks()).is_over()
    assert desk.lines.empty()


@pytest.mark.parametrize("nonsense", ["", "[]", "{", "[" * 5_000, b"\0" * 321, "x" * 70_000])
async def test_nonsense_on_a_stream_ends_that_one_and_no_other(serve: Serve, desk: Desk, nonsense: str | bytes) -> None:
    port = await serve()
    good, healthy, _ = await arrived(Channel(port=port), desk)
    bad, line, _ = await arrived(Channel(port=port), desk)
    await bad.socket.send(nonsense)
    await ended(line)
    await bad.is_over()
    assert not healthy.is_closed
    await good.hangs_up()
