"""The port between a transport and a conversation: one caller's line, both ways; and what every transport needs."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

from domain.line import SessionDescription
from domain.speech import FRAME_MS, AudioFrame

Message = dict[str, Any]
"""One JSON object of the data channel, as in docs/protocol.md."""

Pull = Callable[[int], bytes | None]
"""Called by the line every 20 ms with its `now_ms`; returns 640 bytes to send, or None for silence."""

Tap = Callable[[bytes], None]
"""Takes 20 ms of the far side's audio. Never blocks."""

Confirm = Callable[[], Awaitable[bool]]
"""Asks whether the lease on a line is still ours; may wait for the store."""

INBOX_FRAMES = 250
"""5 s of caller audio; the oldest is dropped beyond it."""
INBOX_MESSAGES = 64
"""Messages, or keys, that wait for the conversation; a flood beyond it is dropped."""
FREEZE_MS = 500
"""A pause of the sending loop this long means that the process was frozen, and the lease may be another's."""
LOST_MS = 3_000
"""Nothing from a page for this long, neither audio nor a ping: ICE alone would notice after half a minute."""


class Line(Protocol):
    """A caller's audio comes in, ours is pulled out every 20 ms, and messages go both ways."""

    @property
    def now_ms(self) -> int:
        """Milliseconds of audio received so far: the clock of the call."""
        ...

    @property
    def quiet_ms(self) -> int:
        """How long nothing at all has come from the far side, neither audio nor a message; a freeze of ours is not
        counted."""
        ...

    def frames(self) -> AsyncIterator[AudioFrame]:
        """Every 20 ms of the caller, without gaps; ends when the line is gone."""
        ...

    def messages(self) -> AsyncIterator[Message]:
        """What the caller's client sends, as decoded JSON objects of a known type."""
        ...

    def send(self, message: Message) -> None:
        """To the caller's client; dropped when it has no data channel yet or any more."""
        ...

    def play(self, pull: Pull) -> None:
        """Where the outgoing audio comes from."""
        ...

    def tap(self, tap: Tap) -> None:
        """Who hears the audio as it arrives, whatever becomes of `frames`."""
        ...

    async def close(self) -> None: ...


class AnsweringLine(Line, Protocol):
    """A line that begins with an offer."""

    async def answer(self, offer: SessionDescription) -> SessionDescription:
        """Raises Refused("bad_offer")."""
        ...

    async def connected(self) -> bool:
        """Wait until media flows; False when it never does."""
        ...

    def guard(self, still_ours: Confirm) -> None:
        """After a stretch without this process, or without the other end, stay silent until `still_ours` says that the
        lease is; close when it isn't."""
        ...


class Inbox:
    """What came in on a line and waits for its conversation. Its frames are the line's clock."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.dropped_frames = 0
        self.tap: Tap | None = None
        self._frames: deque[bytes] = deque(maxlen=INBOX_FRAMES)
        self._arrived = asyncio.Event()
        self._messages: asyncio.Queue[Message | None] = asyncio.Queue(INBOX_MESSAGES)
        self._closed = False

    def put(self, pcm: bytes) -> None:
        """20 ms of the caller."""
        if len(self._frames) == INBOX_FRAMES:
            self.dropped_frames += 1
        self._frames.append(pcm)
        if self.tap is not None:
            self.tap(pcm)
        self._arrived.set()

    def tell(self, message: Message) -> bool:
        """False when too many wait already; then it is dropped."""
        if self._messages.full():
            return False
        self._messages.put_nowait(message)
        return True

    async def frames(self) -> AsyncIterator[AudioFrame]:
        """See Line.frames: what had come before the line closed is still given."""
        while True:
            while self._frames:
                frame = AudioFrame(self._frames.popleft(), self.now_ms)
                self.now_ms += FRAME_MS
                yield frame
            if self._closed:
                return
            self._arrived.clear()
            await self._arrived.wait()

    def begin_anew(self) -> None:
        """Forget what has come, and begin the clock again."""
        self._frames.clear()
        self.now_ms = 0

    async def messages(self) -> AsyncIterator[Message]:
        while (message := await self._messages.get()) is not None:
            yield message

    def close(self) -> None:
        """Once."""
        self._closed = True
        self._arrived.set()
        if self._messages.full():
            self._messages.get_nowait()
        self._messages.put_nowait(None)


class Guard:
    """Keeps a line silent while nobody knows whether its lease is still ours, and closes it when it isn't."""

    def __init__(self, close: Callable[[], Awaitable[None]]) -> None:
        self.still_ours: Confirm | None = None
        self._close = close
        self._confirming: asyncio.Task[None] | None = None

    @property
    def doubts(self) -> bool:
        return self._confirming is not None

    def doubt(self) -> None:
        """Something has happened in which the lease may have been lost."""
        if self.still_ours is not None and self._confirming is None:
            self._confirming = asyncio.create_task(self._confirm(self.still_ours))

    def cancel(self) -> None:
        if self._confirming is not None and self._confirming is not asyncio.current_task():
            self._confirming.cancel()

    async def _confirm(self, still_ours: Confirm) -> None:
        if await still_ours():
            self._confirming = None
        else:
            await self._close()
