"""Dialling a promised callback by itself: whether at this moment, and what became of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from temporalio import activity

from activities.heartbeat import beats
from domain.desk.callbacks import CallbackRow, Callbacks
from domain.desk.people import Presences, PresenceState
from domain.errors import HatifError, LineLost, NotFound, Refused
from domain.handoff import CALLS_BACK, HandoffAsked
from domain.outbound.calling_out import OutboundResult, request_of
from domain.outbound.opening import Opening
from domain.outbound.promised import BY_ITSELF, DialNow, dial_now, opening_of
from domain.ports import CallStore, Tenants
from domain.tenant import CallbackDialling, TenantProfile


class CallsOut(Protocol):
    """Calls as they are asked for, once for each key. Raises Unavailable("temporal", …)."""

    async def begin(
        self, tenant_id: str, key: str, number: str, tries: int = 1, opening: Opening | None = None
    ) -> str: ...

    async def result(self, tenant_id: str, call_id: str) -> OutboundResult: ...

    async def stop(self, tenant_id: str, call_id: str) -> None: ...


class RingsAtDesks(Protocol):
    async def request_handoff(self, tenant_id: str, call_id: str, asked: HandoffAsked) -> str:
        """Have a person brought into a call. Raises LineLost when it is over, Unavailable("temporal", …)."""
        ...


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
        self._desks = desks

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
            # A worker that goes away leaves the request to the next one.
            details = activity.cancellation_details()
            if details is not None and details.cancel_requested:
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
        try:
            call_id = await self._out.begin(tenant_id, asked.key, number, 1, opening)
        except Refused:
            return OutboundResult.NOT_ALLOWED  # What is no number any more, or another one now.
        result = await self._out.result(tenant_id, call_id)
        if result is OutboundResult.ANSWERED and profile.callback_dialling is CallbackDialling.ADVISOR:
            with contextlib.suppress(LineLost):  # They have hung up in this moment.
                await self._desks.request_handoff(tenant_id, call_id, HandoffAsked(reason=CALLS_BACK, by=BY_ITSELF))
        return result

    async def _profile(self, tenant_id: str) -> TenantProfile:
        profile = await self._tenants.profile(tenant_id)
        if profile is None:
            raise NotFound("postgres", f"there is no tenant {tenant_id}")
        return profile
