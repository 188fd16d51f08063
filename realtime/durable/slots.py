"""Polls of the shared queue, as many as this process has room for calls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from temporalio.worker import (
    CustomSlotSupplier,
    SlotMarkUsedContext,
    SlotPermit,
    SlotReleaseContext,
    SlotReserveContext,
)


class LineSlots(CustomSlotSupplier):
    """A full worker does not poll at all.

    A call takes a slot while it lives, not while its activity does: `unheld` counts lines here whose lease is held on
    the own queue, or by nobody for the moment.
    """

    def __init__(self, capacity: int, unheld: Callable[[], int]) -> None:
        self._capacity = capacity
        self._unheld = unheld
        self._permits = 0
        self._changed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit:
        self._loop = asyncio.get_running_loop()
        while self._permits + self._unheld() >= self._capacity:
            self._changed.clear()
            await self._changed.wait()
        self._permits += 1
        return SlotPermit()

    def try_reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit | None:
        return None

    def mark_slot_used(self, ctx: SlotMarkUsedContext) -> None:
        pass

    def release_slot(self, ctx: SlotReleaseContext) -> None:
        """Called from Temporal's threads."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._release)

    def _release(self) -> None:
        self._permits -= 1
        self.changed()

    def changed(self) -> None:
        """A line is gone: there may be room again."""
        self._changed.set()
