"""What a caller waits and misses: from the last sample of a question to the first of the answer, and gaps between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

GAP_MS = 60
PAUSE_S = 4.0
"""Between a caller's answer and the next question."""
WAITS_S = 15.0


@dataclass(slots=True)
class Waits:
    """Of one caller, who asks again and again."""

    answered_ms: list[int] = field(default_factory=list[int])
    gaps_ms: list[int] = field(default_factory=list[int])
    unanswered: int = 0
    _came_s: float | None = None
    _loud: asyncio.Event = field(default_factory=asyncio.Event)

    def packet(self, loud: bool) -> None:
        """One came in."""
        now_s = time.monotonic()
        if self._came_s is not None and (now_s - self._came_s) * 1000 > GAP_MS:
            self.gaps_ms.append(round((now_s - self._came_s) * 1000))
        self._came_s = now_s
        if loud:
            self._loud.set()

    async def ask(self, say: Callable[[], float], until_s: float) -> None:
        """`say` begins a question that ends with its last loud sample, and tells how many seconds it takes."""
        while time.monotonic() < until_s:
            await asyncio.sleep(say())
            self._loud.clear()
            asked_s = time.monotonic()
            try:
                await asyncio.wait_for(self._loud.wait(), WAITS_S)
                self.answered_ms.append(round((time.monotonic() - asked_s) * 1000))
            except TimeoutError:
                self.unanswered += 1
            await asyncio.sleep(PAUSE_S)
