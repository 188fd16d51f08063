"""Calls that Hatif makes: asked for with their number, and counted when it is dialled."""

from __future__ import annotations

import time

from pydantic import TypeAdapter
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from domain.call import Channel
from domain.errors import Refused
from domain.outbound.opening import Opening
from storage.calls import CALL_CHANGED, fresh_call
from storage.desk.callbacks import contact_row, number_of
from storage.desk.tables import contacts
from storage.feed import announce
from storage.keys import PostgresKeyRing
from storage.sealing import place, seal, unseal
from storage.session import Database
from storage.tables import calls

HOUR_S = 3_600.0

_opening = TypeAdapter(Opening)

_one_after_another = text("SELECT pg_advisory_xact_lock(hashtextextended('hatif dialled ' || :tenant_id, 0))")


class PostgresDialBook:
    """Implements domain.outbound.calling_out.DialBook and domain.outbound.opening.Openings."""

    def __init__(self, database: Database, keys: PostgresKeyRing) -> None:
        self._database = database
        self._keys = keys

    async def ask(self, tenant_id: str, call_id: str, number: str, opening: Opening | None = None) -> str | None:
        """Raises Rejected for what is no number."""
        await self._keys.create_key(tenant_id, call_id)
        key = await self._keys.key(tenant_id, call_id)
        if key is None:
            return None
        call = insert(calls).values(fresh_call(tenant_id, call_id, Channel.PHONE, None))
        async with self._database.tenant_transaction(tenant_id) as connection:
            number_key = await self._keys.number_key(connection, tenant_id)
            noted_contact = contact_row(tenant_id, call_id, number, key, number_key)
            if opening is not None:
                sealed = seal(key, _opening.dump_json(opening), _place(tenant_id, call_id))
                noted_contact |= {"opening_sealed": sealed}
            contact = insert(contacts).values(noted_contact)
            await connection.execute(call.on_conflict_do_nothing())
            await connection.execute(contact.on_conflict_do_nothing())
            await announce(connection, tenant_id, call_id, CALL_CHANGED)
            noted = (await connection.execute(select(contacts).where(contacts.c.call_id == call_id))).one()
        return number_of(noted, key)

    async def opening(self, tenant_id: str, call_id: str) -> Opening | None:
        query = select(contacts.c.opening_sealed).where(contacts.c.call_id == call_id)
        async with self._database.tenant_transaction(tenant_id) as connection:
            sealed = await connection.scalar(query)
        if sealed is None or (key := await self._keys.key(tenant_id, call_id)) is None:
            return None
        return _opening.validate_json(unseal(key, sealed, _place(tenant_id, call_id)))

    async def count(self, tenant_id: str, call_id: str, most_an_hour: int) -> None:
        now = time.time()
        recent = select(func.count()).select_from(calls).where(calls.c.dialled_at > now - HOUR_S)
        dialled = update(calls).values(dialled_at=now).where(calls.c.call_id == call_id, calls.c.dialled_at.is_(None))
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(_one_after_another, {"tenant_id": tenant_id})
            if (await connection.scalar(recent) or 0) >= most_an_hour:
                raise Refused("too_many_calls", "As many calls were dialled for this tenant in an hour as may be.")
            if (await connection.execute(dialled)).rowcount == 0:
                raise Refused("dialled_before", "This call's number was dialled already.")


def _place(tenant_id: str, call_id: str) -> bytes:
    return place("call_contacts", tenant_id, call_id, "opening")
