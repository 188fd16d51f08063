"""Live events between processes over Postgres' LISTEN and NOTIFY: an id and a code, nothing else.

Events are hints for open pages: one is lost when nobody listens, or while the server is away.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
from collections.abc import AsyncGenerator
from typing import Any, cast

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import Rejected
from storage.session import CONNECT_S, Database

log = structlog.get_logger(__name__)

WAITING_EVENTS = 256
"""Of one page that doesn't keep up; overflow rule: the oldest is dropped, and the page reloads what it shows."""
PROBE_S = 10.0
"""How often the listening connection is asked for life: a frozen server says nothing by itself."""
LONGEST_ID = 200
LISTENING = "feed.listening"
"""Comes first, about nothing, and again after the server was away: what happened until then was not heard."""
_CODE = re.compile(r"[a-z0-9_.:-]{1,64}")
"""Events are codes: a sentence that somebody said does not fit."""

_notify = text("SELECT pg_notify(:channel, :payload)")


class PostgresFeed:
    """Implements domain.ports.LiveFeed; one listening connection a process, made for the first subscriber."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._subscribers: dict[str, set[asyncio.Queue[tuple[str, str]]]] = {}
        self._listening: set[str] = set()
        self._changed = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None

    async def publish(self, tenant_id: str, call_id: str, event: str) -> None:
        """Raises Rejected for what is no code or no id."""
        async with self._database.tenant_transaction(tenant_id) as connection:
            await announce(connection, tenant_id, call_id, event)

    def subscribe(self, tenant_id: str) -> AsyncGenerator[tuple[str, str], None]:
        """Begins with LISTENING; close the iterator, or end its task, to leave."""
        return self._events(tenant_id)

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
            self._listener = None

    async def _events(self, tenant_id: str) -> AsyncGenerator[tuple[str, str], None]:
        channel = _channel(tenant_id)
        queue: asyncio.Queue[tuple[str, str]] = asyncio.Queue(WAITING_EVENTS)
        self._subscribers.setdefault(channel, set()).add(queue)
        if channel in self._listening:
            queue.put_nowait(("", LISTENING))
        self._changed.set()
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._listen())
        try:
            while True:
                yield await queue.get()
        finally:
            self._subscribers[channel].discard(queue)
            if not self._subscribers[channel]:
                del self._subscribers[channel]
            self._changed.set()

    async def _listen(self) -> None:
        retry_s = 0.25
        while True:
            try:
                await self._listen_once()
                retry_s = 0.25
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("live_feed_away", reason=type(error).__name__)
                retry_s = min(2 * retry_s, 5.0)
            await asyncio.sleep(retry_s)

    async def _listen_once(self) -> None:
        """Returns when the connection is gone."""
        # asyncpg carries no types of its own.
        connection: Any = await cast(Any, asyncpg).connect(self._database.url, timeout=CONNECT_S)
        connection.add_termination_listener(lambda _: self._changed.set())  # pyright: ignore[reportUnknownLambdaType]
        try:
            while not connection.is_closed():
                self._changed.clear()
                wanted = set(self._subscribers)
                for channel in wanted - self._listening:
                    await connection.add_listener(channel, self._received)
                    self._listening.add(channel)
                    self._put(channel, ("", LISTENING))
                for channel in self._listening - wanted:
                    await connection.remove_listener(channel, self._received)
                    self._listening.discard(channel)
                await connection.execute("SELECT 1", timeout=CONNECT_S)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PROBE_S):
                        await self._changed.wait()
        finally:
            self._listening.clear()
            connection.terminate()

    def _received(self, _connection: object, _pid: int, channel: str, payload: str) -> None:
        event, _, call_id = payload.partition("\n")
        self._put(channel, (call_id, event))

    def _put(self, channel: str, event: tuple[str, str]) -> None:
        for queue in self._subscribers.get(channel, ()):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(event)


async def announce(connection: AsyncConnection, tenant_id: str, subject: str, event: str) -> None:
    """Told to the listeners when the transaction of `connection` commits, and not otherwise.

    `subject` is an id: of a call, or of whatever else the event is about. Raises Rejected for what is no code or no id.
    """
    if not _CODE.fullmatch(event) or not subject or len(subject) > LONGEST_ID or "\n" in subject:
        raise Rejected("postgres", "a live event is an id and a code")
    await connection.execute(_notify, {"channel": _channel(tenant_id), "payload": f"{event}\n{subject}"})


def _channel(tenant_id: str) -> str:
    """A name that fits Postgres' 63 bytes, whatever the id."""
    return "hatif_" + hashlib.sha256(tenant_id.encode(errors="surrogatepass")).hexdigest()[:32]
