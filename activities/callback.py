"""What a promised callback needs of the store and of the rules: when it may be kept, and where it stands."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from temporalio import activity

from domain.desk import promises
from domain.desk.callbacks import CallbackReason, CallbackRow, Callbacks, Contact
from domain.desk.contact import spoken_number
from domain.desk.handoffs import DESK_CHANGED
from domain.errors import HatifError, NotFound
from domain.handoff import PromiseCallback, handoff_id
from domain.ports import CallStore, LiveFeed, Tenants
from domain.tenant import TenantProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class Promising:
    """`now` is Unix seconds of the workflow's clock, everywhere here."""

    promise: PromiseCallback
    now: float
    needs_number: bool = False
    """Promise nothing without a number to call: there is somebody who can be asked for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    row: CallbackRow | None
    """None while a number is needed first: then nothing is promised."""
    told_at: float | None
    """What the caller may be told; None for as soon as somebody can."""
    off: bool = False
    """The tenant promises no callbacks: nothing is promised, and no number is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A promise as its workflow knows it. The contact stays in the store."""

    tenant_id: str
    row: CallbackRow
    now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    tenant_id: str
    row: CallbackRow
    at: float


class CallbackActivities:
    def __init__(self, *, callbacks: Callbacks, tenants: Tenants, calls: CallStore, feed: LiveFeed) -> None:
        self._callbacks = callbacks
        self._tenants = tenants
        self._calls = calls
        self._feed = feed

    @property
    def all(self) -> tuple[Callable[..., Any], ...]:
        return (self.promise, self.come_due, self.put_off, self.move_callback, self.save_callback)

    @activity.defn
    async def promise(self, asked: Promising) -> Promised | None:
        """None when there is nobody to call."""
        promise = asked.promise
        profile = await self._profile(promise.tenant_id)
        if not profile.callbacks:
            return Promised(row=None, told_at=None, off=True)
        contact = await self._contact(promise.tenant_id, promise.call_id)
        new = promises.first_promise(
            handoff_id(promise.call_id, promise.number),
            promise.call_id,
            CallbackReason(promise.reason),
            promise.language or profile.default_language,
            profile,
            contact,
            now=asked.now,
            due_at=promise.due_at,
        )
        if new is None:
            return None
        if asked.needs_number and contact.number is None:
            return Promised(row=None, told_at=_told(new.next_try_at, asked.now))
        row = await self._callbacks.promise(promise.tenant_id, new)
        await self._tell(promise.tenant_id, promise.call_id)
        return Promised(row=replace(row, contact=None), told_at=_told(row.next_try_at, asked.now))

    @activity.defn
    async def come_due(self, standing: Standing) -> CallbackRow:
        row, tenant_id = standing.row, standing.tenant_id
        contact = await self._contact(tenant_id, row.call_id)
        return promises.come_due(row, await self._profile(tenant_id), contact, now=standing.now)

    @activity.defn
    async def put_off(self, standing: Standing) -> CallbackRow:
        row, tenant_id = standing.row, standing.tenant_id
        contact = await self._contact(tenant_id, row.call_id)
        return promises.put_off(row, await self._profile(tenant_id), contact, now=standing.now)

    @activity.defn
    async def move_callback(self, moving: Moving) -> CallbackRow:
        return promises.moved(moving.row, await self._profile(moving.tenant_id), at=moving.at)

    @activity.defn
    async def save_callback(self, standing: Standing) -> None:
        await self._callbacks.save(standing.tenant_id, standing.row)
        await self._tell(standing.tenant_id, standing.row.call_id)

    async def _contact(self, tenant_id: str, call_id: str) -> Contact:
        """The number that was noted, or else the one that the caller said."""
        contact = await self._callbacks.contact(tenant_id, call_id)
        if contact.number is not None:
            return contact
        said = spoken_number(await self._calls.turns(tenant_id, call_id))
        if said is None:
            return contact
        await self._callbacks.note_contact(tenant_id, call_id, said, own=False)
        return await self._callbacks.contact(tenant_id, call_id)

    async def _profile(self, tenant_id: str) -> TenantProfile:
        profile = await self._tenants.profile(tenant_id)
        if profile is None:
            raise NotFound("postgres", f"there is no tenant {tenant_id}")
        return profile

    async def _tell(self, tenant_id: str, call_id: str) -> None:
        """Pages that miss an event look again by themselves."""
        with contextlib.suppress(HatifError):
            await self._feed.publish(tenant_id, call_id, DESK_CHANGED)


def _told(at: float, now: float) -> float | None:
    return None if at <= now + promises.SOON_S else at
