"""The exchange's own music on hold for one caller: whispered into what they hear of us, and stopped while we speak."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog

from domain.errors import ConnectorError, Unavailable
from realtime.ari.exchange import SYSTEM, Event, Exchange

log = structlog.get_logger()


class ExchangeMusic:
    """Implements realtime.music.Elsewhere. `caller` finds the caller's channel, and raises ConnectorError."""

    def __init__(self, exchange: Exchange, leg: str, caller: Callable[[], Awaitable[str]]) -> None:
        self._exchange = exchange
        self._caller = caller
        self._whisper = f"hatif-music-{leg}"
        """A channel whose sound is added to what the caller hears."""
        self._works = True
        self._allowed = True
        self._playing: asyncio.Task[None] | None = None
        self._wanted = False
        self._changed = asyncio.Event()

    @property
    def works(self) -> bool:
        return self._works

    def play(self, on: bool) -> None:
        if on is self._wanted or not (self._works and self._allowed):
            return
        self._wanted = on
        self._changed.set()
        if on and (self._playing is None or self._playing.done()):
            self._playing = asyncio.create_task(self._play())

    def stop(self) -> None:
        self._wanted = False
        if self._playing is not None:
            self._playing.cancel()

    def allow(self, allowed: bool) -> None:
        """Whether it may play at all."""
        self._allowed = allowed
        if not allowed:
            self.stop()

    async def stopped(self) -> None:
        """After `stop`, until the caller hears no more of it."""
        if self._playing is not None:
            await asyncio.wait({self._playing})

    async def close(self) -> None:
        self._works = False
        self.stop()
        await self.stopped()

    async def _play(self) -> None:
        try:
            await self._whispered()
        except ConnectorError as error:
            log.warning("exchange_failed", doing="music", error=type(error).__name__)
            self._works = False
        finally:
            self._wanted = False

    async def _whispered(self) -> None:
        """Until cancelled. Raises ConnectorError."""
        caller = await self._caller()
        application = f"hatif-{secrets.token_hex(8)}"
        async with self._exchange.events(application) as events:
            try:
                path = f"/channels/{caller}/snoop/{self._whisper}"
                await self._exchange.make(self._whisper, path, app=application, spy="none", whisper="out")
                await self._told(events, "StasisStart")
                ended = asyncio.create_task(self._told(events, "ChannelDestroyed"))
                try:
                    await self._obey(ended)
                finally:
                    ended.cancel()
                    await asyncio.gather(ended, return_exceptions=True)
            finally:
                await asyncio.shield(self._exchange.delete(f"/channels/{self._whisper}"))

    async def _obey(self, ended: asyncio.Task[None]) -> None:
        while True:
            self._changed.clear()
            path = f"/channels/{self._whisper}/moh"
            if self._wanted:
                await self._exchange.post(path, mohClass=self._exchange.music)
            else:
                await self._exchange.delete(path)
            changed = asyncio.create_task(self._changed.wait())
            try:
                await asyncio.wait({changed, ended}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                changed.cancel()
            if ended.done():
                raise Unavailable(SYSTEM, "the music has ended")

    async def _told(self, events: AsyncIterator[Event], what: str) -> None:
        """Wait for an event of our channel. Raises Unavailable where the events end before."""
        async for event in events:
            match event:
                case {"type": kind, "channel": {"id": self._whisper}} if kind == what:
                    return
                case _:
                    pass
        raise Unavailable(SYSTEM, "the events have ended")
