"""Addresses that a tenant names: on the open internet, or inside only where the operator says so."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx

from connectors.outbound import client
from domain.addresses import is_loopback
from domain.errors import Rejected

HTTPS_PORT, HTTP_PORT = 443, 80
MAX_URL_CHARACTERS = 500


async def address_of(parts: SplitResult, inside: frozenset[str], system: str) -> str:
    """One address of the host. Raises Rejected when any of them is inside, unless that is allowed; OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not _is_inside(parts, inside) and not all(_is_outside(address) for address in addresses):
        raise Rejected(system, "the address is inside a private network; HATIF_PRIVATE_HOOK_HOSTS allows some")
    return addresses[0]


@asynccontextmanager
async def exchange(
    method: str,
    parts: SplitResult,
    inside: frozenset[str],
    system: str,
    *,
    headers: Mapping[str, str],
    seconds: float,
    **content: Any,
) -> AsyncGenerator[httpx.Response]:
    """One request, at the one address that was looked at; a redirect is an answer and is not followed.

    Raises Rejected for an address inside, OSError, and what httpx raises.
    """
    target = target_of(parts, await address_of(parts, inside, system))
    sni = {"sni_hostname": parts.hostname or ""}
    asked = {"Host": parts.netloc, **headers}
    async with (
        client("", None, seconds) as http,
        http.stream(method, target, headers=asked, extensions=sni, **content) as answer,
    ):
        yield answer


def target_of(parts: SplitResult, address: str) -> str:
    """Sent to the very address that was looked at: a name may mean another one a moment later."""
    literal = f"[{address}]" if ":" in address else address
    return parts._replace(netloc=f"{literal}:{_port(parts)}").geturl()


def checked_url(url: str, inside: frozenset[str], system: str) -> SplitResult:
    """Raises Rejected: https only, but http to this machine where it is allowed; no name or password in it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Rejected(system, "the address can't be read") from None
    readable = len(url) <= MAX_URL_CHARACTERS and url.isascii() and url.isprintable() and " " not in url
    if not readable or not parts.hostname or port == 0 or parts.username is not None or parts.fragment:
        raise Rejected(system, "the address can't be read")
    allowed = _is_inside(parts, inside)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname) and allowed):
        raise Rejected(system, "the address begins with https://")
    if not allowed and (is_loopback(parts.hostname) or _is_inside_literal(parts.hostname)):
        raise Rejected(system, "the address is inside a private network; HATIF_PRIVATE_HOOK_HOSTS allows some")
    return parts


def allowed_url(url: str, inside: frozenset[str], hosts: frozenset[str], system: str) -> SplitResult:
    """As checked_url, and with `hosts` no other host at all."""
    parts = checked_url(url, inside, system)
    if hosts and parts.hostname not in hosts:
        raise Rejected(system, "the host is not among those that HATIF_TOOL_HOSTS allows")
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
