"""How often a login may fail: per account and address, and per address alone, in bounded memory."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

WINDOW_S = 300
ACCOUNT_FAILURES = 5
"""Wrong passwords for one account from one address in a window: a person who mistypes gets through, a list doesn't."""
ADDRESS_FAILURES = 30
"""Failures of any account from one address in a window; an office behind one address shares it."""
MAX_KEYS = 10_000
"""About 2 MB; beyond it the longest untouched key is forgotten."""


@dataclass(slots=True)
class _Window:
    opened_at: float
    failures: int


class LoginThrottle:
    """Counts attempts up front, so that parallel ones can't slip through, and forgives the successful."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives seconds and never goes back."""
        self._clock = clock
        self._windows: OrderedDict[Hashable, _Window] = OrderedDict()

    def attempt(self, tenant: str, email: str, address: str) -> int | None:
        """Count one attempt; None when it may go on, otherwise the seconds to wait."""
        limits = (((tenant, email, address), ACCOUNT_FAILURES), ((address,), ADDRESS_FAILURES))
        waits = [wait for key, most in limits if (wait := self._wait_s(key, most)) is not None]
        if waits:
            return max(waits)
        for key, _ in limits:
            self._count(key)
        return None

    def succeeded(self, tenant: str, email: str, address: str) -> None:
        self._windows.pop((tenant, email, address), None)
        window = self._windows.get((address,))
        if window is not None:
            window.failures = max(0, window.failures - 1)

    def __len__(self) -> int:
        return len(self._windows)

    def _wait_s(self, key: Hashable, most: int) -> int | None:
        window = self._windows.get(key)
        if window is None or window.failures < most:
            return None
        left_s = window.opened_at + WINDOW_S - self._clock()
        return math.ceil(left_s) if left_s > 0 else None

    def _count(self, key: Hashable) -> None:
        now = self._clock()
        window = self._windows.get(key)
        if window is None or now - window.opened_at >= WINDOW_S:
            window = self._windows[key] = _Window(now, 0)
        window.failures += 1
        self._windows.move_to_end(key)
        while len(self._windows) > MAX_KEYS:
            self._windows.popitem(last=False)
