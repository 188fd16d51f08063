"""A foreign desk that takes part by signed messages: what it is told, how both sides sign, and the port to it.

Messages are signed as in "Standard Webhooks": the headers `webhook-id`, `webhook-timestamp` (Unix seconds) and
`webhook-signature`, which is `v1,` and the base64 of the HMAC-SHA-256 of `id.timestamp.body` under the shared secret.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

KEY_PREFIX = "whsec_"
KEY_BYTES = 32
WINDOW_S = 300
"""How far a message's time may be from ours: clocks differ by seconds, and an older message is a copy."""


class DeskEvent(StrEnum):
    """What a foreign desk is told."""

    OFFERED = "handoff.offered"
    """A caller waits for a person, also again."""
    WITHDRAWN = "handoff.withdrawn"
    """Somebody took the caller."""
    ENDED = "handoff.ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskHook:
    """Where a tenant's foreign desk is told."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingEvent:
    """One message on its way: ids and codes, never what was said."""

    tenant_id: str
    event_id: str
    event: DeskEvent
    body: dict[str, Any]
    created_at: float
    tries: int


def new_secret(random: bytes) -> str:
    """`random` are KEY_BYTES from a source that nobody can guess."""
    return KEY_PREFIX + base64.b64encode(random).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()


def is_signed(secret: str, message_id: str, timestamp: int, body: bytes, given: str) -> bool:
    """Whether one of the signatures in the header is ours; takes as long for a wrong one as for a right one."""
    expected = signature(secret, message_id, timestamp, body).encode()
    fits = [hmac.compare_digest(expected, each.encode(errors="replace")) for each in given.split(" ")]
    return any(fits)


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(KEY_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return secret.encode(errors="replace")


class DeskHooks(Protocol):
    """Raises Unavailable("postgres", ...)."""

    async def hook(self, tenant_id: str) -> DeskHook | None: ...

    async def secret(self, tenant_id: str) -> str | None:
        """Of a tenant that has a foreign desk."""
        ...

    async def save(self, tenant_id: str, hook: DeskHook, secret: str) -> None:
        """Replaces both."""
        ...

    async def remove(self, tenant_id: str) -> bool:
        """False when there was none."""
        ...

    async def is_new(self, tenant_id: str, message_id: str) -> bool:
        """Note a message that came; False for one that came before."""
        ...

    async def forget(self, tenant_id: str, message_id: str) -> None:
        """Let a message that could not be dealt with come again."""
        ...
