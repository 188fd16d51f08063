"""The systems that a tenant can connect: where an account of each may be, and what it takes to sign in there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from urllib.parse import urlsplit

from domain.acting.afterwards import LogCalls
from domain.addresses import is_loopback
from domain.errors import Refused

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*")
_E164 = r"\+[1-9]\d{6,14}"


class SignIn(StrEnum):
    KEY = "key"
    """A secret that somebody made at the vendor and typed in here."""
    OAUTH = "oauth"
    """An administrator agrees at the vendor, and tokens come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    system: str
    is_crm: bool
    calls_are_tickets: bool = False
    """It has no other place for a call that belongs to no ticket."""
    home: str | None = None
    """The one address of every account; None where each has a host of its own."""
    suffix: str | None = None
    """What such a host ends with."""
    key: Literal["basic", "bearer"] | None = None
    """How a key is sent; None where there is none."""
    oauth: bool = False
    settings: tuple[str, ...] = ()
    """What signing in by a key needs beside it."""
    optional: tuple[str, ...] = ()
    more_secrets: tuple[str, ...] = ()
    """Beside the key; none of them is needed for signing in."""

    @property
    def log_calls(self) -> LogCalls:
        """How much a new connection is told of calls, where nobody says: no ticket is made that nobody wanted."""
        return LogCalls.SUMMARY if self.is_crm and not self.calls_are_tickets else LogCalls.NO

    @property
    def sign_ins(self) -> tuple[SignIn, ...]:
        return tuple(way for way, there in ((SignIn.KEY, self.key), (SignIn.OAUTH, self.oauth)) if there)


_LISTED = (
    Vendor(system="freshdesk", is_crm=True, calls_are_tickets=True, suffix=".freshdesk.com", key="basic"),
    Vendor(system="hubspot", is_crm=True, home="https://api.hubapi.com", key="bearer", oauth=True),
    Vendor(system="salesforce", is_crm=True, suffix=".my.salesforce.com", oauth=True),
    Vendor(
        system="twilio",
        is_crm=False,
        home="https://api.twilio.com",
        key="basic",
        settings=("account",),
        optional=("sms_sender", "whatsapp_sender"),
    ),
    Vendor(
        system="whatsapp",
        is_crm=False,
        home="https://graph.facebook.com",
        key="bearer",
        settings=("phone_number_id",),
        more_secrets=("app_secret", "verify_token"),
    ),
    Vendor(
        system="zendesk",
        is_crm=True,
        calls_are_tickets=True,
        suffix=".zendesk.com",
        key="basic",
        oauth=True,
        settings=("user",),
    ),
)
VENDORS: Mapping[str, Vendor] = {vendor.system: vendor for vendor in _LISTED}

SETTINGS: Mapping[str, re.Pattern[str]] = {
    "account": re.compile(r"AC[0-9a-f]{32}"),
    "client_id": re.compile(r"[\x21-\x7e]{1,300}"),
    "phone_number_id": re.compile(r"\d{5,20}"),
    "sms_sender": re.compile(_E164),
    "user": re.compile(r"[^\s:@/]{1,100}@[^\s:@/]{1,150}"),
    "whatsapp_sender": re.compile(_E164),
}
"""What each setting looks like."""


def address_of(vendor: Vendor, site: str | None, inside: frozenset[str]) -> str:
    """Where the account is, from a short name ("shop") or an address: one of the vendor's own hosts and no other.

    `inside` are hosts, as "host" or "host:port", that the operator allows beside them. Raises Refused("bad_address").
    """
    text = (site or "").strip()
    if not text and vendor.home:
        return vendor.home
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _not_there(vendor) from None
    if {host, f"{host}:{port}"} & inside:
        if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)):
            return f"{parts.scheme}://{host}" + (f":{port}" if port else "")
        raise _not_there(vendor)
    if parts.scheme != "https" or port is not None or not _HOST.fullmatch(host):
        raise _not_there(vendor)
    if vendor.home:
        if f"https://{host}" == vendor.home:
            return vendor.home
        raise _not_there(vendor)
    suffix = vendor.suffix or ""
    if "." not in host:
        host += suffix
    if not host.endswith(suffix):
        raise _not_there(vendor)
    return f"https://{host}"


def _not_there(vendor: Vendor) -> Refused:
    where = vendor.home or f"https://NAME{vendor.suffix}"
    return Refused("bad_address", f"An account of {vendor.system} is at {where}.")
