"""What one page has yet to be told: bounded, each thing once, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

MOST_CALLS = 50
"""Changed calls that are named one by one; overflow rule: beyond it the page is told to look at everything again."""


class News:
    """Changes of the same thing are one; the page looks for itself what it is by now."""

    def __init__(self) -> None:
        self._changed: dict[tuple[str, str], None] = {}
        self._rings: dict[str, float] = {}
        self._some = asyncio.Event()

    def changed(self, what: str, call_id: str = "") -> None:
        if call_id and len(self._changed) >= MOST_CALLS:
            what, call_id = "all", ""
        self._changed[what, call_id] = None
        self._some.set()

    def rings(self, handoff_id: str, until: float) -> None:
        """A person has one call ringing at a time: a newer one takes its place."""
        self._rings = {handoff_id: until}
        self._some.set()

    async def taken(self) -> list[dict[str, Any]]:
        """Wait for something, and have all of it as messages."""
        await self._some.wait()
        self._some.clear()
        rings: list[dict[str, Any]] = [
            {"type": "ring", "handoff_id": handoff_id, "until": until} for handoff_id, until in self._rings.items()
        ]
        changes: list[dict[str, Any]] = [
            {"type": "changed", "what": what, **({"call_id": call_id} if call_id else {})}
            for what, call_id in self._changed
        ]
        self._rings, self._changed = {}, {}
        return rings + changes
