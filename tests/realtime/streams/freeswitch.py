"""A FreeSWITCH channel that mod_audio_fork streams, written from its documentation and not from our server.

docs.jambonz.org/verbs/verbs/listen, with bidirectional streaming: text of the call first, then binary L16 both ways.
"""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

USER, PASSWORD = "pbx", "p:ss wörd"
LOUD = 1_000
LONGEST_S = 30


@dataclass(kw_only=True)
class Channel:
    port: int
    call: str = field(default_factory=lambda: str(uuid.uuid4()))
    user: str = USER
    password: str = PASSWORD
    named_by_path: bool = True
    told: dict[str, Any] | None = None
    """What the first text tells; by default the caller's number."""

    async def forks(self) -> Fork:
        """uuid_audio_fork … start"""
        path = f"/freeswitch/{self.call}" if self.named_by_path else "/freeswitch"
        secret = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        socket = await connect(
            f"ws://127.0.0.1:{self.port}{path}",
            additional_headers={"Authorization": f"Basic {secret}"},
            subprotocols=[Subprotocol("audio.drachtio.org")],
        )
        assert socket.subprotocol == "audio.drachtio.org"
        fork = Fork(socket)
        told = {"from": "+971501234567"} if self.told is None else self.told
        if told:
            await socket.send(json.dumps(told))
        return fork

    async def refused(self) -> int:
        """The status with which the stream is not let in."""
        try:
            await self.forks()
        except InvalidStatus as error:
            return error.response.status_code
        raise AssertionError("the stream was let in")


class Fork:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.was_disconnected = False
        """By a message that the dialplan can tell from a broken connection."""
        self.closed, self.loud, self.killed = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._hearing = asyncio.create_task(self._hear())

    async def says(self, samples: int, level: int) -> None:
        for _ in range(0, samples, 160):
            await self.socket.send(np.full(160, level, "<i2").tobytes())

    async def presses(self, digit: str) -> None:
        """uuid_audio_fork … send_text"""
        await self.socket.send(json.dumps({"event": "dtmf", "dtmf": digit, "duration": "1600"}))

    async def hangs_up(self) -> None:
        await self.socket.close()
        await self._hearing

    async def is_over(self) -> None:
        async with asyncio.timeout(LONGEST_S):
            await self.closed.wait()
        await self._hearing

    async def _hear(self) -> None:
        try:
            async for message in self.socket:
                if isinstance(message, bytes):
                    assert len(message) == 320
                    if np.abs(np.frombuffer(message, "<i2").astype(int)).max() > LOUD:
                        self.loud.set()
                else:
                    self._obey(json.loads(message))
        except ConnectionClosed:
            pass
        finally:
            self.closed.set()

    def _obey(self, message: dict[str, Any]) -> None:
        match message:
            case {"type": "killAudio", **more} if not more:
                self.killed.set()
            case {"type": "disconnect", "data": dict(data)} if data:
                self.was_disconnected = True
            case _:
                raise AssertionError(f"the module knows no such message: {message}")
