"""The CRM at the far end: a Zendesk as its documents describe it, connected to the demo shop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from domain.acting.connection import ConnectionRow
from storage.connections import PostgresConnections, PostgresSecrets
from storage.keys import PostgresKeyRing, master_key
from tests.chaos.platform import Platform
from tests.connectors.fakes.server import Clock, Request
from tests.connectors.fakes.zendesk import FakeZendesk

ANSWERS_AFTER_S = 0.7
"""A vendor's usual answer, so that a fault can strike while a tool runs."""


class SlowZendesk(FakeZendesk):
    """As slow as a real one. What it did is counted in its own records."""

    async def _one(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(ANSWERS_AFTER_S)
        return await super()._one(request, reader, writer)

    def effects_of(self, word: str) -> int:
        return sum(word in str(ticket) for ticket in self.tickets.values())


@dataclass
class ConnectedVendor:
    """Implements tests.chaos.rounds.Vendor."""

    fake: SlowZendesk

    def effects(self, word: str) -> int:
        return self.fake.effects_of(word)


@contextlib.asynccontextmanager
async def running_vendor(platform: Platform) -> AsyncIterator[ConnectedVendor]:
    fake = SlowZendesk(Clock(runs=True))
    fake.credentials.add("Bearer chaos")
    keys = PostgresKeyRing(platform.database, master_key(platform.settings.keys_dir))
    async with fake.serving() as url:
        await PostgresSecrets(platform.database, keys, platform.tenant_id).write("crm.key", "chaos")
        await PostgresConnections(platform.database).save(
            ConnectionRow(tenant_id=platform.tenant_id, connection_id="crm", system="zendesk", url=url)
        )
        yield ConnectedVendor(fake)
