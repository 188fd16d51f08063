"""Where the tickets that calls opened stand by now: kept beside the actions that opened them."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import func, select, text, update

from domain.crm import Ticket
from storage.calls import CALL_CHANGED
from storage.feed import announce
from storage.session import Database
from storage.tables import actions, attempts, connections

WATCHED_S = 30 * 86_400.0
"""A ticket that stays open for longer is asked about at the vendor."""
OPENED_BY = ("create_ticket", "book_visit")
"""Actions whose effect is a ticket."""

_open = text("SELECT * FROM hatif.tenants_with_open_tickets(:oldest, :moment)")


class PostgresTickets:
    """All times are Unix seconds. Raises Unavailable("postgres", ...)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tenants_due(self, looked_before: float) -> list[str]:
        """Whose calls opened tickets that may still change, and nobody has looked since then."""
        values = {"oldest": time.time() - WATCHED_S, "moment": looked_before}
        async with self._database.transaction() as connection:
            return list(await connection.scalars(_open, values))

    async def claim(self, tenant_id: str, connection_id: str, looked_before: float) -> float | None:
        """From when on its changes are to be read; None where another process is at it."""
        due = func.coalesce(connections.c.changes_looked_at, 0) <= looked_before
        look = (
            update(connections)
            .values(changes_looked_at=time.time())
            .where(connections.c.connection_id == connection_id, due)
            .returning(connections.c.changes_read_to)
        )
        first = select(func.min(actions.c.started_at)).where(
            actions.c.action.in_(OPENED_BY), actions.c.started_at >= time.time() - WATCHED_S
        )
        async with self._database.tenant_transaction(tenant_id) as connection:
            claimed = (await connection.execute(look)).one_or_none()
            if claimed is None:
                return None
            return claimed.changes_read_to or await connection.scalar(first) or time.time()

    async def note(
        self, tenant_id: str, connection_id: str, system: str, changed: Sequence[Ticket], read_to: float
    ) -> None:
        """Those among them that calls opened, in this system; whoever looks at such a call sees it at once."""
        done = update(connections).values(changes_read_to=read_to).where(connections.c.connection_id == connection_id)
        async with self._database.tenant_transaction(tenant_id) as connection:
            for ticket in changed:
                opened = select(attempts.c.action_key).where(
                    attempts.c.system == system, attempts.c.reference == ticket.ticket_id
                )
                news = (
                    update(actions)
                    .values(ticket_state=ticket.state, ticket_changed_at=ticket.updated_at.timestamp())
                    .where(actions.c.action.in_(OPENED_BY), actions.c.action_key.in_(opened))
                    .where(actions.c.ticket_state.is_distinct_from(ticket.state))
                    .returning(actions.c.call_id)
                )
                for call_id in (await connection.scalars(news)).all():
                    await announce(connection, tenant_id, call_id, CALL_CHANGED)
            await connection.execute(done)
