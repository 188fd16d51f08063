"""What becomes of the tickets that calls opened: changed tickets are read from each company's CRM every few minutes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog

from domain.crm import Ticket
from domain.errors import HatifError
from storage.tools.tickets import PostgresTickets
from workers.vendors.crm import ConnectedCrms

log = structlog.get_logger()

EVERY_S = 300.0
"""Between two looks at one account. A vendor's own search is minutes behind, and an account's requests are limited."""
LOOK_EVERY_S = 30.0
OVERLAP_S = 600.0
"""Read again each time: longer than any vendor's search or export is behind what was changed."""
AT_ONCE = 500
"""Changes of one look; the next begins where it ended."""


class TicketWatch:
    """`run` it beside the procedures. Tenants without an open ticket of ours are not looked at."""

    def __init__(self, tickets: PostgresTickets, crms: ConnectedCrms, clock: Callable[[], float] = time.time) -> None:
        """`clock` is the vendors'."""
        self._tickets = tickets
        self._crms = crms
        self._clock = clock

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except HatifError as error:
                log.warning("tickets_not_watched", error=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self, every_s: float = EVERY_S) -> None:
        """At every account that is due. Raises Unavailable("postgres", …)."""
        due = time.time() - every_s
        for tenant_id in await self._tickets.tenants_due(due):
            try:
                await self._look_at(tenant_id, due)
            except HatifError as error:
                # What it did not tell now it is asked for again next time.
                log.warning("changed_tickets_not_read", tenant_id=tenant_id, error=type(error).__name__)

    async def _look_at(self, tenant_id: str, due: float) -> None:
        row, crm = await self._crms.in_use(tenant_id), await self._crms.of(tenant_id)
        if row is None or crm is None:
            return
        since = await self._tickets.claim(tenant_id, row.connection_id, due)
        if since is None:
            return
        began = self._clock()
        changed = await crm.tickets_changed(datetime.fromtimestamp(since, UTC), AT_ONCE)
        read_to = next_since(changed, began)
        await self._tickets.note(tenant_id, row.connection_id, row.system, changed, read_to)


def next_since(changed: Sequence[Ticket], began: float) -> float:
    """From when on changes are read the next time."""
    return changed[-1].updated_at.timestamp() if len(changed) == AT_ONCE else began - OVERLAP_S
