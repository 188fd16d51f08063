"""Promised callbacks, the numbers to call, and the numbers not to call."""

from __future__ import annotations

import hmac
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.desk.callbacks import (
    CallbackReason,
    CallbackResult,
    CallbackRow,
    CallbackState,
    CallbackVia,
    Contact,
    NewCallback,
)
from domain.desk.calling import normal_number
from domain.errors import NotFound, Rejected
from domain.speech import Language
from storage.desk.tables import callbacks, contacts, do_not_call
from storage.keys import PostgresKeyRing
from storage.sealing import place, seal, unseal
from storage.session import Database
from storage.tables import calls

MOST_RECENT = 500
"""Ceiling of one listing: what a page can show."""

_its_call = (calls.c.tenant_id == callbacks.c.tenant_id) & (calls.c.call_id == callbacks.c.call_id)
_its_contact = (contacts.c.tenant_id == callbacks.c.tenant_id) & (contacts.c.call_id == callbacks.c.call_id)
_rows = select(callbacks, calls.c.ended_at.label("call_ended_at"), contacts.c.number_sealed).select_from(
    callbacks.join(calls, _its_call).outerjoin(contacts, _its_contact)
)


class PostgresCallbacks:
    """Implements domain.desk.callbacks.Callbacks."""

    def __init__(self, database: Database, keys: PostgresKeyRing) -> None:
        self._database = database
        self._keys = keys

    async def promise(self, tenant_id: str, callback: NewCallback) -> CallbackRow:
        row = insert(callbacks).values(
            tenant_id=tenant_id,
            callback_id=callback.callback_id,
            call_id=callback.call_id,
            state=CallbackState.PROMISED,
            reason=callback.reason,
            language=callback.language,
            created_at=time.time(),
            next_try_at=callback.next_try_at,
            window_ends_at=callback.window_ends_at,
            tries=0,
        )
        same = callbacks.c.callback_id == callback.callback_id
        opened = (callbacks.c.call_id == callback.call_id) & callbacks.c.ended_at.is_(None)
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(row.on_conflict_do_nothing())
            # Its own row first, also once it has ended; without one, another promise of the call was in the way.
            found = await connection.execute(_rows.where(same | opened).order_by(same.desc()).limit(1))
            standing = found.one()
        return await self._row(standing)

    async def callback(self, tenant_id: str, callback_id: str) -> CallbackRow | None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = await connection.execute(_rows.where(callbacks.c.callback_id == callback_id))
            found = rows.one_or_none()
        return None if found is None else await self._row(found)

    async def open_callbacks(self, tenant_id: str) -> list[CallbackRow]:
        query = _rows.where(callbacks.c.ended_at.is_(None)).order_by(callbacks.c.next_try_at)
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).all()
        return await self._all(rows)

    async def recent_callbacks(self, tenant_id: str, limit: int) -> list[CallbackRow]:
        """At most MOST_RECENT."""
        query = _rows.order_by(callbacks.c.created_at.desc()).limit(max(0, min(limit, MOST_RECENT)))
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).all()
        return await self._all(rows)

    async def save(self, tenant_id: str, row: CallbackRow) -> None:
        change = update(callbacks).values(
            state=row.state,
            next_try_at=row.next_try_at,
            window_ends_at=row.window_ends_at,
            tries=row.tries,
            claimed_by=row.claimed_by,
            ended_at=row.ended_at,
            result=row.result,
        )
        async with self._database.tenant_transaction(tenant_id) as connection:
            saved = await connection.execute(change.where(callbacks.c.callback_id == row.callback_id))
            if saved.rowcount == 0:
                raise NotFound("postgres", f"there is no callback {row.callback_id}")

    async def note_contact(self, tenant_id: str, call_id: str, number: str, *, own: bool = True) -> None:
        key = await self._keys.key(tenant_id, call_id)
        if key is None:
            raise Rejected("postgres", f"call {call_id} is unknown, or its words were erased")
        async with self._database.tenant_transaction(tenant_id) as connection:
            number_key = await self._keys.number_key(connection, tenant_id)
            values = contact_row(tenant_id, call_id, number, key, number_key) | {"own": own}
            row = insert(contacts).values(values)
            await connection.execute(row.on_conflict_do_update(index_elements=["tenant_id", "call_id"], set_=values))

    async def own_number(self, tenant_id: str, call_id: str) -> str | None:
        key = await self._keys.key(tenant_id, call_id)
        query = select(contacts).where(contacts.c.call_id == call_id, contacts.c.own)
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None or key is None else number_of(row, key)

    async def contact(self, tenant_id: str, call_id: str) -> Contact:
        key = await self._keys.key(tenant_id, call_id)
        async with self._database.tenant_transaction(tenant_id) as connection:
            lives = await connection.scalar(select(calls.c.ended_at.is_(None)).where(calls.c.call_id == call_id))
            row = (await connection.execute(select(contacts).where(contacts.c.call_id == call_id))).one_or_none()
            if row is None or key is None:
                return Contact(call_lives=bool(lives))
            listed = select(do_not_call.c.digest).where(do_not_call.c.digest == row.digest)
            forbidden = await connection.scalar(listed) is not None
        return Contact(number=number_of(row, key), is_forbidden=forbidden, call_lives=bool(lives))

    async def forbid(self, tenant_id: str, number: str, by: str) -> None:
        normal = _normal(number)
        async with self._database.tenant_transaction(tenant_id) as connection:
            digest = await self._digest(connection, tenant_id, normal)
            row = insert(do_not_call).values(tenant_id=tenant_id, digest=digest, listed_by=by, listed_at=time.time())
            await connection.execute(row.on_conflict_do_nothing())

    async def allow(self, tenant_id: str, number: str) -> None:
        normal = _normal(number)
        async with self._database.tenant_transaction(tenant_id) as connection:
            digest = await self._digest(connection, tenant_id, normal)
            await connection.execute(delete(do_not_call).where(do_not_call.c.digest == digest))

    async def _digest(self, connection: AsyncConnection, tenant_id: str, normal: str) -> bytes:
        return _digest(await self._keys.number_key(connection, tenant_id), normal)

    async def _all(self, rows: Sequence[Any]) -> list[CallbackRow]:
        return [await self._row(row) for row in rows]

    async def _row(self, row: Any) -> CallbackRow:
        number = None
        if row.number_sealed is not None and (key := await self._keys.key(row.tenant_id, row.call_id)) is not None:
            number = number_of(row, key)
        return CallbackRow(
            callback_id=row.callback_id,
            call_id=row.call_id,
            state=CallbackState(row.state),
            reason=CallbackReason(row.reason),
            language=Language(row.language),
            created_at=row.created_at,
            next_try_at=row.next_try_at,
            window_ends_at=row.window_ends_at,
            tries=row.tries,
            via=CallbackVia.PAGE if row.call_ended_at is None else CallbackVia.BY_HAND,
            contact=number,
            claimed_by=row.claimed_by,
            ended_at=row.ended_at,
            result=None if row.result is None else CallbackResult(row.result),
        )


def _normal(number: str) -> str:
    normal = normal_number(number)
    if normal is None:
        raise Rejected("postgres", "that is no telephone number")
    return normal


def contact_row(tenant_id: str, call_id: str, number: str, key: bytes, number_key: bytes) -> dict[str, Any]:
    """The row of a caller's own number, under the call's key; its digest is under the tenant's. Raises Rejected."""
    normal = _normal(number)
    return {
        "tenant_id": tenant_id,
        "call_id": call_id,
        "number_sealed": seal(key, normal.encode(), place("call_contacts", tenant_id, call_id)),
        "digest": _digest(number_key, normal),
        "noted_at": time.time(),
        "own": True,
    }


def _digest(number_key: bytes, normal: str) -> bytes:
    return hmac.digest(number_key, normal.encode(), "sha256")


def number_of(row: Any, key: bytes) -> str:
    """Of a contact's row."""
    return unseal(key, row.number_sealed, place("call_contacts", row.tenant_id, row.call_id)).decode()
