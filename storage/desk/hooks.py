"""Foreign desks: where they are, what they are yet to be told, and which of their messages came before.

An event is written in the transaction that changes the handoff, and only where the tenant has a foreign desk.
"""

from __future__ import annotations

import time
import uuid
from typing import Any

from sqlalchemy import delete, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.acting.connection import ConnectionRow
from domain.desk.hooks import WINDOW_S, DeskEvent, DeskHook, OutgoingEvent
from domain.errors import NotFound
from storage.connections import PostgresConnections, PostgresSecrets
from storage.desk.tables import desk_events, desk_messages
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tables import connections

FOREIGN_DESK = "desk"
"""The id, and the system, of a tenant's connection to its foreign desk."""
SIGNED_WITH = "desk.secret"
"""The reference of the secret that both sides sign with."""
CLAIM_S = 30.0
"""Longer than a delivery may take: until then nobody else tries the same event."""
AT_ONCE = 10
KEPT_S = 7 * 86_400.0
"""Delivered events are kept for questions, then forgotten."""

_due = text("SELECT * FROM hatif.tenants_with_desk_events(:moment)")
_is_desk = (connections.c.connection_id == FOREIGN_DESK) & connections.c.enabled


class PostgresDeskHooks:
    """Implements domain.desk.hooks.DeskHooks."""

    def __init__(self, database: Database, keys: PostgresKeyRing) -> None:
        self._database = database
        self._keys = keys
        self._connections = PostgresConnections(database)

    async def hook(self, tenant_id: str) -> DeskHook | None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            url = await connection.scalar(select(connections.c.url).where(_is_desk))
        return None if url is None else DeskHook(url=url)

    async def secret(self, tenant_id: str) -> str | None:
        if await self.hook(tenant_id) is None:
            return None
        try:
            return await self._secrets(tenant_id).read(SIGNED_WITH)
        except NotFound:
            return None

    async def save(self, tenant_id: str, hook: DeskHook, secret: str) -> None:
        await self._secrets(tenant_id).write(SIGNED_WITH, secret)
        await self._connections.save(
            ConnectionRow(tenant_id=tenant_id, connection_id=FOREIGN_DESK, system=FOREIGN_DESK, url=hook.url)
        )

    async def remove(self, tenant_id: str) -> bool:
        removed = await self._connections.remove(tenant_id, FOREIGN_DESK)
        await self._secrets(tenant_id).forget(SIGNED_WITH)
        return removed

    async def is_new(self, tenant_id: str, message_id: str) -> bool:
        now = time.time()
        # Older ones are refused by their time.
        stale = delete(desk_messages).where(desk_messages.c.received_at < now - 2 * WINDOW_S)
        row = insert(desk_messages).values(tenant_id=tenant_id, message_id=message_id, received_at=now)
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(stale)
            return (await connection.execute(row.on_conflict_do_nothing())).rowcount == 1

    async def forget(self, tenant_id: str, message_id: str) -> None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(delete(desk_messages).where(desk_messages.c.message_id == message_id))

    # ------------------------------------------------------------ on their way out

    async def tenants_due(self) -> list[str]:
        async with self._database.transaction() as connection:
            return list(await connection.scalars(_due, {"moment": time.time()}))

    async def claim(self, tenant_id: str) -> list[OutgoingEvent]:
        """Events that are due, the oldest first; for CLAIM_S nobody else gets them."""
        now = time.time()
        due = (
            select(desk_events.c.event_id)
            .where(desk_events.c.next_try_at <= now)
            .order_by(desk_events.c.created_at)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        old = or_(desk_events.c.delivered_at.is_not(None), desk_events.c.next_try_at.is_(None))
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(delete(desk_events).where(old, desk_events.c.created_at < now - KEPT_S))
            mine = list(await connection.scalars(due))
            taken = update(desk_events).values(next_try_at=now + CLAIM_S, tries=desk_events.c.tries + 1)
            rows = await connection.execute(taken.where(desk_events.c.event_id.in_(mine)).returning(desk_events))
            return sorted((_event(row) for row in rows), key=lambda event: event.created_at)

    async def delivered(self, event: OutgoingEvent) -> None:
        await self._settle(event, next_try_at=None, delivered_at=time.time())

    async def not_delivered(self, event: OutgoingEvent, next_try_at: float | None) -> None:
        """None gives it up."""
        await self._settle(event, next_try_at=next_try_at)

    async def _settle(self, event: OutgoingEvent, **values: float | None) -> None:
        change = update(desk_events).values(values).where(desk_events.c.event_id == event.event_id)
        async with self._database.tenant_transaction(event.tenant_id) as connection:
            await connection.execute(change)

    def _secrets(self, tenant_id: str) -> PostgresSecrets:
        return PostgresSecrets(self._database, self._keys, tenant_id)


async def tell_foreign_desk(connection: AsyncConnection, row: Any, event: DeskEvent, **more: str | None) -> None:
    """Of the handoff `row`, inside the transaction that changes it."""
    if await connection.scalar(select(connections.c.url).where(_is_desk)) is None:
        return
    now = time.time()
    told = {
        "event": event.value,
        "at": now,
        "handoff": {
            "handoff_id": row.handoff_id,
            "call_id": row.call_id,
            "queue": row.queue_id,
            "reason": row.reason,
            "urgent": row.urgent,
            "language": row.language,
            **more,
        },
    }
    await connection.execute(
        insert(desk_events).values(
            tenant_id=row.tenant_id,
            event_id=f"evt_{uuid.uuid4().hex}",
            event=event,
            body=told,
            created_at=now,
            next_try_at=now,
            tries=0,
        )
    )


def _event(row: Any) -> OutgoingEvent:
    return OutgoingEvent(
        tenant_id=row.tenant_id,
        event_id=row.event_id,
        event=DeskEvent(row.event),
        body=row.body,
        created_at=row.created_at,
        tries=row.tries,
    )
