"""The part of the durable process that has threads answered: the brain over the model, and the way out.

It is here and not in a media worker: nobody waits on a line, and an answer that is cut short is given by the next
process. The procedures themselves run beside the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import structlog
from temporalio.client import Client
from temporalio.worker import Worker

from activities.thread import ThreadActivities
from domain.errors import HatifError
from domain.ports import Brain
from domain.tenant import TenantProfile
from domain.threads.thread import ThreadActs
from storage.actions import PostgresActions
from storage.calls import PostgresCalls
from storage.desk.reading import PostgresDesk
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tenants import PostgresTenants
from storage.threads.sending import PostgresThreads
from workers.vendors.correspondence import ConnectedMessaging, Postman
from workflows.queues import THREADS

log = structlog.get_logger()

STEPS_AT_ONCE = 20
"""Most wait for a messaging service; the brain has a bound of its own."""
STOP_WITHIN = timedelta(seconds=5)
UNTOLD_S = 10.0
"""A message that the gateway could not hand over within its own tries is taken up after this."""
LOOK_EVERY_S = 10.0


def thread_worker(
    client: Client,
    database: Database,
    keys: PostgresKeyRing,
    messaging: ConnectedMessaging,
    think: Callable[[TenantProfile], Brain],
) -> Worker:
    steps = ThreadActivities(
        threads=PostgresThreads(database, keys),
        calls=PostgresCalls(database, keys),
        tenants=PostgresTenants(database, keys),
        actions=PostgresActions(database, keys),
        notes=PostgresDesk(database, keys),
        sender=Postman(messaging),
        think=think,
    )
    return Worker(
        client,
        task_queue=THREADS,
        activities=steps.all,
        max_concurrent_activities=STEPS_AT_ONCE,
        graceful_shutdown_timeout=STOP_WITHIN,
    )


class Untold:
    """Hands over what came while Temporal, or the gateway, went away between the store and the procedure."""

    def __init__(self, threads: PostgresThreads, acts: ThreadActs, older_than_s: float = UNTOLD_S) -> None:
        self._threads = threads
        self._acts = acts
        self._older_than_s = older_than_s

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except HatifError as error:
                log.warning("untold_not_looked", error=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> int:
        """How many threads were told."""
        told = 0
        for tenant_id in await self._threads.tenants_untold(self._older_than_s):
            for arrived in await self._threads.untold(tenant_id, self._older_than_s):
                await self._acts.arrived(tenant_id, arrived)
                await self._threads.told(tenant_id, arrived.call_id, arrived.seq)
                told += 1
        return told
