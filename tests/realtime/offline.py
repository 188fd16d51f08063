"""A line without a network: the caller is a script, and time is audio time, run faster than the clock."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from domain.line import SessionDescription
from domain.speech import FRAME_BYTES, FRAME_MS, SILENT_FRAME, AudioFrame
from realtime.line import Confirm, Message, Pull, Tap

LONGEST_S = 60


class OfflineLine:
    """Implements realtime.line.Line. `speed` is how many times faster than real time the audio runs; 0 is unpaced."""

    def __init__(self, speed: float = 4.0) -> None:
        self.sent: list[Message] = []
        self.agent = bytearray()
        self.now_ms = 0
        self._speed = speed
        self._caller: deque[bytes] = deque()
        self._pull: Pull | None = None
        self._tap: Tap | None = None
        self.quiet_ms = 0
        self._messages: asyncio.Queue[Message | None] = asyncio.Queue()
        self._closed = asyncio.Event()
        self._changed = asyncio.Event()
        self.still_ours: Confirm | None = None

    # ------------------------------------------------------------ the caller's script

    def speak(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), FRAME_BYTES):
            self._caller.append(pcm[start : start + FRAME_BYTES].ljust(FRAME_BYTES, b"\0"))

    def silence(self, ms: int) -> None:
        self._caller.extend([SILENT_FRAME] * (ms // FRAME_MS))

    def client(self, message: Message) -> None:
        self._messages.put_nowait(message)

    async def spoken_out(self) -> None:
        """Wait until the caller's script has been heard to its end."""
        await self._until(lambda: not self._caller)

    async def told(self, message: str, /, after: int = 0, **fields: object) -> Message:
        """The first message of a type with these fields, at or after this index of `sent`."""
        found: list[Message] = []

        def look() -> bool:
            found[:] = [
                m for m in self.sent[after:] if m["type"] == message and all(m.get(k) == v for k, v in fields.items())
            ]
            return bool(found)

        await self._until(look)
        return found[0]

    async def passed(self) -> None:
        """Wait for the next frame or message."""
        self._changed.clear()
        async with asyncio.timeout(LONGEST_S):
            await self._changed.wait()

    async def _until(self, condition: object) -> None:
        assert callable(condition)
        async with asyncio.timeout(LONGEST_S):
            while not condition():
                assert not self._closed.is_set(), f"the line was closed; sent {self.sent}"
                self._changed.clear()
                await self._changed.wait()

    # ------------------------------------------------------------ Line

    async def frames(self) -> AsyncIterator[AudioFrame]:
        while not self._closed.is_set():
            pcm = self._caller.popleft() if self._caller else SILENT_FRAME
            if self._tap is not None:
                self._tap(pcm)
            yield AudioFrame(pcm, self.now_ms)
            out = self._pull(self.now_ms) if self._pull else None
            self.agent += out or SILENT_FRAME
            self.now_ms += FRAME_MS
            self._changed.set()
            await asyncio.sleep(FRAME_MS / 1000 / self._speed if self._speed else 0)

    async def messages(self) -> AsyncIterator[Message]:
        while (message := await self._messages.get()) is not None:
            yield message

    def send(self, message: Message) -> None:
        self.sent.append(message)
        self._changed.set()

    def play(self, pull: Pull) -> None:
        self._pull = pull

    def tap(self, tap: Tap) -> None:
        self._tap = tap

    def guard(self, still_ours: Confirm) -> None:
        self.still_ours = still_ours

    async def close(self) -> None:
        if not self._closed.is_set():
            self._closed.set()
            self._changed.set()
            self._messages.put_nowait(None)

    # ------------------------------------------------------------ as the far side of `Lines`

    async def answer(self, offer: SessionDescription) -> SessionDescription:
        return SessionDescription(type="answer", sdp=offer.sdp)

    async def connected(self) -> bool:
        return True
