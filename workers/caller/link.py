"""One media connection of a client: its microphone out, audio and messages in, and the moment at which it goes dead."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any, Protocol, cast

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame

from workers.caller.stream import Stream

PING_S = 0.25
DEAD_S = 0.8
"""Hatif sends a packet every 20 ms, silence too, and answers each ping: nothing for so long is a dead link. Shorter,
and a busy machine's pauses would count as deaths."""
OPENS = frozenset({"ready", "parties"})
"""What Hatif says first on an open line: to a caller, and to somebody who joins one."""
HELD_UP_S = 0.3
"""A watch that comes this late was held up by this machine itself, which says nothing about the link."""


class Source(Protocol):
    """What the link sends: 20 ms frames at their own pace."""

    async def recv(self) -> AudioFrame: ...


class Sink(Protocol):
    """Who hears of what comes in."""

    def message(self, link: Link, message: dict[str, Any]) -> None: ...

    def frame(self, link: Link, frame: AudioFrame) -> None: ...

    def dead(self, link: Link) -> None:
        """Once: nothing comes any more, or the connection was closed by the other side."""
        ...


class Link:
    """Make an offer, accept its answer; then everything goes to the sink until `close`.

    Once it is dead no message comes any more, but what is still heard on it does.
    """

    def __init__(self, servers: list[dict[str, Any]], source: Source, sink: Sink, stream: Stream) -> None:
        # An empty list, not None: aiortc's own default would ask a public STUN server.
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=[_ice_server(server) for server in servers]))
        self._channel: RTCDataChannel = self._pc.createDataChannel("hatif")
        self._outgoing = _Outgoing(source)
        self._sink = sink
        self._stream = stream
        self._ready = asyncio.Event()
        self._dead = False
        self._closed = False
        self._tasks: list[asyncio.Task[None]] = []
        self._pings = 0
        self._alive_s = 0.0
        self.base = 0
        """Where in the stream this link's first packet stands."""
        self._pc.addTrack(self._outgoing)
        self._pc.on("track", self._heard_track)
        self._pc.on("connectionstatechange", self._state_changed)
        self._channel.on("message", self._message)
        self._channel.on("close", self._died)

    async def offer(self) -> str:
        """The SDP to be answered."""
        await self._pc.setLocalDescription(await self._pc.createOffer())
        return self._pc.localDescription.sdp

    async def accept(self, answer_sdp: str, within_s: float) -> bool:
        """Open the link; False when Hatif's `ready` did not come in time."""
        await self._pc.setRemoteDescription(RTCSessionDescription(type="answer", sdp=answer_sdp))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), within_s)
        return self._ready.is_set() and not self._dead

    def send(self, message: dict[str, Any]) -> bool:
        """One message of the data channel; False when the link is not open."""
        if self._dead or self._channel.readyState != "open":
            return False
        self._channel.send(json.dumps(message, ensure_ascii=False))
        return True

    def unplug(self) -> None:
        """Send no more of the source: another link does."""
        self._outgoing.stop()

    async def close(self) -> None:
        self._dead = self._closed = True
        self.unplug()
        for task in self._tasks:
            task.cancel()
        await self._pc.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ------------------------------------------------------------ what comes in

    def _state_changed(self) -> None:
        if self._pc.connectionState in ("failed", "closed"):
            self._died()

    def _died(self) -> None:
        if not self._dead:
            self._dead = True
            self._sink.dead(self)

    def _heard_track(self, track: MediaStreamTrack) -> None:
        if track.kind == "audio" and not self._tasks:
            self.base = self._stream.follow(self._pc.getReceivers()[0])
            self._tasks.append(asyncio.create_task(self._listen(track)))

    async def _listen(self, track: MediaStreamTrack) -> None:
        """The track's own queue is unbounded, so it is drained at once."""
        with suppress(MediaStreamError):
            while True:
                frame = cast(AudioFrame, await track.recv())  # pyright: ignore[reportUnknownMemberType]
                self._alive()
                if not self._closed:
                    self._sink.frame(self, frame)

    def _message(self, data: str | bytes) -> None:
        self._alive()
        try:
            message: Any = json.loads(data)
        except ValueError:
            return
        if not isinstance(message, dict) or self._dead:
            return
        told = cast("dict[str, Any]", message)
        if told.get("type") == "pong":
            return
        if told.get("type") in OPENS and not self._ready.is_set():
            self._ready.set()
            self._tasks.append(asyncio.create_task(self._watch()))
        self._sink.message(self, told)

    def _alive(self) -> None:
        self._alive_s = asyncio.get_running_loop().time()

    async def _watch(self) -> None:
        """Ping, and tell when nothing has come for too long."""
        loop = asyncio.get_running_loop()
        self._alive()
        looked_s = loop.time()
        while not self._dead:
            self._pings += 1
            self.send({"type": "ping", "t": self._pings})
            await asyncio.sleep(PING_S)
            now_s = loop.time()
            if now_s - looked_s > PING_S + HELD_UP_S:
                self._alive_s = max(self._alive_s, now_s - DEAD_S / 2)
            looked_s = now_s
            if now_s - self._alive_s > DEAD_S:
                self._died()


class _Outgoing(MediaStreamTrack):
    """A source as one connection's track: aiortc stops the track of a connection that closes, not the source."""

    kind = "audio"

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        return await self._source.recv()


def _ice_server(server: dict[str, Any]) -> RTCIceServer:
    return RTCIceServer(urls=server["urls"], username=server.get("username"), credential=server.get("credential"))
