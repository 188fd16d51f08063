"""Keys pressed in a call, gathered into one entry by the clock of the caller's audio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

ENTRY_ENDS_MS = 2_000
"""A pause after the last key that ends an entry, as in common IVR defaults (2 to 3 s)."""
LONGEST_ENTRY = 32
"""Keys in one entry; a longer one is ended there."""


@dataclass(slots=True)
class Keypad:
    """`#` ends an entry at once, `*` clears it."""

    passes_on: Callable[[str], bool] = lambda _: False
    """Whether a key is for whoever the caller talks with: it is no part of an entry then, and nobody writes it down."""
    _digits: str = ""
    _last_ms: int = 0

    def press(self, digit: str, now_ms: int) -> str | None:
        """Take one of `0-9*#`; the entry when this key ended it."""
        self._last_ms = now_ms
        if self.passes_on(digit):
            self._digits = ""
            return None
        if digit == "*":
            self._digits = ""
            return None
        if digit != "#":
            self._digits += digit
        if digit == "#" or len(self._digits) >= LONGEST_ENTRY:
            return self._take()
        return None

    def elapsed(self, now_ms: int) -> str | None:
        """The entry when the pause after its last key has ended it."""
        if self._digits and now_ms - self._last_ms >= ENTRY_ENDS_MS:
            return self._take()
        return None

    def _take(self) -> str | None:
        digits, self._digits = self._digits, ""
        return digits or None
