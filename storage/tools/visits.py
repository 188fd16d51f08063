"""The book of a tenant's technicians: which window of which day has how many visits."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from domain.acting.visits import FULL, NewVisit, Window
from domain.errors import Rejected
from storage.session import Database
from storage.tools.tables import visits

_ONE_AFTER_ANOTHER = text("SELECT pg_advisory_xact_lock(hashtextextended(:window, 0))")
"""Of the bookings of one window, so that the last place in it is given once."""


class PostgresVisits:
    """Implements domain.acting.visits.VisitBook."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def taken(self, tenant_id: str, first: date, last: date) -> Mapping[Window, int]:
        window = (visits.c.day, visits.c.opens, visits.c.closes)
        query = (
            select(*window, func.count())
            .where(visits.c.day.between(first, last), visits.c.cancelled_at.is_(None))
            .group_by(*window)
        )
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).all()
        return {Window(day=day, opens=opens, closes=closes): count for day, opens, closes, count in rows}

    async def book(self, tenant_id: str, visit: NewVisit) -> None:
        window = visit.window
        place = f"{tenant_id}/{window.day.isoformat()}/{window.opens}"
        in_it = (visits.c.day == window.day, visits.c.opens == window.opens, visits.c.closes == window.closes)
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(_ONE_AFTER_ANOTHER, {"window": place})
            if await connection.scalar(select(visits.c.visit_key).where(visits.c.visit_key == visit.key)) is not None:
                return
            count = await connection.scalar(
                select(func.count()).select_from(visits).where(*in_it, visits.c.cancelled_at.is_(None))
            )
            if (count or 0) >= visit.at_once:
                raise Rejected("visits", FULL)
            row = insert(visits).values(
                tenant_id=tenant_id,
                visit_key=visit.key,
                call_id=visit.call_id,
                day=window.day,
                opens=window.opens,
                closes=window.closes,
                booked_at=time.time(),
            )
            await connection.execute(row.on_conflict_do_nothing())

    async def cancel(self, tenant_id: str, key: str) -> None:
        change = update(visits).values(cancelled_at=time.time())
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(change.where(visits.c.visit_key == key, visits.c.cancelled_at.is_(None)))
