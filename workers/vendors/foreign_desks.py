"""Telling foreign desks what waits for them in the store: at least once, soon, and not for ever."""

from __future__ import annotations

import asyncio
import time

import structlog

from connectors.desk_hook import DeskMessenger
from domain.desk.hooks import OutgoingEvent
from domain.errors import HatifError, Rejected
from storage.desk.hooks import PostgresDeskHooks
from workers.settings import Settings, hosts_in

log = structlog.get_logger()

LOOK_EVERY_S = 1.0
"""A desk that rings a second later than ours is no loss; asking costs a millisecond."""
AWAY_S = 5.0
"""While the store is away."""
PAUSES_S = (2.0, 5.0, 15.0, 60.0, 300.0, 900.0)
"""Before each next try; a caller who waited longer ago than all of these is gone anyway."""


class ForeignDesks:
    """`run` it beside the procedures."""

    def __init__(self, hooks: PostgresDeskHooks, messenger: DeskMessenger) -> None:
        self._hooks = hooks
        self._messenger = messenger

    async def run(self) -> None:
        while True:
            try:
                await self.tell_all()
            except HatifError as error:
                log.warning("foreign_desks_not_told", reason=type(error).__name__)
                await asyncio.sleep(AWAY_S)
            await asyncio.sleep(LOOK_EVERY_S)

    async def tell_all(self) -> None:
        """Everything that is due now. Raises Unavailable("postgres", …)."""
        tenants = await self._hooks.tenants_due()
        # A tenant whose desk is slow holds up nobody else's.
        await asyncio.gather(*(self._tell_one(tenant_id) for tenant_id in tenants))

    async def _tell_one(self, tenant_id: str) -> None:
        events = await self._hooks.claim(tenant_id)
        hook, secret = await self._hooks.hook(tenant_id), await self._hooks.secret(tenant_id)
        for event in events:
            if hook is None or secret is None:
                await self._hooks.not_delivered(event, None)
                continue
            try:
                await self._messenger.tell(hook, secret, event)
            except HatifError as error:
                again = None if isinstance(error, Rejected) else next_try(event, time.time())
                log.warning("foreign_desk_not_told", event_id=event.event_id, tries=event.tries, given_up=again is None)
                await self._hooks.not_delivered(event, again)
            else:
                await self._hooks.delivered(event)


def messenger_of(settings: Settings) -> DeskMessenger:
    return DeskMessenger(hosts_in(settings.private_hook_hosts), time.time)


def next_try(event: OutgoingEvent, now: float) -> float | None:
    """None after the last."""
    return now + PAUSES_S[event.tries - 1] if event.tries <= len(PAUSES_S) else None
