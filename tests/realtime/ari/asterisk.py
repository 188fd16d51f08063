"""An Asterisk's REST interface and what stands behind it, written from its documentation and not from our client.

docs.asterisk.org: Asterisk_REST_Interface (Channels, Applications, Events), Stasis, Dial, Bridge; the dialplan is that
of deploy/telephony/asterisk. It is served over real sockets, and callers' legs are real AudioSockets.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, SimpleUser
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from realtime.ari.exchange import Exchange as Ari
from tests.conftest import free_port
from tests.realtime.phone.exchange import Exchange

USER, PASSWORD = "hatif", "p:ss wörd"
ANSWERS, RINGS = "answers", "rings"
NORMAL = 16
STATUS = {17: "BUSY", 19: "NOANSWER", 21: "NOANSWER", 20: "CHANUNAVAIL", 34: "CONGESTION"}


@dataclass(eq=False)
class Channel:
    id: str
    name: str
    state: str = "Down"
    number: str = ""
    app: tuple[str, str] = ("", "")
    """What it executes in the dialplan, and with what."""
    variables: dict[str, str] = field(default_factory=dict[str, str])
    stasis: str | None = None
    """The application that it is in."""
    music: str | None = None
    whispers_to: str | None = None
    bridged_with: str | None = None
    leg: Exchange | None = None

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "protocol_id": "",
            "caller": {"name": "", "number": self.number},
            "connected": {"name": "", "number": ""},
            "accountcode": "",
            "dialplan": {
                "context": "hatif", "exten": "call", "priority": 5, "app_name": self.app[0], "app_data": self.app[1]
            },
            "creationtime": "2026-11-28T12:36:02.671+0000",
            "language": "en",
        }  # fmt: skip


class _Basic(AuthenticationBackend):
    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, SimpleUser]:
        if conn.headers.get("authorization") != "Basic aGF0aWY6cDpzcyB3w7ZyZA==":
            raise AuthenticationError("Authentication required")
        return AuthCredentials(), SimpleUser(USER)


class Asterisk:
    def __init__(self) -> None:
        self.port = free_port()
        self.channels: dict[str, Channel] = {}
        self.phones: dict[str, str | int] = {}
        """What becomes of an extension of [hatif-phones]: ANSWERS, RINGS, or a cause of Q.850."""
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.fails: dict[str, int] = {}
        """The status with which requests whose path ends so are answered."""
        self.bridge_fails = False
        self.drops_events_when_bridging = False
        self._applications: dict[str, tuple[WebSocket, set[str]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()

    def ari(self, *, password: str = PASSWORD, music: str | None = None) -> Ari:
        return Ari(url=f"http://127.0.0.1:{self.port}/ari", user=USER, password=password, music=music)

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncGenerator[None]:
        routes = [
            Route("/channels", self._list),
            Route("/channels/{id}", self._originate, methods=["POST"]),
            Route("/channels/{id}", self._delete, methods=["DELETE"]),
            Route("/channels/{id}/continue", self._continue, methods=["POST"]),
            Route("/channels/{id}/moh", self._music, methods=["POST", "DELETE"]),
            Route("/channels/{id}/snoop/{snoop}", self._snoop, methods=["POST"]),
            Route("/applications/{app}/subscription", self._subscribe, methods=["POST"]),
            WebSocketRoute("/events", self._events),
        ]
        denied = Middleware(AuthenticationMiddleware, backend=_Basic(), on_error=_denied)
        application = Starlette(routes=[Mount("/ari", routes=routes)], middleware=[denied])
        server = uvicorn.Server(
            uvicorn.Config(application, host="127.0.0.1", port=self.port, log_config=None, lifespan="off")
        )
        serving = asyncio.create_task(server.serve())
        async with asyncio.timeout(20):
            while not server.started:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        try:
            yield
        finally:
            server.should_exit = True
            for channel in list(self.channels.values()):
                if channel.leg is not None:
                    await channel.leg.close()
            await serving

    # ------------------------------------------------------------ what goes on there

    async def calls(self, hatif_port: int) -> Channel:
        """A caller, whose channel dials a leg to Hatif."""
        number = len(self.channels) + 1
        caller = Channel(f"1795872000.{number}", f"PJSIP/trunk-0000000{number}", "Up", "+971501234567")
        leg = uuid.uuid4()
        caller.app = ("Dial", f"Local/{leg}@hatif-leg/n,,g")
        caller.leg = await Exchange.dial(hatif_port, leg)
        self.channels[caller.id] = caller
        return caller

    async def until(self, what: str, *, there: bool = True) -> None:
        """A channel whose id begins so is there, or is gone."""
        await self.has(lambda: any(channel.startswith(what) for channel in self.channels) is there)

    async def has(self, right: Any) -> None:
        async with asyncio.timeout(20):
            while not right():
                self._changed.clear()
                await self._changed.wait()

    def one(self, what: str) -> Channel:
        """The channel whose id begins so."""
        (found,) = [channel for name, channel in self.channels.items() if name.startswith(what)]
        return found

    async def drop_events(self) -> None:
        """Its applications end with that."""
        for socket, _ in list(self._applications.values()):
            await socket.close()
        self._applications.clear()

    async def hang_up(self, channel: Channel, cause: int = NORMAL) -> None:
        await self._tell(channel, "ChannelDestroyed", cause=cause, cause_txt="")
        self.channels.pop(channel.id, None)
        self._change()

    def paths(self) -> list[str]:
        return [f"{method} {path}" for method, path, _ in self.asked]

    async def _dials(self, channel: Channel, becomes: str | int, app: str) -> None:
        peer = {"peer": channel.shown(), "caller": None}
        await self._tell(channel, "Dial", **peer, dialstatus="", dialstring="", forward="")
        await self._tell(channel, "Dial", **peer, dialstatus="RINGING", dialstring="", forward="")
        if becomes == RINGS or channel.id not in self.channels:
            return
        if isinstance(becomes, int):
            await self._tell(channel, "Dial", **peer, dialstatus=STATUS[becomes], dialstring="", forward="")
            await self.hang_up(channel, becomes)
            return
        channel.state = "Up"
        await self._tell(channel, "Dial", **peer, dialstatus="ANSWER", dialstring="", forward="")
        await self._tell(channel, "ChannelStateChange")
        await self._enters(channel, app)

    async def _enters(self, channel: Channel, app: str) -> None:
        """Stasis(app)."""
        if app not in self._applications:
            await self.hang_up(channel)
            return
        channel.stasis = app
        self._applications[app][1].add(channel.id)
        await self._tell(channel, "StasisStart", args=[])

    async def _bridges(self, phone: Channel) -> None:
        """[hatif-transfer]: the caller is taken off their leg, which ends by that."""
        caller = next((one for one in self.channels.values() if one.name == phone.variables["HATIF_CALLER"]), None)
        if caller is None or self.bridge_fails:
            await self.hang_up(phone)
            return
        caller.bridged_with, phone.bridged_with = phone.id, caller.id
        if self.drops_events_when_bridging:
            await self.drop_events()
        if caller.leg is not None:
            await caller.leg.close()
        await self._tell(phone, "ChannelEnteredBridge", bridge={"id": "b1", "bridge_type": "basic", "channels": []})
        self._change()

    # ------------------------------------------------------------ the interface

    async def _list(self, request: Request) -> Response:
        return self._answer(request) or JSONResponse([channel.shown() for channel in self.channels.values()])

    async def _originate(self, request: Request) -> Response:
        if (refusal := self._answer(request)) is not None:
            return refusal
        name, query = request.path_params["id"], request.query_params
        body = await request.json()
        if name in self.channels:
            return _error(409, "Channel with given unique ID already exists")
        extension, at, context = query.get("endpoint", "").removeprefix("Local/").partition("@")
        if not at or "app" not in query:
            return _error(400, "Invalid parameters for originating a channel.")
        becomes = self.phones.get(extension) if context == "hatif-phones/n" else None
        if becomes is None:
            return _error(500, "Allocation failed")
        channel = Channel(name, f"Local/{extension}@hatif-phones-00000001;1", variables=body["variables"])
        channel.number = body.get("callerId", query.get("callerId", ""))
        self.channels[name] = channel
        if query["app"] in self._applications:
            self._applications[query["app"]][1].add(name)
        self._start(self._dials(channel, becomes, query["app"]))
        return JSONResponse(channel.shown())

    async def _delete(self, request: Request) -> Response:
        if (refusal := self._answer(request)) is not None:
            return refusal
        channel = self.channels.get(request.path_params["id"])
        if channel is None:
            return _error(404, "Channel not found")
        self._start(self.hang_up(channel))  # the channel's own thread does it a moment later
        return Response(status_code=204)

    async def _continue(self, request: Request) -> Response:
        refusal, channel = self._in_stasis(request)
        if channel is None:
            return refusal
        query = request.query_params
        assert (query["context"], query["extension"], query["priority"]) == ("hatif-transfer", "bridge", "1")
        await self._tell(channel, "StasisEnd")
        if f"channel:{channel.id}" not in self._applications[channel.stasis or ""][1]:
            self._applications[channel.stasis or ""][1].discard(channel.id)
        channel.stasis = None
        self._start(self._bridges(channel))
        return Response(status_code=204)

    async def _music(self, request: Request) -> Response:
        refusal, channel = self._in_stasis(request)
        if channel is None:
            return refusal
        channel.music = request.query_params["mohClass"] if request.method == "POST" else None
        self._change()
        return Response(status_code=204)

    async def _snoop(self, request: Request) -> Response:
        if (refusal := self._answer(request)) is not None:
            return refusal
        name, query = request.path_params["snoop"], request.query_params
        if request.path_params["id"] not in self.channels:
            return _error(404, "Channel not found")
        if (query.get("spy"), query.get("whisper")) != ("none", "out"):
            return _error(400, "Invalid parameters")
        if name in self.channels:
            return _error(409, "Channel with given unique ID already exists")
        snoop = Channel(name, f"Snoop/{request.path_params['id']}-00000000", "Up")
        snoop.whispers_to = request.path_params["id"]
        self.channels[name] = snoop
        self._start(self._enters(snoop, query["app"]))
        self._change()
        return JSONResponse(snoop.shown())

    async def _subscribe(self, request: Request) -> Response:
        if (refusal := self._answer(request)) is not None:
            return refusal
        if (application := self._applications.get(request.path_params["app"])) is None:
            return _error(404, "Application does not exist.")
        source = request.query_params.get("eventSource", "")
        if source.removeprefix("channel:") not in self.channels:
            return _error(422, "Event source does not exist.")
        application[1].add(source)
        return JSONResponse({"name": request.path_params["app"], "channel_ids": [source.removeprefix("channel:")]})

    async def _events(self, websocket: WebSocket) -> None:
        app = websocket.query_params["app"]
        await websocket.accept()
        self._applications[app] = (websocket, set())
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                await websocket.receive_text()
        self._applications.pop(app, None)
        self._change()

    def _in_stasis(self, request: Request) -> tuple[Response, Channel | None]:
        refusal = self._answer(request)
        channel = self.channels.get(request.path_params["id"])
        if refusal is not None:
            return refusal, None
        if channel is None:
            return _error(404, "Channel not found"), None
        return _error(409, "Channel not in Stasis application"), channel if channel.stasis is not None else None

    def _answer(self, request: Request) -> Response | None:
        path = request.url.path.removeprefix("/ari")
        self.asked.append((request.method, path, dict(request.query_params)))
        self._change()
        status = next((status for end, status in self.fails.items() if f"{request.method} {path}".endswith(end)), None)
        return None if status is None else _error(status, "It was told to fail.")

    async def _tell(self, channel: Channel, kind: str, **more: Any) -> None:
        for app, (socket, subscribed) in list(self._applications.items()):
            if channel.id in subscribed or f"channel:{channel.id}" in subscribed:
                event = {"type": kind, "application": app, "timestamp": "2026-11-28T12:36:02.673+0000",
                         "asterisk_id": "52:54:00:12:34:56"} | more  # fmt: skip
                with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                    await socket.send_json(event if kind == "Dial" else event | {"channel": channel.shown()})

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _change(self) -> None:
        self._changed.set()


def _error(status: int, message: str) -> Response:
    return JSONResponse({"message": message}, status)


def _denied(_: HTTPConnection, error: Exception) -> Response:
    return JSONResponse({"message": str(error)}, 401, headers={"www-authenticate": 'Basic realm="Asterisk REST"'})
