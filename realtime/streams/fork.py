"""FreeSWITCH's own streaming: mod_audio_fork's WebSocket, by docs.jambonz.org/verbs/verbs/listen.

Sound is binary both ways, mono int16 little-endian at 8 kHz. The first text tells of the call, later ones of keys; ours
throw away what was not played yet (`killAudio`), and end the call (`disconnect`).
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import cast

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from domain.desk.contact import number_in
from domain.errors import Refused
from realtime.phone.door import Door
from realtime.phone.legs import call_id_of
from realtime.phone.line import PhoneLine
from realtime.phone.reception import Receive
from realtime.phone.refusals import Refusals
from realtime.streams.ending import received, source_of, was_lost
from realtime.streams.wire import UNSENT

log = structlog.get_logger()

SERVICE = "freeswitch"
BEGIN_WITHIN_S = 5.0
"""The module tells of the call, or sends sound, as soon as it is connected."""
SUBPROTOCOLS = {"audio.drachtio.org", "audio.jambonz.org"}
MOST_OF_AN_ID = 128
DISCONNECT = json.dumps({"type": "disconnect", "data": {"over": True}})
"""The module tells its dialplan of a connection that broke by the same event, but without data."""
KILL_AUDIO = json.dumps({"type": "killAudio"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkAccount:
    """Who brings calls for a tenant."""

    user: str
    password: str
    tenant_id: str

    def is_theirs(self, authorization: str) -> bool:
        kind, _, sealed = authorization.partition(" ")
        try:
            given = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError):
            return False
        return kind.lower() == "basic" and hmac.compare_digest(given, f"{self.user}:{self.password}".encode())


class ForkWire:
    """Implements realtime.phone.line.Wire. `run` it for as long as the stream lives."""

    comes_back = True
    wide = False
    held_up_ms = 0.0

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._out: asyncio.Queue[bytes | str | None] = asyncio.Queue()

    async def run(self) -> None:
        """Send what there is until the stream is left, or gone."""
        try:
            while (message := await self._out.get()) is not None:
                if isinstance(message, str):
                    await self._socket.send_text(message)
                else:
                    await self._socket.send_bytes(message)
            await self._socket.close()
        except (WebSocketDisconnect, RuntimeError):
            pass  # the module has gone; whoever reads is told

    async def pick_up(self) -> None:
        """The dialplan has answered already."""

    async def ready(self) -> bool:
        return True

    def play(self, pcm: bytes) -> None:
        if self._out.qsize() < UNSENT:
            self._out.put_nowait(pcm)

    def throw_away(self) -> None:
        self._out.put_nowait(KILL_AUDIO)

    def hang_up(self) -> None:
        self._out.put_nowait(DISCONNECT)
        self._out.put_nowait(None)

    def let_go(self) -> None:
        """Closed without a word: the dialplan connects again."""
        self._out.put_nowait(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkEntrance:
    """Takes streams of these accounts; the path may name the call, and so may the first text."""

    accounts: tuple[ForkAccount, ...]
    door: Door
    refusals: Refusals
    receive: Receive

    async def serve(self, websocket: WebSocket) -> None:
        """The life of one stream."""
        source, now_s = source_of(websocket), time.monotonic()
        authorization = websocket.headers.get("authorization", "")
        account = next((one for one in self.accounts if one.is_theirs(authorization)), None)
        if account is None:
            log.warning("phone_leg_refused", source=source, reason="bad_password")
            await websocket.close()
            return
        try:
            self.door.enter(source, account.tenant_id, now_s)
        except Refused as refusal:
            self.refusals.refused(account.tenant_id, source, refusal.code, now_s)
            await websocket.close()
            return
        try:
            offered = cast("list[str]", websocket.scope.get("subprotocols", []))
            await websocket.accept(next((name for name in offered if name in SUBPROTOCOLS), None))
            await self._leg(account.tenant_id, websocket)
        finally:
            self.door.leave(source, account.tenant_id)

    async def _leg(self, tenant_id: str, websocket: WebSocket) -> None:
        try:
            async with asyncio.timeout(BEGIN_WITHIN_S):
                first = await received(websocket)
            told = _told(first) if isinstance(first, str) else dict[str, object]()
            call = websocket.path_params.get("call") or told.get("callSid")
            if not isinstance(call, str) or not 0 < len(call) <= MOST_OF_AN_ID:
                raise Refused("bad_message", "A stream names its call, in its path or as callSid.")
            if str(told.get("sampleRate", 8_000)) != "8000" or told.get("mixType", "mono") != "mono":
                raise Refused("bad_message", "A stream must be of the caller alone, at 8 kHz.")
        except (Refused, TimeoutError, WebSocketDisconnect) as error:
            log.warning("phone_leg_refused", reason=type(error).__name__)
            with contextlib.suppress(RuntimeError):
                await websocket.close(1_008)
            return
        wire = ForkWire(websocket)
        line = PhoneLine(wire, caller=number_in(str(told.get("from", ""))))
        sending = asyncio.create_task(wire.run())
        receiving = asyncio.create_task(self.receive(line, tenant_id, call_id_of(tenant_id, SERVICE, call)))
        try:
            await line.gone(lost=await was_lost(_listen(websocket, line, first), line))
        finally:
            await receiving
            await sending


async def _listen(websocket: WebSocket, line: PhoneLine, first: str | bytes) -> None:
    """Raises WebSocketDisconnect at the end, RuntimeError, Refused."""
    message = first
    while True:
        match message:
            case bytes(pcm) if len(pcm) % 2:
                raise Refused("bad_message", "Sound is of whole samples of 16 bits.")
            case bytes(pcm):
                line.heard(pcm)
            case str(text):
                if isinstance(key := _told(text).get("dtmf"), str):
                    line.pressed(key)
        message = await received(websocket)


def _told(text: str) -> dict[str, object]:
    """Raises Refused("bad_message")."""
    try:
        message: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused("bad_message", "A text of a stream is JSON.") from error
    if not isinstance(message, dict):
        raise Refused("bad_message", "A text of a stream is one JSON object.")
    return cast("dict[str, object]", message)
