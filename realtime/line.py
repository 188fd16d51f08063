"""The port between a transport and a conversation: one caller's line, both ways."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

from domain.line import SessionDescription
from domain.speech import AudioFrame

Message = dict[str, Any]
"""One JSON object of the data channel, as in docs/protocol.md."""

Pull = Callable[[int], bytes | None]
"""Called by the line every 20 ms with its `now_ms`; returns 640 bytes to send, or None for silence."""

Tap = Callable[[bytes], None]
"""Takes 20 ms of the far side's audio. Never blocks."""

Confirm = Callable[[], Awaitable[bool]]
"""Asks whether the lease on a line is still ours; may wait for the store."""

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
