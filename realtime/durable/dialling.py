"""The activity that dials: taken from a tenant's queue by the media worker that has registered a trunk of theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

import structlog
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from domain.desk.callbacks import Contact
from domain.errors import Refused
from domain.outbound.calling_out import DIAL_NUMBER, OF_DIALLING, DialAsked, DialBook, OutboundResult
from domain.outbound.dialling import DialState
from realtime.durable.leases import answered, beat
from workflows.queues import outbound_queue
from workflows.timeouts import DIAL_LONGEST, LINE_BEAT

if TYPE_CHECKING:
    from realtime.phone.screening import Screening
    from realtime.sip.endpoint import SipEndpoint

log = structlog.get_logger()

MOST_AT_ONCE = 8


class Contacts(Protocol):
    async def contact(self, tenant_id: str, call_id: str) -> Contact: ...


class Dialling:
    """`room_for` keeps a place for the line of a call id that is being dialled; it raises Refused("no_room").

    Without `screening` whoever picks up is taken for a person.
    """

    def __init__(
        self,
        client: Client,
        sip: SipEndpoint,
        contacts: Contacts,
        book: DialBook,
        *,
        room_for: Callable[[str], AbstractContextManager[None]],
        screening: Screening | None = None,
    ) -> None:
        self._client = client
        self._sip = sip
        self._contacts = contacts
        self._book = book
        self._room_for = room_for
        self._screening = screening
        self._ringing: set[asyncio.Task[DialState]] = set()

    async def run(self) -> None:
        """Dial what is asked for, until cancelled: then hang up what rings, for nobody here would speak to who answers.

        Raises when a worker fails for good, such as for a missing namespace.
        """
        async with asyncio.TaskGroup() as group:
            for tenant_id in self._sip.trunks.tenants:
                group.create_task(self._dial_for(tenant_id))

    async def _dial_for(self, tenant_id: str) -> None:
        trunks = self._sip.trunks
        while True:
            await trunks.until(lambda: trunks.is_registered(tenant_id))
            worker = Worker(
                self._client,
                task_queue=outbound_queue(tenant_id),
                activities=[self.dial_number],
                max_concurrent_activities=MOST_AT_ONCE,
                max_heartbeat_throttle_interval=LINE_BEAT,
                # A trunk whose registration is gone dials no more; what rings by it may still be answered.
                graceful_shutdown_timeout=DIAL_LONGEST,
            )
            async with asyncio.TaskGroup() as group:
                group.create_task(worker.run())
                try:
                    await trunks.until(lambda: not trunks.is_registered(tenant_id))
                except asyncio.CancelledError:
                    for dial in self._ringing:
                        dial.cancel()
                    raise
                await worker.shutdown()

    @activity.defn(name=DIAL_NUMBER)
    async def dial_number(self, asked: DialAsked) -> OutboundResult:
        beating = asyncio.create_task(beat())
        try:
            return await answered(self._dial(asked))
        finally:
            beating.cancel()

    async def _dial(self, asked: DialAsked) -> OutboundResult:
        number = (await self._contacts.contact(asked.tenant_id, asked.call_id)).number
        if number is None:
            raise Refused("no_number", "The number of this call is not known any more.")
        with self._room_for(asked.call_id):
            way = self._sip.trunks.way(asked.tenant_id, number)
            await self._book.count(asked.tenant_id, asked.call_id, way.an_hour)
            dial = asyncio.create_task(
                self._sip.dial(
                    asked.tenant_id,
                    way,
                    asked.call_id,
                    lambda: log.info("number_rings", call_id=asked.call_id),
                    self._screening if asked.is_screened else None,
                )
            )
            self._ringing.add(dial)
            try:
                return OF_DIALLING[await dial]
            except asyncio.CancelledError:
                dial.cancel()
                await asyncio.wait([dial])
                if activity.is_cancelled():
                    raise
                raise Refused("hung_up", "This worker goes away.") from None
            finally:
                self._ringing.discard(dial)
