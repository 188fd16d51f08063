"""Calls, their turns and the lease on their line. What people said is sealed with the call's data key."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import ColumnElement, Update, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.call import CallRow, CallState, Channel, Outcome
from domain.desk.board import LATEST_TURNS, LiveCall
from domain.errors import NotFound, Rejected
from domain.ports import KeyRing
from domain.speech import Guesses, Language, Speaker, Turn, TurnKind
from storage.feed import announce
from storage.sealing import place, seal, unseal
from storage.session import Database
from storage.tables import calls, ratings, turns

MOST_RECENT = 1_000
"""Ceiling of one listing: what a page can show."""

TURN_STORED = "call.turn"
CALL_CHANGED = "call.changed"
"""Live events, about a call's id, for open pages."""

STILLBORN_S = 60.0
"""No line for this long after its creation: a call whose workflow runs has one, or an end, within 30 s."""

_rated = (calls.c.tenant_id == ratings.c.tenant_id) & (calls.c.call_id == ratings.c.call_id)
_call_columns = select(calls, ratings.c.stars).outerjoin_from(calls, ratings, _rated)


class PostgresCalls:
    """Implements domain.ports.CallStore. Unknown calls raise NotFound where a method would change one."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys

    async def create_call(self, tenant_id: str, call_id: str, channel: str, site_key_id: str | None) -> bool:
        """Also makes the call's data key, and ends the tenant's calls that were created and never connected."""
        await self._keys.create_key(tenant_id, call_id)
        row = insert(calls).values(fresh_call(tenant_id, call_id, channel, site_key_id))
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(_end_stillborn())
            is_new = (await connection.execute(row.on_conflict_do_nothing())).rowcount == 1
            await announce(connection, tenant_id, call_id, CALL_CHANGED)
        return is_new

    async def take_lease(self, tenant_id: str, call_id: str, lease: int, worker: str) -> bool:
        """Also warms the call's data key, so that its turns can be spooled if the store goes away."""
        free = or_(calls.c.lease < lease, (calls.c.lease == lease) & (calls.c.worker == worker))
        take = update(calls).values(lease=lease, worker=worker).where(calls.c.call_id == call_id, free)
        async with self._database.tenant_transaction(tenant_id) as connection:
            taken = (await connection.execute(take)).rowcount == 1
        if taken:
            await self._keys.key(tenant_id, call_id)
        return taken

    async def current_lease(self, tenant_id: str, call_id: str) -> int:
        async with self._database.tenant_transaction(tenant_id) as connection:
            lease = await connection.scalar(select(calls.c.lease).where(calls.c.call_id == call_id))
        if lease is None:
            raise _unknown(call_id)
        return lease

    async def record_turn(self, tenant_id: str, call_id: str, turn: Turn) -> None:
        """A turn that is stored already stays as it is, and so does a typed text that came under another lease."""
        key = await self._key(tenant_id, call_id)
        row = insert(turns).values(sealed_turn(key, tenant_id, call_id, turn))
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(row.on_conflict_do_nothing())
            await announce(connection, tenant_id, call_id, TURN_STORED)

    async def turns(self, tenant_id: str, call_id: str) -> list[Turn]:
        """Texts are empty once the call's key was erased."""
        key = await self._keys.key(tenant_id, call_id)
        query = select(turns).where(turns.c.call_id == call_id).order_by(turns.c.lease, turns.c.seq)
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).all()
        return [opened_turn(row, key) for row in rows]

    async def set_state(self, tenant_id: str, call_id: str, state: str, language: str | None = None) -> None:
        """An ended call stays ended."""
        values: dict[str, Any] = {"state": state}
        if language is not None:
            values["language"] = language
        change = update(calls).values(values).where(calls.c.call_id == call_id, calls.c.ended_at.is_(None))
        await self._change(tenant_id, call_id, change)

    async def end_call(self, tenant_id: str, call_id: str, outcome: Outcome) -> None:
        values = {"state": CallState.ENDED, "ended_at": time.time(), "outcome": outcome}
        change = update(calls).values(values).where(calls.c.call_id == call_id, calls.c.ended_at.is_(None))
        await self._change(tenant_id, call_id, change)

    async def set_summary(self, tenant_id: str, call_id: str, summary: str, disposition: str) -> None:
        key = await self._key(tenant_id, call_id)
        sealed = seal(key, _words(summary), place("summary", tenant_id, call_id))
        values = {"summary_sealed": sealed, "disposition": disposition}
        await self._change(tenant_id, call_id, update(calls).values(values).where(calls.c.call_id == call_id))

    async def rate(self, tenant_id: str, call_id: str, stars: int, comment: str | None) -> None:
        """A second rating replaces the first. Raises Rejected unless `stars` is 1..5."""
        sealed = None
        if comment is not None:
            key = await self._key(tenant_id, call_id)
            sealed = seal(key, _words(comment), place("rating", tenant_id, call_id))
        values = {"stars": stars, "comment_sealed": sealed, "rated_at": time.time()}
        row = insert(ratings).values(tenant_id=tenant_id, call_id=call_id, **values)
        async with self._database.tenant_transaction(tenant_id) as connection:
            await _must_exist(connection, call_id)
            await connection.execute(row.on_conflict_do_update(index_elements=["tenant_id", "call_id"], set_=values))

    async def call(self, tenant_id: str, call_id: str) -> CallRow | None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = (await connection.execute(_call_columns.where(calls.c.call_id == call_id))).one_or_none()
        return None if row is None else await self._call(row)

    async def recent(self, tenant_id: str, limit: int) -> list[CallRow]:
        """At most MOST_RECENT."""
        query = _call_columns.order_by(calls.c.started_at.desc()).limit(max(0, min(limit, MOST_RECENT)))
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).all()
        return [await self._call(row) for row in rows]

    async def live(self, tenant_id: str, limit: int) -> list[LiveCall]:
        """Implements domain.desk.board.LiveCalls; at most MOST_RECENT."""
        living = _call_columns.where(calls.c.ended_at.is_(None)).order_by(calls.c.started_at)
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = (await connection.execute(living.limit(max(0, min(limit, MOST_RECENT))))).all()
            latest = await _latest_turns(connection, [row.call_id for row in rows])
        return [await self._live(row, latest.get(row.call_id, [])) for row in rows]

    async def _live(self, row: Any, latest: list[Any]) -> LiveCall:
        key = await self._keys.key(row.tenant_id, row.call_id) if latest else None
        return LiveCall(
            call=await self._call(row),
            turns=latest[0].counted if latest else 0,
            latest=tuple(opened_turn(turn, key) for turn in reversed(latest)),
        )

    async def _change(self, tenant_id: str, call_id: str, change: Update) -> None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            if (await connection.execute(change)).rowcount == 0:
                await _must_exist(connection, call_id)
            else:
                await announce(connection, tenant_id, call_id, CALL_CHANGED)

    async def _key(self, tenant_id: str, call_id: str) -> bytes:
        key = await self._keys.key(tenant_id, call_id)
        if key is None:
            raise Rejected("postgres", f"call {call_id} is unknown, or its words were erased")
        return key

    async def _call(self, row: Any) -> CallRow:
        summary = None
        if row.summary_sealed is not None and (key := await self._keys.key(row.tenant_id, row.call_id)) is not None:
            summary = unseal(key, row.summary_sealed, place("summary", row.tenant_id, row.call_id)).decode()
        return CallRow(
            call_id=row.call_id,
            tenant_id=row.tenant_id,
            channel=Channel(row.channel),
            state=CallState(row.state),
            lease=row.lease,
            started_at=row.started_at,
            ended_at=row.ended_at,
            outcome=None if row.outcome is None else Outcome(row.outcome),
            language=row.language,
            disposition=row.disposition,
            summary=summary,
            rating=row.stars,
        )


def fresh_call(tenant_id: str, call_id: str, channel: str, site_key_id: str | None) -> dict[str, Any]:
    """The row of a call that begins now."""
    return {
        "tenant_id": tenant_id,
        "call_id": call_id,
        "channel": channel,
        "site_key_id": site_key_id,
        "state": CallState.CONNECTING,
        "lease": 0,
        "started_at": time.time(),
    }


def sealed_turn(key: bytes, tenant_id: str, call_id: str, turn: Turn) -> dict[str, Any]:
    """The row of a turn, its words under the call's key."""
    return {
        "tenant_id": tenant_id,
        "call_id": call_id,
        "seq": turn.seq,
        "lease": turn.lease,
        "speaker": turn.speaker,
        "text_sealed": seal(key, _words(turn.text), place("turns", tenant_id, call_id, turn.seq)),
        "language": turn.language,
        "started_ms": turn.started_ms,
        "ended_ms": turn.ended_ms,
        "kind": turn.kind,
        "intent": turn.intent,
        "interrupted": turn.interrupted,
        "stages_ms": turn.stages_ms,
        "stored_at": time.time(),
        "text_id": turn.text_id,
        "by_supervisor": turn.by_supervisor,
        "said_by": turn.said_by,
        "level_db": turn.level_db,
        "guesses_begun": turn.guesses.begun,
        "guesses_thrown_away": turn.guesses.thrown_away,
    }


def opened_turn(row: Any, key: bytes | None) -> Turn:
    at = place("turns", row.tenant_id, row.call_id, row.seq)
    return Turn(
        seq=row.seq,
        speaker=Speaker(row.speaker),
        text="" if key is None else unseal(key, row.text_sealed, at).decode(),
        language=Language(row.language),
        started_ms=row.started_ms,
        ended_ms=row.ended_ms,
        kind=None if row.kind is None else TurnKind(row.kind),
        intent=row.intent,
        interrupted=row.interrupted,
        lease=row.lease,
        stages_ms=row.stages_ms,
        text_id=row.text_id,
        by_supervisor=row.by_supervisor,
        said_by=row.said_by,
        level_db=row.level_db,
        guesses=Guesses(begun=row.guesses_begun, thrown_away=row.guesses_thrown_away),
    )


def stillborn() -> ColumnElement[bool]:
    """Which calls were created by a gateway that died before it could start their workflow: nobody will end them."""
    return calls.c.ended_at.is_(None) & (calls.c.lease == 0) & (calls.c.started_at < time.time() - STILLBORN_S)


def _end_stillborn() -> Update:
    return update(calls).values(state=CallState.ENDED, ended_at=time.time(), outcome=Outcome.LOST).where(stillborn())


async def _latest_turns(connection: AsyncConnection, call_ids: list[str]) -> dict[str, list[Any]]:
    """By call, the newest first."""
    newest_first = func.row_number().over(
        partition_by=turns.c.call_id, order_by=(turns.c.lease.desc(), turns.c.seq.desc())
    )
    counted = func.count().over(partition_by=turns.c.call_id)
    numbered = select(turns, newest_first.label("place"), counted.label("counted")).where(turns.c.call_id.in_(call_ids))
    ranked = numbered.subquery()
    query = select(ranked).where(ranked.c.place <= LATEST_TURNS).order_by(ranked.c.call_id, ranked.c.place)
    found: dict[str, list[Any]] = {}
    for row in await connection.execute(query):
        found.setdefault(row.call_id, []).append(row)
    return found


async def _must_exist(connection: AsyncConnection, call_id: str) -> None:
    if await connection.scalar(select(calls.c.call_id).where(calls.c.call_id == call_id)) is None:
        raise _unknown(call_id)


def _words(text: str) -> bytes:
    # Half a surrogate pair, which JSON can carry, becomes a question mark instead of an error.
    return text.encode(errors="replace")


def _unknown(call_id: str) -> NotFound:
    return NotFound("postgres", f"there is no call {call_id}")
