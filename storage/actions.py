"""The actions of calls, and the memory of what was begun at other systems under their keys."""

from __future__ import annotations

import json
import time
from typing import Any

from sqlalchemy import Update, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.acting.action import LOOKED_AFTER, OVER, ActionRow, ActionStart, ActionState, ActResult
from domain.actions import Attempt
from domain.desk.handoffs import DESK_CHANGED
from domain.errors import Rejected
from domain.ports import KeyRing
from storage.feed import announce
from storage.sealing import place, seal, unseal
from storage.session import Database
from storage.tables import actions, attempts

MOST_TASKS = 200
"""Ceiling of one listing: what a page can show."""
_WAITING = (ActionState.UNKNOWN, ActionState.WAITING_APPROVAL)


class PostgresActions:
    """Implements domain.acting.action.ActionStore; open desks are told of every task that comes, or is settled."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys

    async def begin(self, start: ActionStart, state: ActionState) -> None:
        """Raises Rejected when the call is unknown, or its words were erased."""
        key = await self._keys.key(start.tenant_id, start.call_id)
        if key is None:
            raise Rejected("postgres", f"call {start.call_id} is unknown, or its words were erased")
        slots = json.dumps(dict(start.slots), ensure_ascii=True, sort_keys=True).encode()
        row = insert(actions).values(
            tenant_id=start.tenant_id,
            call_id=start.call_id,
            action_key=start.key,
            action=start.action,
            lease=start.lease,
            state=state,
            started_at=time.time(),
            slots_sealed=seal(key, slots, place("actions", start.tenant_id, start.call_id, start.key)),
        )
        async with self._database.tenant_transaction(start.tenant_id) as connection:
            begun = await connection.execute(row.on_conflict_do_nothing())
            if begun.rowcount == 1 and state in _WAITING:
                await announce(connection, start.tenant_id, start.call_id, DESK_CHANGED)

    async def settle(self, tenant_id: str, result: ActResult, call_id: str) -> None:
        change = (
            update(actions)
            .values(state=result.state, reference=result.reference, reason=result.reason, finished_at=time.time())
            .where(actions.c.call_id == call_id, actions.c.action_key == result.key, actions.c.state.not_in(OVER))
        )
        await self._change(tenant_id, call_id, change)

    async def of_call(self, tenant_id: str, call_id: str) -> list[ActionRow]:
        query = select(actions).where(actions.c.call_id == call_id).order_by(actions.c.started_at, actions.c.action_key)
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).all()
        return [await self._row(row) for row in rows]

    async def open_tasks(self, tenant_id: str, limit: int) -> list[ActionRow]:
        """At most MOST_TASKS."""
        query = (
            select(actions)
            .where(actions.c.state.in_(_WAITING), actions.c.reason.is_distinct_from(LOOKED_AFTER))
            .order_by(actions.c.started_at)
            .limit(max(0, min(limit, MOST_TASKS)))
        )
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).all()
        return [await self._row(row) for row in rows]

    async def note_decided(self, tenant_id: str, call_id: str, key: str) -> None:
        waits = actions.c.state == ActionState.WAITING_APPROVAL
        change = update(actions).values(state=ActionState.RUNNING)
        await self._change(
            tenant_id, call_id, change.where(actions.c.call_id == call_id, actions.c.action_key == key, waits)
        )

    async def note_looked_after(self, tenant_id: str, call_id: str, key: str) -> bool:
        open_yet = (actions.c.state == ActionState.UNKNOWN) & actions.c.reason.is_distinct_from(LOOKED_AFTER)
        change = update(actions).values(reason=LOOKED_AFTER)
        return await self._change(
            tenant_id, call_id, change.where(actions.c.call_id == call_id, actions.c.action_key == key, open_yet)
        )

    async def _change(self, tenant_id: str, call_id: str, change: Update) -> bool:
        """Whether it changed anything."""
        async with self._database.tenant_transaction(tenant_id) as connection:
            changed = (await connection.execute(change)).rowcount == 1
            if changed:
                await announce(connection, tenant_id, call_id, DESK_CHANGED)
        return changed

    async def _row(self, row: Any) -> ActionRow:
        key = await self._keys.key(row.tenant_id, row.call_id)
        slots: dict[str, str] = {}
        if key is not None and row.slots_sealed is not None:
            at = place("actions", row.tenant_id, row.call_id, row.action_key)
            slots = json.loads(unseal(key, row.slots_sealed, at))
        return ActionRow(
            tenant_id=row.tenant_id,
            call_id=row.call_id,
            key=row.action_key,
            action=row.action,
            state=ActionState(row.state),
            lease=row.lease,
            started_at=row.started_at,
            finished_at=row.finished_at,
            slots=slots,
            reference=row.reference,
            reason=row.reason,
            ticket_state=row.ticket_state,
            ticket_changed_at=row.ticket_changed_at,
        )


class PostgresAttempts:
    """Implements domain.actions.Attempts for one tenant."""

    def __init__(self, database: Database, tenant_id: str) -> None:
        self._database = database
        self._tenant_id = tenant_id

    async def earlier(self, system: str, key: str) -> Attempt | None:
        query = select(attempts).where(attempts.c.system == system, attempts.c.action_key == key)
        async with self._database.tenant_transaction(self._tenant_id) as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        return Attempt(count=row.requests, begun_at_s=row.begun_at, reference=row.reference)

    async def begin(self, system: str, key: str, at_s: float, *, after: int) -> bool:
        async with self._database.tenant_transaction(self._tenant_id) as connection:
            if after == 0:
                row = insert(attempts).values(
                    tenant_id=self._tenant_id, system=system, action_key=key, requests=1, begun_at=at_s
                )
                if (await connection.execute(row.on_conflict_do_nothing())).rowcount == 1:
                    return True
            again = (
                update(attempts)
                .values(requests=after + 1, begun_at=at_s)
                .where(attempts.c.system == system, attempts.c.action_key == key)
                .where(attempts.c.requests == after, attempts.c.reference.is_(None))
            )
            return (await connection.execute(again)).rowcount == 1

    async def withdraw(self, system: str, key: str) -> None:
        change = (
            update(attempts)
            .values(requests=attempts.c.requests - 1)
            .where(attempts.c.system == system, attempts.c.action_key == key, attempts.c.requests > 0)
        )
        async with self._database.tenant_transaction(self._tenant_id) as connection:
            await connection.execute(change)

    async def finish(self, system: str, key: str, reference: str, at_s: float) -> None:
        row = insert(attempts).values(
            tenant_id=self._tenant_id, system=system, action_key=key, requests=0, begun_at=at_s, reference=reference
        )
        kept = row.on_conflict_do_update(
            index_elements=["tenant_id", "system", "action_key"],
            set_={"reference": reference},
            where=attempts.c.reference.is_(None),
        )
        async with self._database.tenant_transaction(self._tenant_id) as connection:
            await connection.execute(kept)
