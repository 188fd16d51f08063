"""One effect for one key: look, write, and look again before anything is repeated."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from connectors.http import Unclear
from domain.actions import Attempts, is_action_key
from domain.errors import ConnectorError, OutcomeUnknown, Unavailable

IN_FLIGHT_MS = 30_000
"""How long a request that we gave up may still be on its way or in a vendor's queue: three times our own patience."""
MOST_SENDS = 2
"""A write that twice got no answer and twice left no trace is a thing to look at, not to try a third time."""
OVERLAP_MS = 1_000
"""Two processes with the same action at the same moment: the slower one asks again after this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One write: what does it and what finds it, each giving the vendor's id of what was done."""

    key: str
    send: Callable[[], Awaitable[str]]
    """Raises a ConnectorError only while nothing was done, and Unclear when that is not certain."""
    look: Callable[[], Awaitable[str | None]] | None
    """Finds what an earlier attempt did; None where the vendor has no way to ask."""
    enforced: bool = False
    """The vendor itself refuses or absorbs a second request with this key."""
    lag_ms: int = 0
    """How long the look doesn't see what was done; unused where the vendor enforces."""

    @property
    def blind_ms(self) -> int:
        """How long after an unclear request a look that finds nothing proves nothing."""
        return IN_FLIGHT_MS + self.lag_ms


class Once:
    """Carries out writes at one vendor for one tenant, each key once. It never waits: it says when to ask again."""

    def __init__(self, system: str, attempts: Attempts, clock: Callable[[], float] = time.time) -> None:
        self._system = system
        self._attempts = attempts
        self._clock = clock

    async def do(self, write: Write) -> str:
        """The vendor's id of what was done, now or before. Raises as a write of the Crm port does."""
        if not is_action_key(write.key):
            raise ValueError("not an action key")
        earlier = await self._attempts.earlier(self._system, write.key)
        if earlier is not None and earlier.reference is not None:
            return earlier.reference
        if write.look is not None and (found := await write.look()) is not None:
            return await self._finished(write.key, found)
        count = earlier.count if earlier is not None else 0
        if earlier is not None and count and not write.enforced:
            self._hold_back(write, count, earlier.begun_at_s)
        if not await self._attempts.begin(self._system, write.key, self._clock(), after=count):
            raise Unavailable(self._system, "the same action is under way", OVERLAP_MS)
        return await self._sent(write)

    def _hold_back(self, write: Write, count: int, begun_at_s: float) -> None:
        """An earlier request may have had its effect, and the look did not find it: is that certain by now?"""
        if write.look is None:
            raise OutcomeUnknown(self._system, "a request got no answer, and its effect can't be looked up")
        blind_ms = write.blind_ms - int((self._clock() - begun_at_s) * 1000)
        if blind_ms > 0:
            raise Unavailable(self._system, "an earlier request can't be seen yet", blind_ms)
        if count >= MOST_SENDS:
            raise OutcomeUnknown(self._system, f"{count} requests got no answer and left no trace")

    async def _sent(self, write: Write) -> str:
        try:
            done = await write.send()
        except Unclear as unclear:
            return await self._after_unclear(write, unclear)
        except OutcomeUnknown:
            raise
        except ConnectorError:
            await self._attempts.withdraw(self._system, write.key)
            raise
        return await self._finished(write.key, done)

    async def _after_unclear(self, write: Write, unclear: Unclear) -> str:
        if write.look is None and not write.enforced:
            raise OutcomeUnknown(self._system, f"{unclear}, and its effect can't be looked up") from unclear
        if write.look is not None:
            with contextlib.suppress(ConnectorError):
                found = await write.look()
                if found is not None:
                    return await self._finished(write.key, found)
        wait_ms = OVERLAP_MS if write.enforced else write.blind_ms
        raise Unavailable(self._system, str(unclear), wait_ms) from unclear

    async def _finished(self, key: str, reference: str) -> str:
        await self._attempts.finish(self._system, key, reference, self._clock())
        return reference
