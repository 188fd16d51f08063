"""Threads: which one a message belongs to, its turns in their order, and who wants no messages.

What people wrote, and the number they wrote from, is sealed with the key of the thread's call. A person is found by a
digest of their number under the tenant's key for numbers.
"""

from __future__ import annotations

import hmac
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.call import CallState, Channel
from domain.desk.calling import normal_number
from domain.errors import NotFound, Refused, Rejected, Unavailable
from domain.messaging import BAD_NUMBER, TextReceived
from domain.speech import Language, Speaker, Turn, script_language
from domain.threads.thread import (
    ATTACHMENT_PREFIX,
    LEASE,
    THREAD_OVER,
    Arrived,
    ThreadRow,
    Written,
)
from storage.calls import CALL_CHANGED, TURN_STORED, opened_turn, sealed_turn
from storage.desk.callbacks import PostgresCallbacks
from storage.feed import announce
from storage.keys import PostgresKeyRing
from storage.sealing import place, seal, unseal
from storage.session import Database
from storage.tables import calls, turns
from storage.threads.tables import messages_in, opt_outs, threads

TRIES = 3
"""A thread that closes, or is opened by somebody else, in the same moment is looked for again."""
WORKER = "thread"
"""Who holds the line of a call that has none."""

_untold = text("SELECT * FROM hatif.tenants_with_untold_messages(:moment)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    """Somebody at one of a tenant's numbers, as the rows know them."""

    channel: Channel
    connection_id: str
    address: str
    digest: bytes

    def theirs(self) -> Any:
        return (
            (threads.c.channel == self.channel)
            & (threads.c.connection_id == self.connection_id)
            & (threads.c.address_digest == self.digest)
        )


class PostgresThreadRows:
    """Implements domain.threads.thread.Threads, without what is on its way out."""

    def __init__(self, database: Database, keys: PostgresKeyRing) -> None:
        self._database = database
        self._keys = keys

    async def arrive(self, tenant_id: str, connection_id: str, text: TextReceived, language: Language) -> Arrived:
        channel = Channel(text.channel)
        person = await self._person(tenant_id, connection_id, channel, text.sender)
        for _ in range(TRIES):
            if (known := await self._known(tenant_id, connection_id, text.message_id, channel)) is not None:
                return known
            row = await self._open(tenant_id, person)
            arrived = await self._append(tenant_id, row, text, language)
            if arrived is not None:
                return arrived
        raise Unavailable("postgres", "the thread closes at this moment", 1_000)

    async def open_to(
        self, tenant_id: str, connection_id: str, channel: Channel, address: str, language: Language
    ) -> ThreadRow:
        row = await self._open(tenant_id, await self._person(tenant_id, connection_id, channel, address))
        return await self.thread(tenant_id, row.call_id) or row

    async def thread(self, tenant_id: str, call_id: str) -> ThreadRow | None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = (await connection.execute(_thread(call_id))).one_or_none()
            if row is None:
                return None
            # The window of a channel does not begin anew with a thread.
            theirs = (threads.c.channel == row.channel) & (threads.c.address_digest == row.address_digest)
            same = theirs & (threads.c.connection_id == row.connection_id)
            last = await connection.scalar(select(func.max(threads.c.last_in_at)).where(same))
        return replace(await self._row(row), last_in_at=last)

    async def write(self, tenant_id: str, call_id: str, written: Written) -> Turn:
        key = await self._key(tenant_id, call_id)
        async with self._database.tenant_transaction(tenant_id) as connection:
            thread = (await connection.execute(_thread(call_id).with_for_update())).one_or_none()
            if thread is None:
                raise NotFound("postgres", f"there is no thread {call_id}")
            earlier = select(turns).where(turns.c.call_id == call_id, turns.c.text_id == written.text_id)
            if (known := (await connection.execute(earlier)).one_or_none()) is not None:
                return opened_turn(known, key)
            if thread.closed_at is not None:
                raise Refused(THREAD_OVER, "The conversation is closed; a new message begins another.")
            turn = Turn(
                seq=await _next_seq(connection, call_id),
                speaker=written.speaker,
                text=written.text,
                language=written.language,
                started_ms=_since(thread.opened_at),
                ended_ms=_since(thread.opened_at),
                kind=written.kind,
                intent=written.intent,
                lease=LEASE,
                text_id=written.text_id,
                said_by=written.said_by,
            )
            await connection.execute(insert(turns).values(sealed_turn(key, tenant_id, call_id, turn)))
            await announce(connection, tenant_id, call_id, TURN_STORED)
        return turn

    async def close(self, tenant_id: str, call_id: str, answered: int) -> bool:
        async with self._database.tenant_transaction(tenant_id) as connection:
            thread = (await connection.execute(_thread(call_id).with_for_update())).one_or_none()
            if thread is None or thread.closed_at is not None:
                return True
            if thread.last_in_seq > answered:
                return False
            mine = threads.c.call_id == call_id
            await connection.execute(update(threads).values(closed_at=time.time()).where(mine))
        return True

    # ------------------------------------------------------------ wishes

    async def opt(self, tenant_id: str, call_id: str, *, out: bool) -> None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            thread = (await connection.execute(_thread(call_id))).one_or_none()
            if thread is None:
                raise NotFound("postgres", f"there is no thread {call_id}")
            if out:
                wish = insert(opt_outs).values(
                    tenant_id=tenant_id,
                    channel=thread.channel,
                    address_digest=thread.address_digest,
                    wished_at=time.time(),
                )
                await connection.execute(wish.on_conflict_do_nothing())
            else:
                await connection.execute(delete(opt_outs).where(_wishes_of(thread)))

    async def is_opted_out(self, tenant_id: str, call_id: str) -> bool:
        async with self._database.tenant_transaction(tenant_id) as connection:
            thread = (await connection.execute(_thread(call_id))).one_or_none()
            if thread is None:
                return False
            return await connection.scalar(select(opt_outs.c.wished_at).where(_wishes_of(thread))) is not None

    # ------------------------------------------------------------ whose procedure is to know

    async def tenants_untold(self, older_than_s: float) -> list[str]:
        async with self._database.transaction() as connection:
            return list(await connection.scalars(_untold, {"moment": time.time() - older_than_s}))

    async def untold(self, tenant_id: str, older_than_s: float) -> Sequence[Arrived]:
        query = select(threads).where(
            threads.c.told_seq < threads.c.last_in_seq, threads.c.last_in_at <= time.time() - older_than_s
        )
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).all()
        return [
            Arrived(call_id=row.call_id, channel=Channel(row.channel), seq=row.last_in_seq, is_new=True) for row in rows
        ]

    async def told(self, tenant_id: str, call_id: str, seq: int) -> None:
        known = update(threads).values(told_seq=seq).where(threads.c.call_id == call_id, threads.c.told_seq < seq)
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(known)

    # ------------------------------------------------------------ one message's place

    async def _known(self, tenant_id: str, connection_id: str, message_id: str, channel: Channel) -> Arrived | None:
        query = select(messages_in).where(
            messages_in.c.connection_id == connection_id, messages_in.c.message_id == message_id
        )
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else Arrived(call_id=row.call_id, channel=channel, seq=row.seq, is_new=False)

    async def _append(
        self, tenant_id: str, thread: ThreadRow, received: TextReceived, language: Language
    ) -> Arrived | None:
        """None when the thread has closed, or the message came by another way, meanwhile."""
        key, now = await self._key(tenant_id, thread.call_id), time.time()
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = (await connection.execute(_thread(thread.call_id).with_for_update())).one_or_none()
            if row is None or row.closed_at is not None:
                return None
            seq = await _next_seq(connection, thread.call_id)
            note = insert(messages_in).values(
                tenant_id=tenant_id,
                connection_id=thread.connection_id,
                message_id=received.message_id,
                call_id=thread.call_id,
                seq=seq,
                received_at=now,
            )
            if (await connection.execute(note.on_conflict_do_nothing())).rowcount == 0:
                return None
            said = script_language(received.body) or await _last_language(connection, thread.call_id) or language
            kind = received.attachment
            turn = Turn(
                seq=seq,
                speaker=Speaker.CALLER,
                text=received.body or f"[{kind}]",
                language=said,
                started_ms=_since(row.opened_at),
                ended_ms=_since(row.opened_at),
                lease=LEASE,
                intent=f"{ATTACHMENT_PREFIX}{kind}" if kind else None,
            )
            await connection.execute(insert(turns).values(sealed_turn(key, tenant_id, thread.call_id, turn)))
            mine = threads.c.call_id == thread.call_id
            await connection.execute(update(threads).values(last_in_at=now, last_in_seq=seq).where(mine))
            await announce(connection, tenant_id, thread.call_id, TURN_STORED)
        return Arrived(call_id=thread.call_id, channel=thread.channel, seq=seq, is_new=True)

    async def _open(self, tenant_id: str, person: _Person) -> ThreadRow:
        """The person's open thread, or a new one."""
        newest = select(threads).where(person.theirs()).order_by(threads.c.opened_at.desc()).limit(1)
        async with self._database.tenant_transaction(tenant_id) as connection:
            before = (await connection.execute(newest)).one_or_none()
        if before is not None and before.closed_at is None:
            return await self._row(before)
        call_id, now = str(uuid.uuid4()), time.time()
        await self._keys.create_key(tenant_id, call_id)
        key = await self._key(tenant_id, call_id)
        row: dict[str, Any] = {
            "tenant_id": tenant_id,
            "call_id": call_id,
            "channel": person.channel,
            "connection_id": person.connection_id,
            "address_digest": person.digest,
            "address_sealed": seal(key, person.address.encode(), place("threads", tenant_id, call_id)),
            "opened_at": now,
            "last_in_seq": 0,
            "told_seq": 0,
            "previous_call_id": before.call_id if before else None,
        }
        async with self._database.tenant_transaction(tenant_id) as connection:
            # One after another: the second finds the thread that the first has opened.
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _lock_of(person.digest)})
            opened = (await connection.execute(newest)).one_or_none()
            if opened is None or opened.closed_at is not None:
                await connection.execute(insert(calls).values(_call(tenant_id, call_id, person.channel, now)))
                await connection.execute(insert(threads).values(row))
                await announce(connection, tenant_id, call_id, CALL_CHANGED)
                opened = (await connection.execute(newest)).one()
        if opened.call_id == call_id:
            await PostgresCallbacks(self._database, self._keys).note_contact(tenant_id, call_id, person.address)
        return await self._row(opened)

    async def _person(self, tenant_id: str, connection_id: str, channel: Channel, address: str) -> _Person:
        normal = normal_number(address) if address.startswith("+") else None
        if normal is None:
            raise Refused(BAD_NUMBER, "That is not a telephone number with its country's code.")
        async with self._database.tenant_transaction(tenant_id) as connection:
            secret = await self._keys.number_key(connection, tenant_id)
        digest = hmac.digest(secret, normal.encode(), "sha256")
        return _Person(channel=channel, connection_id=connection_id, address=normal, digest=digest)

    async def _row(self, row: Any) -> ThreadRow:
        key = await self._keys.key(row.tenant_id, row.call_id)
        at = place("threads", row.tenant_id, row.call_id)
        return ThreadRow(
            tenant_id=row.tenant_id,
            call_id=row.call_id,
            channel=Channel(row.channel),
            connection_id=row.connection_id,
            address=None if key is None else unseal(key, row.address_sealed, at).decode(),
            opened_at=row.opened_at,
            last_in_at=row.last_in_at,
            closed_at=row.closed_at,
            previous_call_id=row.previous_call_id,
        )

    async def _key(self, tenant_id: str, call_id: str) -> bytes:
        key = await self._keys.key(tenant_id, call_id)
        if key is None:
            raise Rejected("postgres", f"thread {call_id} is unknown, or its words were erased")
        return key


def _thread(call_id: str) -> Select[Any]:
    return select(threads).where(threads.c.call_id == call_id)


def _wishes_of(thread: Any) -> Any:
    return (opt_outs.c.channel == thread.channel) & (opt_outs.c.address_digest == thread.address_digest)


def _call(tenant_id: str, call_id: str, channel: Channel, now: float) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "call_id": call_id,
        "channel": channel,
        "state": CallState.TALKING,
        "lease": LEASE,
        "worker": WORKER,
        "started_at": now,
    }


async def _next_seq(connection: AsyncConnection, call_id: str) -> int:
    """Under the lock on the thread's row."""
    last = await connection.scalar(select(func.max(turns.c.seq)).where(turns.c.call_id == call_id))
    return (last or 0) + 1


async def _last_language(connection: AsyncConnection, call_id: str) -> Language | None:
    query = select(turns.c.language).where(turns.c.call_id == call_id).order_by(turns.c.seq.desc()).limit(1)
    found = await connection.scalar(query)
    return None if found is None else Language(found)


def _since(opened_at: float) -> int:
    """Milliseconds of the thread's age, its only clock."""
    return max(0, round((time.time() - opened_at) * 1000))


def _lock_of(digest: bytes) -> int:
    return int.from_bytes(digest[:8], signed=True)
