"""Telling a foreign desk: one signed message to the address that a tenant named, and to nowhere inside."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import socket
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

import httpx

from connectors.outbound import client
from domain.addresses import is_loopback
from domain.desk.hooks import DeskHook, OutgoingEvent, signature
from domain.errors import Rejected, Unavailable

SYSTEM = "desk"
TIMEOUT_S = 10.0
"""A desk takes a message within a second, or keeps it for later itself."""
HTTPS_PORT, HTTP_PORT = 443, 80
GONE = 410
MAX_URL_CHARACTERS = 500


class DeskMessenger:
    """`inside` are hosts, as "host" or "host:port", that may be reached although they are not on the open internet."""

    def __init__(self, inside: frozenset[str], wall_clock: Callable[[], float]) -> None:
        self._inside = inside
        self._wall_clock = wall_clock

    def check(self, url: str) -> None:
        """Raises Rejected for an address that can't be a foreign desk's."""
        checked_url(url, self._inside)

    async def tell(self, hook: DeskHook, secret: str, event: OutgoingEvent) -> None:
        """Raises Unavailable when it should be tried again, Rejected when that would not help."""
        parts = checked_url(hook.url, self._inside)
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
                address = await self._address(parts)
                # Sent to the very address that was looked at: a name may mean another one a moment later.
                literal = f"[{address}]" if ":" in address else address
                target = parts._replace(netloc=f"{literal}:{_port(parts)}")
                async with (
                    client("", None, TIMEOUT_S) as http,
                    http.stream(
                        "POST", target.geturl(), content=body, headers=headers, extensions={"sni_hostname": host}
                    ) as answer,
                ):
                    status = answer.status_code
        except (TimeoutError, httpx.HTTPError, OSError) as error:
            raise Unavailable(SYSTEM, f"no answer ({type(error).__name__})") from error
        if status == GONE:
            raise Rejected(SYSTEM, "the desk is gone for good")
        if not httpx.codes.is_success(status):
            raise Unavailable(SYSTEM, f"answered with status {status}")

    async def _address(self, parts: SplitResult) -> str:
        """One address of the host. Raises Rejected when any of them is inside, unless that is allowed."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if not _is_inside(parts, self._inside) and not all(_is_outside(address) for address in addresses):
            raise Rejected(SYSTEM, "the address is inside a private network; HATIF_PRIVATE_HOOK_HOSTS allows some")
        return addresses[0]


def checked_url(url: str, inside: frozenset[str]) -> SplitResult:
    """Raises Rejected: https only, but http to this machine where it is allowed; no name or password in it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Rejected(SYSTEM, "the address can't be read") from None
    readable = len(url) <= MAX_URL_CHARACTERS and url.isascii() and url.isprintable() and " " not in url
    if not readable or not parts.hostname or port == 0 or parts.username is not None or parts.fragment:
        raise Rejected(SYSTEM, "the address can't be read")
    allowed = _is_inside(parts, inside)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname) and allowed):
        raise Rejected(SYSTEM, "the address of a foreign desk begins with https://")
    if not allowed and (is_loopback(parts.hostname) or _is_inside_literal(parts.hostname)):
        raise Rejected(SYSTEM, "the address is inside a private network; HATIF_PRIVATE_HOOK_HOSTS allows some")
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or (HTTPS_PORT if parts.scheme == "https" else HTTP_PORT)


def _is_inside(parts: SplitResult, inside: frozenset[str]) -> bool:
    """Whether the operator named this host."""
    return bool({parts.hostname or "", f"{parts.hostname}:{_port(parts)}"} & inside)


def _is_inside_literal(host: str) -> bool:
    try:
        return not _is_outside(host)
    except ValueError:
        return False


def _is_outside(address: str) -> bool:
    """On the open internet. Raises ValueError for a name."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    found = mapped or found
    return found.is_global and not found.is_multicast
