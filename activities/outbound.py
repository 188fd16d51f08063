"""What a call that Hatif makes needs of the store and of the rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio import activity

from domain.call import Outcome
from domain.desk.callbacks import Callbacks
from domain.errors import NotFound
from domain.outbound.calling_out import (
    DialAsked,
    DialBook,
    OutboundResult,
    OutboundStart,
    call_of_try,
    next_dial,
    why_not,
)
from domain.ports import Audit, CallStore, Tenants
from domain.tenant import TenantProfile

BY = "outbound"
"""Who the audit says did it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trying:
    """One try of a request."""

    start: OutboundStart
    number: int
    """1 for the first."""
    now: float
    """Unix seconds of the workflow's clock, here and below."""

    @property
    def call_id(self) -> str:
        return call_of_try(self.start.call_id, self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    trying: Trying
    result: OutboundResult
    now: float


class OutboundActivities:
    def __init__(
        self, *, callbacks: Callbacks, tenants: Tenants, calls: CallStore, book: DialBook, audit: Audit
    ) -> None:
        self._callbacks = callbacks
        self._tenants = tenants
        self._calls = calls
        self._book = book
        self._audit = audit

    @property
    def all(self) -> tuple[Callable[..., Any], ...]:
        return (self.why_not_call, self.has_begun, self.note_dialled, self.may_dial_back)

    @activity.defn
    async def why_not_call(self, trying: Trying) -> OutboundResult | None:
        """None when the number may be dialled now; then this try's call is there."""
        tenant_id = trying.start.tenant_id
        contact = await self._callbacks.contact(tenant_id, trying.start.call_id)
        refusal = why_not(await self._profile(tenant_id), contact, datetime.fromtimestamp(trying.now, UTC))
        if refusal is not None or contact.number is None:
            return refusal or OutboundResult.NO_NUMBER
        opening = await self._book.opening(tenant_id, trying.start.call_id)
        await self._book.ask(tenant_id, trying.call_id, contact.number, opening)
        row = await self._calls.call(tenant_id, trying.call_id)
        return OutboundResult.NO_LINE if row is None or row.ended_at is not None else None

    @activity.defn
    async def has_begun(self, asked: DialAsked) -> bool:
        """Whether a line of this call was ever open."""
        row = await self._calls.call(asked.tenant_id, asked.call_id)
        return row is not None and row.lease > 0

    @activity.defn
    async def note_dialled(self, tried: Tried) -> float | None:
        """End the call of somebody who was not reached, write down what became of it, and say when the next try is."""
        trying, result = tried.trying, tried.result
        tenant_id, call_id = trying.start.tenant_id, trying.call_id
        if result is not OutboundResult.ANSWERED:
            outcome = Outcome.BUSY if result is OutboundResult.BUSY else Outcome.NOT_REACHED
            if await self._calls.call(tenant_id, call_id) is not None:
                await self._calls.end_call(tenant_id, call_id, outcome)
        await self._audit.record(tenant_id, BY, "number_dialled", call_id, {"result": result})
        again = next_dial(
            await self._profile(tenant_id),
            await self._callbacks.contact(tenant_id, trying.start.call_id),
            result,
            tries=trying.number,
            most=trying.start.tries,
            now=datetime.fromtimestamp(tried.now, UTC),
        )
        return None if again is None else again.timestamp()

    @activity.defn
    async def may_dial_back(self, asked: DialAsked) -> bool:
        """Whether a caller whose line died is dialled; at any hour, for they were calling a moment ago."""
        profile = await self._profile(asked.tenant_id)
        contact = await self._callbacks.contact(asked.tenant_id, asked.call_id)
        if not profile.dials_lost_callers or contact.number is None or contact.is_forbidden:
            return False
        await self._audit.record(asked.tenant_id, BY, "lost_caller_dialled", asked.call_id, {})
        return True

    async def _profile(self, tenant_id: str) -> TenantProfile:
        profile = await self._tenants.profile(tenant_id)
        if profile is None:
            raise NotFound("postgres", f"there is no tenant {tenant_id}")
        return profile
