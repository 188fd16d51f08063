"""One stream of a telephony service as the wire of a phone line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from domain.speech import FRAME_MS
from realtime.streams.mu_law import encoded
from realtime.streams.vendor import Message, Vendor

log = structlog.get_logger()

UNSENT = 50
"""1 s of audio that the connection does not take; beyond it our audio is dropped."""
MARK_EVERY_FRAMES = 10
"""200 ms: about a word."""
BEHIND_MS = 1_000
"""As much as the service may hold back unplayed; a caller who hears us later than this is talked over."""


class StreamWire:
    """Implements realtime.phone.line.Wire. `run` it for as long as the stream lives.

    A service that is left goes on with its document and asks again: that brings a call that moves to another worker.
    So a call that is over is left only when `over` returns, so that the answer is to hang up.
    """

    comes_back = True
    wide = False
    held_up_ms = 0.0

    def __init__(self, socket: WebSocket, vendor: Vendor, stream: str, over: Callable[[], Awaitable[None]]) -> None:
        self._socket, self._vendor, self._stream = socket, vendor, stream
        self._over = over
        self._out: asyncio.Queue[Message | None] = asyncio.Queue()
        self._hung_up = False
        self._sent_frames = 0
        self._played_frames = 0

    async def run(self) -> None:
        """Send what there is until the stream is left, or gone."""
        try:
            while (message := await self._out.get()) is not None:
                await self._socket.send_text(json.dumps(message))
            if self._hung_up:
                await self._over()
            await self._socket.close()
        except (WebSocketDisconnect, RuntimeError):
            pass  # the service has gone; whoever reads is told

    @property
    def unplayed_ms(self) -> int:
        """Of what was sent, as far as the service tells: what the caller has not heard, within MARK_EVERY_FRAMES."""
        return (self._sent_frames - self._played_frames) * FRAME_MS

    def played(self, mark: str) -> None:
        """A mark has come back."""
        if mark.isascii() and mark.isdigit():
            self._played_frames = max(self._played_frames, min(int(mark), self._sent_frames))

    async def pick_up(self) -> None:
        """The service has answered already."""

    async def ready(self) -> bool:
        return True

    def play(self, pcm: bytes) -> None:
        if self._out.qsize() >= UNSENT:
            return
        if self.unplayed_ms > BEHIND_MS:
            log.warning("stream_behind", unplayed_ms=self.unplayed_ms)
            self.throw_away()
        self._out.put_nowait(self._vendor.sound(self._stream, encoded(pcm)))
        self._sent_frames += 1
        if self._sent_frames % MARK_EVERY_FRAMES == 0:
            self._out.put_nowait(self._vendor.mark(self._stream, str(self._sent_frames)))

    def throw_away(self) -> None:
        self._out.put_nowait(self._vendor.clear(self._stream))
        self._played_frames = self._sent_frames

    def hang_up(self) -> None:
        self._hung_up = True
        self._out.put_nowait(None)

    def let_go(self) -> None:
        self._out.put_nowait(None)
