"""Dialling a promised callback by itself: whether at this moment, and what became of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from temporalio import activity

from activities.heartbeat import beats, is_called_off
from activities.placing import CallsOut, Placing, RingsAtDesks
from domain.desk.callbacks import CallbackRow, Callbacks
from domain.desk.people import Presences, PresenceState
from domain.errors import HatifError, NotFound
from domain.handoff import CALLS_BACK, HandoffAsked
from domain.outbound.calling_out import OutboundResult, request_of
from domain.outbound.promised import BY_ITSELF, DialNow, dial_now, opening_of
from domain.ports import CallStore, Tenants
from domain.tenant import CallbackDialling, TenantProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class DialPromise:
    tenant_id: str
    row: CallbackRow
    """Without its contact, which stays in the store."""
    again: int = 0
    """How often this try found no line before."""

    @property
    def key(self) -> str:
        """The first one is what the desk's button asks by: they are one request, which dials once."""
        asked = f"callback/{self.row.callback_id}/{self.row.tries}"
        return f"{asked}/{self.again}" if self.again else asked


class PromisedDialActivities:
    def __init__(
        self,
        *,
        callbacks: Callbacks,
        tenants: Tenants,
        calls: CallStore,
        presences: Presences,
        out: CallsOut,
        desks: RingsAtDesks,
    ) -> None:
        self._callbacks = callbacks
        self._tenants = tenants
        self._calls = calls
        self._presences = presences
        self._out = out
        self._placing = Placing(out, desks)

    @property
    def all(self) -> tuple[Callable[..., Any], ...]:
        return (self.may_dial_promise, self.dial_promise)

    @activity.defn
    async def may_dial_promise(self, asked: DialPromise) -> DialNow:
        profile = await self._profile(asked.tenant_id)
        if profile.callback_dialling is CallbackDialling.BY_HAND:
            return DialNow.NO
        contact = await self._callbacks.contact(asked.tenant_id, asked.row.call_id)
        stand = await self._presences.presences(asked.tenant_id)
        ready = any(presence.state is PresenceState.READY for presence in stand)
        return dial_now(profile, contact, is_anybody_ready=ready)

    @activity.defn
    async def dial_promise(self, asked: DialPromise) -> OutboundResult:
        """Run again after a crash, it is the same request. Cancelled, nobody is called any more."""
        beating = asyncio.create_task(beats())
        try:
            return await self._dial(asked)
        except asyncio.CancelledError:
            if is_called_off():
                with contextlib.suppress(HatifError):
                    await self._out.stop(asked.tenant_id, request_of(asked.tenant_id, asked.key))
            raise
        finally:
            beating.cancel()

    async def _dial(self, asked: DialPromise) -> OutboundResult:
        tenant_id, row = asked.tenant_id, asked.row
        profile = await self._profile(tenant_id)
        number = (await self._callbacks.contact(tenant_id, row.call_id)).number
        if number is None:
            return OutboundResult.NO_NUMBER
        called = await self._calls.call(tenant_id, row.call_id)
        opening = opening_of(row.reason, profile, row.language, None if called is None else called.summary)
        to_advisor = profile.callback_dialling is CallbackDialling.ADVISOR
        handoff = HandoffAsked(reason=CALLS_BACK, by=BY_ITSELF) if to_advisor else None
        return await self._placing.place(tenant_id, asked.key, number, opening, handoff)

    async def _profile(self, tenant_id: str) -> TenantProfile:
        profile = await self._tenants.profile(tenant_id)
        if profile is None:
            raise NotFound("postgres", f"there is no tenant {tenant_id}")
        return profile
