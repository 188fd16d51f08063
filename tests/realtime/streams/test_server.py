"""The port for telephony services, driven over real sockets by services written from their documentation."""

from __future__ import annotations

import asyncio
import socket
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import ip_network

import httpx
import numpy as np
import pytest

from domain.errors import SetupError
from domain.line import SessionDescription
from realtime.line import LOST_MS
from realtime.phone.door import Door
from realtime.phone.legs import call_id_of
from realtime.phone.line import PhoneLine
from realtime.phone.refusals import Refusals
from realtime.streams.accounts import Vendors
from realtime.streams.plivo import Plivo
from realtime.streams.server import TRIES_IN_A_ROW, StreamServer
from realtime.streams.tickets import Ticket
from realtime.streams.twilio import Twilio
from tests.conftest import free_port
from tests.realtime.phone.desk import Desk
from tests.realtime.streams.service import CALLED, CALLER, PUBLIC, TOKEN, PlivoCall, Service, Stream, TwilioCall

TENANT, OTHER_TENANT = str(uuid.uuid4()), str(uuid.uuid4())
OTHER_TOKEN, OTHER_CALLED = "the token of a tenant's own account", "+97145550199"
TONE = (8000 * np.sin(2 * np.pi * 500 * np.arange(320) / 16_000)).astype("<i2").tobytes()
SERVICES = pytest.mark.parametrize("service", [TwilioCall, PlivoCall])

Serve = Callable[..., Awaitable[int]]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def server_for(desk: Desk, port: int, network: str = "127.0.0.0/8", most_legs: int = 8) -> StreamServer:
    return StreamServer(
        host="127.0.0.1",
        port=port,
        public_url=PUBLIC,
        vendors={
            "twilio": Vendors(ours=Twilio(TOKEN), tenants={OTHER_TENANT: Twilio(OTHER_TOKEN)}),
            "plivo": Vendors(ours=Plivo(TOKEN), tenants={OTHER_TENANT: Plivo(OTHER_TOKEN)}),
        },
        numbers={CALLED.removeprefix("+"): TENANT, OTHER_CALLED.removeprefix("+"): OTHER_TENANT},
        door=Door(sources=[ip_network(network)], most_legs=most_legs, most_a_minute=100, most_of_tenant=8),
        refusals=Refusals(lambda *line: desk.refused.append(line)),
        receive=desk.receive,
        ended=desk.ended,
    )


@pytest.fixture
async def serve(desk: Desk) -> AsyncIterator[Serve]:
    servers: list[StreamServer] = []

    async def start(*, network: str = "127.0.0.0/8", most_legs: int = 8, port: int | None = None) -> int:
        at = port or free_port()
        servers.append(server_for(desk, at, network, most_legs))
        await servers[-1].start()
        return at

    yield start
    for server in servers:
        await server.close()


async def arrived(call: Service, desk: Desk) -> tuple[Stream, PhoneLine, str, str]:
    """The stream, its line, its call's id, and what is asked when the stream has ended."""
    url, then = await call.told(await call.asks())
    stream = await call.streams(url)
    line, tenant_id, call_id = await desk.next()
    assert tenant_id == TENANT
    assert line.caller == CALLER
    assert CALLER.removeprefix("+") not in url + then
    return stream, line, call_id, then


@SERVICES
async def test_a_whole_call(serve: Serve, desk: Desk, service: type[Service]) -> None:
    call = service(port=await serve())
    stream, line, call_id, then = await arrived(call, desk)
    assert call_id == call_id_of(TENANT, call.name, call.call)
    line.play(lambda now_ms: TONE)
    await stream.says(1_600, 7_000)
    await stream.presses("5")
    await line.answer(SessionDescription(type="offer", sdp="ticket"))
    async with asyncio.timeout(20):
        assert await anext(line.messages()) == {"type": "dtmf", "digit": "5"}
        async for frame in line.frames():
            if np.frombuffer(frame.pcm, "<i2").mean() > 6_000:
                break
        await stream.loud.wait()
        line.send({"type": "floor", "floor": "caller", "at_ms": 0})
        await stream.clears.wait()
        await stream.marked.wait()

    line.send({"type": "ended", "outcome": "agent_said_goodbye"})
    await line.close()
    # Whoever leaves a service is asked again, so it is left only when there is an answer.
    assert not stream.closed.is_set()
    desk.over.add(call_id)
    await stream.is_over()
    assert "<Hangup/>" in (await call.asks(then)).text
    assert desk.lines.empty()


@SERVICES
async def test_a_call_that_moves_is_brought_again(serve: Serve, desk: Desk, service: type[Service]) -> None:
    call = service(port=await serve())
    stream, line, call_id, then = await arrived(call, desk)
    line.send({"type": "move"})
    await stream.is_over()
    url, _ = await call.told(await call.asks(then))
    again = await call.streams(url)
    _, tenant_id, same = await desk.next()
    assert (tenant_id, same) == (TENANT, call_id)
    await again.hangs_up()


@SERVICES
async def test_a_call_that_finds_no_worker_is_hung_up_at_last(serve: Serve, desk: Desk, service: type[Service]) -> None:
    call = service(port=await serve())
    _, then = await call.told(await call.asks())
    for _ in range(TRIES_IN_A_ROW - 1):
        _, then = await call.told(await call.asks(then))
    assert "<Hangup/>" in (await call.asks(then)).text


@SERVICES
async def test_a_caller_who_hangs_up_has_hung_up(serve: Serve, desk: Desk, service: type[Service]) -> None:
    call = service(port=await serve())
    stream, line, _, _ = await arrived(call, desk)
    await stream.hangs_up()
    async with asyncio.timeout(20):
        assert [frame async for frame in line.frames()] == []
    assert line.quiet_ms == 0


@SERVICES
async def test_a_connection_that_breaks_is_a_lost_line(serve: Serve, desk: Desk, service: type[Service]) -> None:
    call = service(port=await serve())
    stream, line, _, _ = await arrived(call, desk)
    stream.socket.transport.abort()
    async with asyncio.timeout(20):
        assert [frame async for frame in line.frames()] == []
    assert line.quiet_ms > LOST_MS
    await stream.is_over()


async def test_a_stream_that_ends_with_a_fault_is_a_lost_line(serve: Serve, desk: Desk) -> None:
    stream, line, _, _ = await arrived(PlivoCall(port=await serve()), desk)
    await stream.socket.close(1_011)
    async with asyncio.timeout(20):
        assert [frame async for frame in line.frames()] == []
    assert line.quiet_ms > LOST_MS
    await stream.is_over()


async def test_a_worker_that_takes_no_more_keeps_what_it_has(desk: Desk) -> None:
    server = server_for(desk, free_port())
    server.refuse()
    await server.start()
    stream, line, _, _ = await arrived(TwilioCall(port=server.port), desk)
    server.refuse()
    with pytest.raises(httpx.ConnectError):
        await TwilioCall(port=server.port).asks()
    line.play(lambda now_ms: TONE)
    await line.answer(SessionDescription(type="offer", sdp="ticket"))
    async with asyncio.timeout(20):
        await stream.loud.wait()
    await stream.hangs_up()
    await server.close()


@SERVICES
async def test_only_what_the_service_has_signed_is_answered(serve: Serve, desk: Desk, service: type[Service]) -> None:
    port = await serve()
    forged = service(port=port, token="f" * 32)
    assert (await forged.asks()).status_code == 403
    good = service(port=port)
    assert (await good.asks(CallStatus="in-progress")).status_code == 403
    assert (await good.asks(f"{PUBLIC}/{good.name}?tries=1&since=0")).status_code == 200
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        assert (await client.post(f"/{good.name}", data=good.form())).status_code == 403
        assert (await client.post(f"/{good.name}", content=b"\xff=1")).status_code == 400
        assert (await client.post(f"/{good.name}", content=b"a=" + b"1" * 40_000)).status_code == 413
        assert (await client.post("/another", data=good.form())).status_code == 404
        assert (await client.get(f"/{good.name}")).status_code == 405
    assert set(desk.reasons) == {(TENANT, "bad_signature")}
    assert desk.lines.empty()


@SERVICES
async def test_a_tenant_with_an_account_of_its_own_is_answered_by_that_one_alone(
    serve: Serve, desk: Desk, service: type[Service]
) -> None:
    port = await serve()
    ours, theirs = service(port=port), service(port=port, token=OTHER_TOKEN)
    for call, called in ((ours, OTHER_CALLED), (theirs, CALLED)):
        form = call.form() | {"To": called}
        call.form = lambda form=form: form
        assert (await call.asks()).status_code == 403
    assert desk.reasons == [(OTHER_TENANT, "bad_signature"), (TENANT, "bad_signature")]
    # Whoever has a tenant's token makes no tickets for another.
    stolen = Ticket(tenant_id=TENANT, call=theirs.call, caller=None).sealed(OTHER_TOKEN)
    assert await theirs.refused(f"{PUBLIC}/{theirs.name}/{stolen}".replace("https", "wss")) == 403
    form = theirs.form() | {"To": OTHER_CALLED}
    theirs.form = lambda: form
    url, then = await theirs.told(await theirs.asks())
    stream = await theirs.streams(url)
    line, tenant_id, _ = await desk.next()
    assert tenant_id == OTHER_TENANT
    line.send({"type": "move"})
    await stream.is_over()
    assert (await theirs.asks(then)).status_code == 200


async def test_a_number_of_nobody_is_refused_in_the_services_words(serve: Serve, desk: Desk) -> None:
    port = await serve()
    for made, words in ((TwilioCall(port=port), "<Reject/>"), (PlivoCall(port=port), '<Hangup reason="rejected"/>')):
        form = made.form() | {"To": "+15550100"}
        made.form = lambda form=form: form
        answer = await made.asks()
        assert (answer.status_code, words in answer.text) == (200, True)
    assert desk.refused == []


@SERVICES
async def test_a_stream_needs_its_own_calls_ticket(serve: Serve, desk: Desk, service: type[Service]) -> None:
    call, other = service(port=await serve()), service(port=await serve())
    for made in (f"{PUBLIC}/{call.name}/nothing", f"{PUBLIC}/another/nothing"):
        assert await call.refused(made.replace("https", "wss")) == 403
    stolen = Ticket(tenant_id=TENANT, call=call.call, caller=None).sealed("f" * 32)
    assert await call.refused(f"{PUBLIC}/{call.name}/{stolen}".replace("https", "wss")) == 403
    url, _ = await call.told(await call.asks())
    await (await other.streams(call.here(url))).is_over()
    assert desk.lines.empty()


async def test_strangers_and_one_too_many_are_refused_before_a_word(serve: Serve, desk: Desk) -> None:
    for port in (await serve(network="10.0.0.0/8"), await serve(most_legs=0)):
        call = TwilioCall(port=port)
        url, _ = await call.told(await call.asks())
        assert await call.refused(url) == 403
    assert desk.reasons == [(TENANT, "unknown_source"), (TENANT, "too_many_legs")]
    assert desk.lines.empty()


@SERVICES
@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "[]",
        "{}",
        '{"event": "media"}',
        '{"event": "media", "media": 5}',
        '{"event": "media", "media": {"track": "inbound", "payload": "%%%"}}',
        '{"event": "dtmf", "dtmf": {}}',
        "[" * 5_000,
        "x" * 70_000,
    ],
)
async def test_nonsense_on_a_stream_ends_that_one_and_no_other(
    serve: Serve, desk: Desk, service: type[Service], nonsense: str
) -> None:
    port = await serve()
    good, healthy, _, _ = await arrived(TwilioCall(port=port), desk)
    bad, line, _, _ = await arrived(service(port=port), desk)
    await bad.socket.send(nonsense)
    async with asyncio.timeout(20):
        assert [frame async for frame in line.frames()] == []
    await bad.is_over()
    assert not healthy.is_closed
    assert not good.closed.is_set()
    await good.hangs_up()


async def test_what_is_not_mu_law_is_no_call(serve: Serve, desk: Desk) -> None:
    call = PlivoCall(port=await serve())
    begins = call.start("s")
    begins[0]["start"]["mediaFormat"] = {"encoding": "audio/x-l16", "sampleRate": 16_000}
    call.start = lambda stream: begins
    url, _ = await call.told(await call.asks())
    await (await call.streams(url)).is_over()
    assert desk.lines.empty()


async def test_every_worker_of_a_machine_listens_at_the_same_port(serve: Serve) -> None:
    port = free_port()
    assert await serve(port=port) == await serve(port=port)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(SetupError):
            await serve(port=other.getsockname()[1])
