"""The key of an action, and the memory of what was begun under it."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

KEY_LENGTH = 40
"""160 bits in hexadecimal: fits the shortest field in which a vendor keeps it, and needs no quoting anywhere."""
_KEY = re.compile(rf"[0-9a-f]{{{KEY_LENGTH}}}")

SlotValue = str | int | bool | None


def action_key(call_id: str, action: str, slots: Mapping[str, SlotValue], *, repeat: int = 0) -> str:
    """The digest under which an action happens once; `repeat` counts the repetitions that the caller confirmed.

    Slots count by name and value, whatever their order, outer blanks and Unicode composition.
    """
    settled = {name: _settled(value) for name, value in slots.items()}
    text = json.dumps([call_id, action, settled, repeat], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]


def is_action_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def _settled(value: SlotValue) -> SlotValue:
    return " ".join(unicodedata.normalize("NFC", value).split()) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What is on record under one key at one system."""

    count: int
    """How many times a request was begun that may have had its effect."""
    begun_at_s: float
    """Of the latest of them, in seconds of the epoch."""
    reference: str | None = None
    """What the action made at the vendor, once that is known."""


class Attempts(Protocol):
    """The memory of one tenant's writes. It outlives the process that dies between asking and hearing.

    Raises Unavailable("postgres", ...).
    """

    async def earlier(self, system: str, key: str) -> Attempt | None: ...

    async def begin(self, system: str, key: str, at_s: float, *, after: int) -> bool:
        """Compare-and-set: True when exactly `after` attempts were on record, none finished, and one more is now."""
        ...

    async def withdraw(self, system: str, key: str) -> None:
        """The latest attempt certainly had no effect: it doesn't count."""
        ...

    async def finish(self, system: str, key: str, reference: str, at_s: float) -> None:
        """Idempotent. Also for a key under which nothing was begun here: the effect was found at the vendor."""
        ...
