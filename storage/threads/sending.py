"""Messages on their way out: what became of each, whatever order its news comes in."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.acting.action import ActionState
from domain.desk.handoffs import DESK_CHANGED
from domain.errors import NotFound
from domain.messaging import DeliveryReported, DeliveryState
from domain.threads.thread import Delivery
from storage.calls import TURN_STORED
from storage.feed import announce
from storage.tables import actions
from storage.threads.tables import messages_out, threads
from storage.threads.threads import PostgresThreadRows


class PostgresThreads(PostgresThreadRows):
    """Implements domain.threads.thread.Threads."""

    async def begin_sending(self, tenant_id: str, call_id: str, seq: int, key: str) -> None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            sender = await connection.scalar(select(threads.c.connection_id).where(threads.c.call_id == call_id))
            if sender is None:
                raise NotFound("postgres", f"there is no thread {call_id}")
            of = {"tenant_id": tenant_id, "call_id": call_id, "seq": seq}
            row = unsent(time.time(), **of, message_key=key, connection_id=sender)
            await connection.execute(row.on_conflict_do_nothing())

    async def sending(
        self, tenant_id: str, key: str, state: DeliveryState, message_id: str | None = None, reason: str | None = None
    ) -> None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            await settle(connection, key, state, message_id, reason)

    async def reported(self, tenant_id: str, connection_id: str, report: DeliveryReported) -> bool:
        mine = messages_out.c.message_id == report.message_id
        if report.key is not None:
            # The report may come before the service's answer to the send has been written down.
            mine |= messages_out.c.message_key == report.key
        query = select(messages_out).where(messages_out.c.connection_id == connection_id, mine).with_for_update()
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = (await connection.execute(query.limit(1))).one_or_none()
            return row is not None and await change(connection, row, report.state, report.message_id, report.reason)

    async def deliveries(self, tenant_id: str, call_id: str) -> Sequence[Delivery]:
        mine = (messages_out.c.call_id == call_id) & messages_out.c.address_digest.is_(None)
        query = select(messages_out).where(mine).order_by(messages_out.c.seq)
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).all()
        return [Delivery(seq=row.seq, state=DeliveryState(row.state), reason=row.reason) for row in rows]


def unsent(now: float, **of: Any) -> Insert:
    """A row of messages_out, before anything is asked of a service."""
    return insert(messages_out).values(state=DeliveryState.UNSENT, begun_at=now, changed_at=now, **of)


async def settle(
    connection: AsyncConnection, key: str, state: DeliveryState, message_id: str | None, reason: str | None
) -> None:
    """What became of a message. Raises NotFound."""
    query = select(messages_out).where(messages_out.c.message_key == key).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound("postgres", "there is no such message")
    await change(connection, row, state, message_id, reason)


async def change(
    connection: AsyncConnection, row: Any, state: DeliveryState, message_id: str | None, reason: str | None
) -> bool:
    """Of a row of messages_out that is locked; False for what is no news."""
    values: dict[str, Any] = {}
    if message_id is not None and row.message_id is None:
        values["message_id"] = message_id
    is_news = state.follows(DeliveryState(row.state))
    if is_news:
        values |= {"state": state, "changed_at": time.time()}
        if state is DeliveryState.FAILED:
            values["reason"] = reason
    was_unclear = row.state in (DeliveryState.UNSENT, DeliveryState.UNKNOWN)
    if is_news and was_unclear and state is not DeliveryState.UNKNOWN:
        # Nobody could tell whether it was sent, and somebody was to look: the service has told.
        task = (actions.c.action_key == row.message_key) & (actions.c.state == ActionState.UNKNOWN)
        settled = {"state": ActionState.DONE, "reference": message_id}
        mine = actions.c.call_id == row.call_id
        if (await connection.execute(update(actions).values(settled).where(mine, task))).rowcount:
            await announce(connection, row.tenant_id, row.call_id, DESK_CHANGED)
    if values:
        changed = update(messages_out).values(values).where(messages_out.c.message_key == row.message_key)
        await connection.execute(changed)
        await announce(connection, row.tenant_id, row.call_id, TURN_STORED)
    return is_news
