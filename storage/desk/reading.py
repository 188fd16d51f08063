"""What the desk's pages read of handoffs: where each stands, its brief, and what an advisor has done."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.desk.handoffs import Brief, HandoffRow, HandoffState, Left, OfferResult, OfferRow, Waiting
from domain.ports import KeyRing
from domain.speech import Language
from storage.desk.handoffs import brief_of, note_of, notes_of
from storage.desk.tables import handoffs, offers
from storage.session import Database
from storage.tables import users

MOST_HISTORY = 500
"""Ceiling of one listing: what a page can show."""


class PostgresDesk:
    """Implements domain.desk.handoffs.Desk, and PeopleNames."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys

    async def handoff(self, tenant_id: str, handoff_id: str) -> HandoffRow | None:
        found = await self._handoffs(tenant_id, select(handoffs).where(handoffs.c.handoff_id == handoff_id))
        return found[0] if found else None

    async def handoffs_of(self, tenant_id: str, call_id: str) -> list[HandoffRow]:
        query = select(handoffs).where(handoffs.c.call_id == call_id)
        return await self._handoffs(tenant_id, query.order_by(handoffs.c.number))

    async def live(self, tenant_id: str) -> list[HandoffRow]:
        query = select(handoffs).where(handoffs.c.ended_at.is_(None))
        return await self._handoffs(tenant_id, query.order_by(handoffs.c.created_at))

    async def brief(self, tenant_id: str, handoff_id: str) -> Brief | None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = await _one(connection, select(handoffs).where(handoffs.c.handoff_id == handoff_id))
        if row is None or row.brief_sealed is None:
            return None
        key = await self._keys.key(tenant_id, row.call_id)
        return None if key is None else brief_of(row, key)

    async def note(self, tenant_id: str, handoff_id: str) -> str | None:
        noted = select(offers).where(offers.c.handoff_id == handoff_id, offers.c.note_sealed.is_not(None))
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = await _one(connection, noted.order_by(offers.c.number.desc()).limit(1))
        if row is None:
            return None
        key = await self._keys.key(tenant_id, row.call_id)
        return None if key is None else note_of(row, key)

    async def person_name(self, tenant_id: str, user_id: str) -> str | None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            return await connection.scalar(select(users.c.name).where(users.c.user_id == user_id))

    async def offers(self, tenant_id: str, handoff_id: str) -> list[OfferRow]:
        query = select(offers).where(offers.c.handoff_id == handoff_id)
        return await self._offers(tenant_id, query.order_by(offers.c.number))

    async def wrap_ups(self, tenant_id: str, advisor_id: str) -> list[OfferRow]:
        query = select(offers).where(
            offers.c.advisor_id == advisor_id,
            offers.c.wrap_up_until.is_not(None),
            offers.c.wrapped_up_at.is_(None),
        )
        return await self._offers(tenant_id, query.order_by(offers.c.offered_at))

    async def history(self, tenant_id: str, advisor_id: str, limit: int) -> list[OfferRow]:
        """At most MOST_HISTORY."""
        taken = select(offers).where(offers.c.advisor_id == advisor_id, offers.c.result == OfferResult.ACCEPTED)
        query = taken.order_by(offers.c.offered_at.desc()).limit(max(0, min(limit, MOST_HISTORY)))
        return await self._offers(tenant_id, query)

    async def waiting(self, tenant_id: str) -> list[Waiting]:
        query = select(handoffs.c.queue_id, func.count().label("many"), func.min(handoffs.c.created_at).label("since"))
        waits = handoffs.c.state.in_((HandoffState.WAITING, HandoffState.ADRIFT))
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = await connection.execute(
                query.where(waits).group_by(handoffs.c.queue_id).order_by(handoffs.c.queue_id)
            )
            return [Waiting(queue_id=row.queue_id, count=row.many, since=row.since) for row in rows]

    async def _handoffs(self, tenant_id: str, query: Select[Any]) -> list[HandoffRow]:
        async with self._database.tenant_transaction(tenant_id) as connection:
            return [_handoff(row) for row in await connection.execute(query)]

    async def _offers(self, tenant_id: str, query: Select[Any]) -> list[OfferRow]:
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).all()
        return [await self._offer(row) for row in rows]

    async def _offer(self, row: Any) -> OfferRow:
        notes = None
        if row.notes_sealed is not None and (key := await self._keys.key(row.tenant_id, row.call_id)) is not None:
            notes = notes_of(row, key)
        return OfferRow(
            handoff_id=row.handoff_id,
            call_id=row.call_id,
            number=row.number,
            advisor_id=row.advisor_id,
            result=OfferResult(row.result),
            offered_at=row.offered_at,
            answered_at=row.answered_at,
            left=None if row.left_how is None else Left(row.left_how),
            left_at=row.left_at,
            wrap_up_until=row.wrap_up_until,
            wrapped_up_at=row.wrapped_up_at,
            disposition=row.disposition,
            notes=notes,
        )


async def _one(connection: AsyncConnection, query: Select[Any]) -> Any:
    return (await connection.execute(query)).one_or_none()


def _handoff(row: Any) -> HandoffRow:
    return HandoffRow(
        handoff_id=row.handoff_id,
        call_id=row.call_id,
        number=row.number,
        reason=row.reason,
        urgent=row.urgent,
        by=row.asked_by,
        language=Language(row.language),
        queue_id=row.queue_id,
        state=HandoffState(row.state),
        created_at=row.created_at,
        wanted_advisor=row.wanted_advisor,
        offer_number=row.offer_number,
        offered_to=row.offered_to,
        offered_until=row.offered_until,
        accepted_by=row.accepted_by,
        accepted_at=row.accepted_at,
        joined_at=row.joined_at,
        ended_at=row.ended_at,
        result=row.result,
    )
