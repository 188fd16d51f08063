"""Texts to callers, outside of threads: limits, wishes and what became of each. Numbers are kept as digests only."""

from __future__ import annotations

import hmac
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.desk.calling import normal_number
from domain.errors import Refused
from domain.messaging import BAD_NUMBER, OPTED_OUT, Channel, DeliveryState
from domain.texting.book import DAY_S, DO_NOT_CONTACT, HOUR_S, TextSent, check_limits
from storage.desk.tables import do_not_call
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.threads.sending import settle, unsent
from storage.threads.tables import messages_out, opt_outs

NO_TURN = 0
"""The seq of what is no turn of a thread."""


class PostgresTexts:
    """Implements domain.texting.book.TextBook."""

    def __init__(self, database: Database, keys: PostgresKeyRing) -> None:
        self._database = database
        self._keys = keys

    async def begin(self, tenant_id: str, call_id: str, key: str, to: str, connection_id: str) -> str:
        normal = normal_number(to) if to.startswith("+") else None
        if normal is None:
            raise Refused(BAD_NUMBER, "That is not a telephone number with its country's code.")
        now = time.time()
        async with self._database.tenant_transaction(tenant_id) as connection:
            # One text of a company after another, so that two can't both be the last that is allowed.
            await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:texts))"), {"texts": tenant_id})
            begun = select(messages_out.c.connection_id).where(messages_out.c.message_key == key)
            if (known := await connection.scalar(begun)) is not None:
                return str(known)
            digest = hmac.digest(await self._keys.number_key(connection, tenant_id), normal.encode(), "sha256")
            await _check(connection, digest, now)
            text_row = {"message_key": key, "connection_id": connection_id, "address_digest": digest}
            await connection.execute(unsent(now, tenant_id=tenant_id, call_id=call_id, seq=NO_TURN, **text_row))
        return connection_id

    async def settle(
        self, tenant_id: str, key: str, state: DeliveryState, message_id: str | None = None, reason: str | None = None
    ) -> None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            await settle(connection, key, state, message_id, reason)

    async def of_call(self, tenant_id: str, call_id: str) -> Sequence[TextSent]:
        mine = (messages_out.c.call_id == call_id) & messages_out.c.address_digest.is_not(None)
        query = select(messages_out).where(mine).order_by(messages_out.c.begun_at)
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).all()
        return [TextSent(key=row.message_key, state=DeliveryState(row.state), reason=row.reason) for row in rows]


async def _check(connection: AsyncConnection, digest: bytes, now: float) -> None:
    """Raises Refused. What the service refused counts too: it may have been tried to find out about a number."""
    wishes = select(opt_outs.c.wished_at).where(opt_outs.c.channel == Channel.SMS, opt_outs.c.address_digest == digest)
    if await connection.scalar(wishes) is not None:
        raise Refused(OPTED_OUT, "This number wants no messages.")
    listed = select(do_not_call.c.listed_at).where(do_not_call.c.digest == digest)
    if await connection.scalar(listed) is not None:
        raise Refused(DO_NOT_CONTACT, "This number is on the list of those that are not to be called.")
    check_limits(
        await _count(connection, (messages_out.c.address_digest == digest) & (messages_out.c.begun_at > now - DAY_S)),
        await _count(connection, messages_out.c.begun_at > now - HOUR_S),
    )


async def _count(connection: AsyncConnection, which: Any) -> int:
    query = select(func.count()).select_from(messages_out).where(messages_out.c.address_digest.is_not(None), which)
    return await connection.scalar(query) or 0
