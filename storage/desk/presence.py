"""Where advisors stand, one row for each: whoever has two tabs is still one advisor."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.desk.handoffs import OfferResult
from domain.desk.people import AwayReason, Presence, PresenceState, TabOpened
from domain.errors import Refused
from storage.desk.tables import handoffs, offers, presence
from storage.session import Database

FORGOTTEN_S = 60.0
"""A ringing or a form this long past its end has lost the workflow that would have ended it."""
_CHOICES = (PresenceState.READY, PresenceState.AWAY)


class PostgresPresences:
    """Implements domain.desk.people.Presences."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open_tab(self, tenant_id: str, advisor_id: str, tab: str, until: float) -> TabOpened:
        now = time.time()
        first = insert(presence).values(
            tenant_id=tenant_id,
            user_id=advisor_id,
            state=PresenceState.AWAY,
            away=AwayReason.RETURNED,
            since=now,
            idle_since=now,
            tab=tab,
            expires_at=until,
        )
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(first.on_conflict_do_nothing())
            row = await _locked(connection, advisor_id)
            values: dict[str, Any] = {"tab": tab, "expires_at": until}
            if await _is_forgotten(connection, row) or (row.expires_at <= now and row.state == PresenceState.READY):
                values |= stands_at(PresenceState.AWAY, now, away=AwayReason.RETURNED)
            await connection.execute(update(presence).values(values).where(presence.c.user_id == advisor_id))
            opened = presence_of(await _locked(connection, advisor_id), now)
        replaced = row.tab if row.tab != tab and row.expires_at > now else None
        return TabOpened(presence=opened, replaced=replaced)

    async def keep_tab(self, tenant_id: str, advisor_id: str, tab: str, until: float) -> bool:
        keep = update(presence).values(expires_at=until)
        async with self._database.tenant_transaction(tenant_id) as connection:
            kept = await connection.execute(keep.where(presence.c.user_id == advisor_id, presence.c.tab == tab))
        return kept.rowcount == 1

    async def choose(self, tenant_id: str, advisor_id: str, tab: str, state: PresenceState) -> Presence:
        if state not in _CHOICES:
            raise Refused("bad_state", "Choose ready or away; the rest follows from your calls.")
        now = time.time()
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = await _locked(connection, advisor_id)
            if row is None or row.tab != tab:
                raise Refused("tab_replaced", "Another tab of yours speaks for you now.")
            if row.state in _CHOICES or await _is_forgotten(connection, row):
                away = AwayReason.CHOSEN if state is PresenceState.AWAY else None
                values = stands_at(state, now, away=away)
                if row.state == state:
                    values |= {"since": row.since}
                elif state is PresenceState.READY:
                    values |= {"idle_since": now}
            else:
                values = {"next_state": state}
            await connection.execute(update(presence).values(values).where(presence.c.user_id == advisor_id))
            return presence_of(await _locked(connection, advisor_id), now)

    async def presence(self, tenant_id: str, advisor_id: str) -> Presence:
        query = select(presence).where(presence.c.user_id == advisor_id)
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return Presence(advisor_id=advisor_id, state=PresenceState.OFFLINE, since=0.0, idle_since=0.0)
        return presence_of(row, time.time())

    async def presences(self, tenant_id: str) -> list[Presence]:
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = await connection.execute(select(presence).order_by(presence.c.user_id))
            return [presence_of(row, time.time()) for row in rows]


def stands_at(
    state: PresenceState, now: float, *, away: AwayReason | None = None, handoff_id: str | None = None
) -> dict[str, Any]:
    """The values of a row that comes into a state."""
    return {"state": state, "since": now, "away": away, "handoff_id": handoff_id, "next_state": None}


def presence_of(row: Any, now: float) -> Presence:
    """OFFLINE once the tab has expired, whatever the advisor did before."""
    offline = row.expires_at <= now
    return Presence(
        advisor_id=row.user_id,
        state=PresenceState.OFFLINE if offline else PresenceState(row.state),
        since=row.expires_at if offline else row.since,
        idle_since=row.idle_since,
        tab=None if offline else row.tab,
        expires_at=row.expires_at,
        handoff_id=row.handoff_id,
        away=None if offline or row.away is None else AwayReason(row.away),
        next_state=None if row.next_state is None else PresenceState(row.next_state),
    )


async def _locked(connection: AsyncConnection, advisor_id: str) -> Any:
    query = select(presence).where(presence.c.user_id == advisor_id).with_for_update()
    return (await connection.execute(query)).one_or_none()


async def _is_forgotten(connection: AsyncConnection, row: Any) -> bool:
    """Whether the handoff that keeps an advisor is over, or gone, without having let go of them."""
    if row.handoff_id is None:
        return False
    lately = time.time() - FORGOTTEN_S
    mine = (offers.c.handoff_id == row.handoff_id) & (offers.c.advisor_id == row.user_id)
    match PresenceState(row.state):
        case PresenceState.RINGING:
            holds = select(handoffs.c.handoff_id).where(
                handoffs.c.handoff_id == row.handoff_id, handoffs.c.offered_until > lately
            )
        case PresenceState.WRAP_UP:
            holds = select(offers.c.handoff_id).where(
                mine, offers.c.wrapped_up_at.is_(None), offers.c.wrap_up_until > lately
            )
        case _:
            holds = select(offers.c.handoff_id).where(
                mine, offers.c.result == OfferResult.ACCEPTED, offers.c.left_at.is_(None)
            )
    return await connection.scalar(holds.limit(1)) is None
