"""Telling a foreign desk: one signed message to the address that a tenant named, and to nowhere inside."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import httpx

from connectors.outbound import client
from connectors.outside import address_of, checked_url, target_of
from domain.desk.hooks import DeskHook, OutgoingEvent, signature
from domain.errors import Rejected, Unavailable

SYSTEM = "desk"
TIMEOUT_S = 10.0
"""A desk takes a message within a second, or keeps it for later itself."""
GONE = 410


class DeskMessenger:
    """`inside` are hosts, as "host" or "host:port", that may be reached although they are not on the open internet."""

    def __init__(self, inside: frozenset[str], wall_clock: Callable[[], float]) -> None:
        self._inside = inside
        self._wall_clock = wall_clock

    def check(self, url: str) -> None:
        """Raises Rejected for an address that can't be a foreign desk's."""
        checked_url(url, self._inside, SYSTEM)

    async def tell(self, hook: DeskHook, secret: str, event: OutgoingEvent) -> None:
        """Raises Unavailable when it should be tried again, Rejected when that would not help."""
        parts = checked_url(hook.url, self._inside, SYSTEM)
        body = json.dumps({"id": event.event_id, **event.body}, separators=(",", ":")).encode()
        timestamp = int(self._wall_clock())
        headers = {
            "Host": parts.netloc,
            "Content-Type": "application/json",
            "webhook-id": event.event_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(secret, event.event_id, timestamp, body),
        }
        host = parts.hostname or ""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                target = target_of(parts, await address_of(parts, self._inside, SYSTEM))
                async with (
                    client("", None, TIMEOUT_S) as http,
                    http.stream(
                        "POST", target, content=body, headers=headers, extensions={"sni_hostname": host}
                    ) as answer,
                ):
                    status = answer.status_code
        except (TimeoutError, httpx.HTTPError, OSError) as error:
            raise Unavailable(SYSTEM, f"no answer ({type(error).__name__})") from error
        if status == GONE:
            raise Rejected(SYSTEM, "the desk is gone for good")
        if not httpx.codes.is_success(status):
            raise Unavailable(SYSTEM, f"answered with status {status}")
