"""Which web pages may speak to us: our own, those of a site key, and the Temporal UI's."""

from __future__ import annotations

import re

from fastapi import Request
from starlette.requests import HTTPConnection

from domain.accounts import SAME_ORIGIN, SiteKey
from domain.addresses import is_loopback
from gateway.problems import Problem

MAX_ORIGIN_CHARACTERS = 300
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?")


def is_origin(text: str) -> bool:
    """A serialised web origin; "null" and anything with a path are none."""
    return len(text) <= MAX_ORIGIN_CHARACTERS and _ORIGIN.fullmatch(text) is not None


def of_address(scheme: str, host: str, port: int) -> frozenset[str]:
    """The origins of something that listens on `host`; empty for a wildcard, which has no name of its own."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104
        return frozenset()
    names = ("127.0.0.1", "localhost", "[::1]") if is_loopback(host) else (f"[{host}]" if ":" in host else host,)
    suffix = "" if port == {"http": 80, "https": 443}[scheme] else f":{port}"
    return frozenset(f"{scheme}://{name.lower()}{suffix}" for name in names)


def is_own(asked: HTTPConnection, origin: str, own: frozenset[str]) -> bool:
    """Whether `origin` is one of our pages; with no configured origin, the one that was asked, by request or socket."""
    if own:
        return origin in own
    scheme = asked.url.scheme.replace("ws", "http", 1)
    return origin == f"{scheme}://{asked.headers.get('host', '').lower()}"


def required(request: Request) -> str:
    """The request's Origin. Raises a 403 Problem when it is missing or nonsense."""
    origin = request.headers.get("origin", "")
    if not origin:
        raise Problem(403, "origin_missing", "Send the Origin header: call tokens are given to known web sites only.")
    if not is_origin(origin):
        raise Problem(403, "origin_not_allowed", "The Origin header is not the origin of a web site.")
    return origin


def allowed_for(request: Request, origin: str, site_key: SiteKey, own: frozenset[str]) -> bool:
    if origin in site_key.allowed_origins:
        return True
    return SAME_ORIGIN in site_key.allowed_origins and is_own(request, origin, own)


def refuse_foreign(asked: HTTPConnection, own: frozenset[str]) -> None:
    """For sockets, and routes that a cookie opens: another site's page is refused, whatever the browser sent along."""
    origin = asked.headers.get("origin")
    if origin is not None and not is_own(asked, origin, own):
        raise Problem(403, "origin_not_allowed", "This address serves the gateway's own pages only.")


def share_with(request: Request, origin: str, *, credentials: bool = False) -> None:
    """Let the page at `origin` read the answer to this request; the outer layer writes the headers."""
    request.scope["state"]["shared_with"] = (origin, credentials)
