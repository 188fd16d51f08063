"""Where telephony services ask what to do with a call, and bring its stream: a media worker's port, behind TLS."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qsl

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from domain.desk.contact import number_in
from domain.errors import Refused, SetupError
from realtime.phone.door import Door
from realtime.phone.legs import call_id_of
from realtime.phone.line import PhoneLine
from realtime.phone.reception import Receive
from realtime.phone.refusals import Refusals
from realtime.streams.accounts import Vendors
from realtime.streams.ending import received, source_of, was_lost
from realtime.streams.fork import SERVICE, ForkEntrance
from realtime.streams.mu_law import decoded
from realtime.streams.tickets import Ticket
from realtime.streams.vendor import (
    HANG_UP,
    Arrival,
    Began,
    Fact,
    Key,
    Message,
    Played,
    Sound,
    Stopped,
    Vendor,
)
from realtime.streams.wire import StreamWire

log = structlog.get_logger()

START_WITHIN_S = 5.0
"""A service says at once what the stream is."""
LARGEST_FORM_BYTES = 16_384
LARGEST_MESSAGE_BYTES = 65_536
"""A second of sound is 11 kB; services send 20 ms."""
TRIES_IN_A_ROW = 3
LIVED_S = 20
"""A stream that lasted so long was no failed try."""
OVER_WITHIN_S = 10.0
"""For the end of a call to stand in the store."""
LOOK_S = 0.2
PING_S = 5.0
"""A service that answers no ping for so long is gone."""

Ended = Callable[[str, str], Awaitable[bool]]
"""Whether a tenant's call with this id is over."""


class _Server(uvicorn.Server):
    """The process has signal handlers of its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@dataclass(slots=True, kw_only=True)
class StreamServer:
    """`numbers` says whose calls they are, by their digits; every media worker of the machine listens at this port.

    A request is taken by the service's signature over it, and a stream by the ticket that the answer carried.
    """

    host: str
    port: int
    public_url: str
    """Under which the services reach this port; signatures are over it."""
    vendors: Mapping[str, Vendors]
    """By the services' names."""
    numbers: Mapping[str, str]
    door: Door
    refusals: Refusals
    receive: Receive
    ended: Ended
    forks: ForkEntrance | None = None
    """Where FreeSWITCH brings its streams, which are not asked about before."""
    _server: _Server | None = None
    _serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises SetupError."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            listener.bind((self.host, self.port))
        except OSError as error:
            listener.close()
            raise SetupError(
                f"Phone streams can't be listened for on {self.host}:{self.port}: {error.strerror}."
            ) from error
        listener.listen()
        application = Starlette(
            routes=[
                *self._fork_routes(),
                Route("/{vendor}", self._ask, methods=["POST"]),
                WebSocketRoute("/{vendor}/{ticket}", self._stream),
            ]
        )
        config = uvicorn.Config(
            application,
            access_log=False,
            log_config=None,
            lifespan="off",
            # The proxy's own address is what HATIF_PHONE_SOURCES names.
            proxy_headers=False,
            ws="websockets-sansio",
            ws_max_size=LARGEST_MESSAGE_BYTES,
            ws_ping_interval=PING_S,
            ws_ping_timeout=PING_S,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve([listener]))

    def _fork_routes(self) -> list[WebSocketRoute]:
        if self.forks is None:
            return []
        return [WebSocketRoute(path, self.forks.serve) for path in (f"/{SERVICE}", f"/{SERVICE}/{{call}}")]

    def refuse(self) -> None:
        """Take no more calls; those that are here stay."""
        if self._server is None:
            return
        if not self._server.started:
            self._server.should_exit = True
            return
        for server in self._server.servers:
            server.close()

    async def close(self) -> None:
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving

    # ------------------------------------------------------------ what to do with a call

    async def _ask(self, request: Request) -> Response:
        answer = await self._answer(request)
        # A kept connection would bring the next call to this worker though it takes no more.
        answer.headers["connection"] = "close"
        return answer

    async def _answer(self, request: Request) -> Response:
        name = request.path_params["vendor"]
        if (vendors := self.vendors.get(name)) is None:
            return Response("No such service.", 404)
        source, now_s = source_of(request), time.monotonic()
        body = await _body(request)
        if body is None:
            return Response("Too large.", 413)
        try:
            form = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100)
            arrival = vendors.arrival(dict(form))
        except (KeyError, ValueError):
            return Response("This is no call.", 400)
        tenant_id = self.numbers.get(digits(arrival.called))
        query = f"?{request.url.query}" if request.url.query else ""
        vendor = vendors.signer(tenant_id, f"{self.public_url}/{name}{query}", form, request.headers)
        if vendor is None:
            log.warning("stream_request_forged", source=source, service=name)
            if tenant_id is not None:
                self.refusals.refused(tenant_id, source, "bad_signature", now_s)
            return Response("The signature is wrong.", 403)
        if tenant_id is None:
            log.warning("stream_number_unknown", service=name)
            return _document(vendor.refusal())
        return _document(await self._next(name, vendor, tenant_id, arrival, request.query_params))

    async def _next(self, name: str, vendor: Vendor, tenant_id: str, arrival: Arrival, query: Mapping[str, str]) -> str:
        """Bring the call's stream; again where one ended and the call did not."""
        now_s = int(time.time())
        tries = 1
        if "tries" in query:
            # The signature covers it: these are our own figures.
            failed = now_s - int(query["since"]) < LIVED_S
            tries = int(query["tries"]) + 1 if failed else 1
            if tries > TRIES_IN_A_ROW or await self.ended(tenant_id, call_id_of(tenant_id, name, arrival.call)):
                return HANG_UP
        ticket = Ticket(tenant_id=tenant_id, call=arrival.call, caller=number_in(_international(arrival.caller)))
        stream_url = f"{self.public_url.replace('http', 'ws', 1)}/{name}/{ticket.sealed(vendor.token)}"
        return vendor.stream(stream_url, f"{self.public_url}/{name}?tries={tries}&since={now_s}")

    # ------------------------------------------------------------ a stream

    async def _stream(self, websocket: WebSocket) -> None:
        """The life of one stream."""
        name = websocket.path_params["vendor"]
        source = source_of(websocket)
        try:
            if (vendors := self.vendors.get(name)) is None:
                raise Refused("bad_ticket", "No such service.")
            vendor, ticket = vendors.opened(websocket.path_params["ticket"])
        except Refused as refusal:
            log.warning("phone_leg_refused", source=source, reason=refusal.code)
            await websocket.close()
            return
        try:
            self.door.enter(source, ticket.tenant_id, time.monotonic())
        except Refused as refusal:
            self.refusals.refused(ticket.tenant_id, source, refusal.code, time.monotonic())
            await websocket.close()
            return
        try:
            await websocket.accept()
            await self._leg(name, vendor, ticket, websocket)
        finally:
            self.door.leave(source, ticket.tenant_id)

    async def _leg(self, name: str, vendor: Vendor, ticket: Ticket, websocket: WebSocket) -> None:
        try:
            async with asyncio.timeout(START_WITHIN_S):
                began = await _beginning(vendor, websocket)
            if began.call != ticket.call:
                raise Refused("bad_ticket", "This ticket is another call's.")
        except (Refused, TimeoutError, WebSocketDisconnect) as error:
            log.warning("phone_leg_refused", reason=type(error).__name__)
            with contextlib.suppress(RuntimeError):
                await websocket.close(1_008)
            return
        call_id = call_id_of(ticket.tenant_id, name, ticket.call)
        wire = StreamWire(websocket, vendor, began.stream, lambda: self._over(ticket.tenant_id, call_id))
        line = PhoneLine(wire, caller=ticket.caller)
        sending = asyncio.create_task(wire.run())
        receiving = asyncio.create_task(self.receive(line, ticket.tenant_id, call_id))
        try:
            await line.gone(lost=await was_lost(_listen(vendor, websocket, wire, line), line))
        finally:
            await receiving
            await sending

    async def _over(self, tenant_id: str, call_id: str) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(OVER_WITHIN_S):
                while not await self.ended(tenant_id, call_id):  # noqa: ASYNC110 - the store tells nobody
                    await asyncio.sleep(LOOK_S)


async def _beginning(vendor: Vendor, websocket: WebSocket) -> Began:
    """Raises Refused, WebSocketDisconnect."""
    while True:
        match await _read(vendor, websocket):
            case Began() as began:
                return began
            case None:
                pass
            case _:
                raise Refused("bad_message", "A stream begins with its start.")


async def _listen(vendor: Vendor, websocket: WebSocket, wire: StreamWire, line: PhoneLine) -> None:
    """Until the caller has hung up. Raises WebSocketDisconnect, RuntimeError, Refused."""
    while True:
        match await _read(vendor, websocket):
            case Sound(mu_law):
                line.heard(decoded(mu_law))
            case Key(digit):
                line.pressed(digit)
            case Played(mark):
                wire.played(mark)
            case Stopped():
                return
            case Began():
                raise Refused("bad_message", "A stream has one start.")
            case None:
                pass


async def _read(vendor: Vendor, websocket: WebSocket) -> Fact | None:
    """Raises Refused("bad_message"), WebSocketDisconnect."""
    told = await received(websocket)
    try:
        message: object = json.loads(told)
        if not isinstance(message, dict):
            raise Refused("bad_message", "A message of a stream is one JSON object.")
        return vendor.read(cast("Message", message))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise Refused("bad_message", "This is no message of a stream.") from error


async def _body(request: Request) -> bytes | None:
    """None for one that is too large."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM_BYTES:
            return None
    return body


def _document(xml: str) -> Response:
    return Response(xml, media_type="application/xml")


def digits(number: str) -> str:
    """One service writes a plus before a number, and the other does not."""
    return number.strip().removeprefix("+")


def _international(caller: str) -> str:
    return f"+{digits(caller)}" if digits(caller).isdigit() else caller
