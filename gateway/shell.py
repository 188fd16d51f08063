"""The layers around the routes: observation, security headers, sharing with other origins, and limits on bodies."""

from __future__ import annotations

import asyncio
import re
import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from gateway import origins
from gateway.deps import GatewayConfig, GatewayDeps
from gateway.problems import Problem, internal, log_failure, response

log = structlog.get_logger(__name__)

MAX_BODY_BYTES = 64 * 1024
MAX_CODEC_BODY_BYTES = 4 * 1024 * 1024
"""The Temporal UI sends a page of a history at once; one payload is at most 2 MB."""
MAX_JSON_DEPTH = 12
"""The deepest body of the protocol has three levels, a codec request five."""
CAMPAIGNS_ROUTE = "/v1/campaigns"
"""A list of people is part of the body."""
VOICES_ROUTE = "/v1/team/voices"
"""A sample of half a minute is part of the body: 1.4 MB."""
BODY_SECONDS = 10
"""A body of the largest size needs under a second on a 1 Mbit/s line; slower is a client that holds us."""
PREFLIGHT_SECONDS = 600

CALL_ROUTES = re.compile(r"/v1/(?:call-tokens|calls(?:/[^/]+(?:/reconnect|/rating|/handoff)?)?)")
CODEC_ROUTE = "/v1/codec/decode"
UPLOAD_ROUTE = ("POST", "/v1/documents")
"""Its body is a whole file, which the route reads itself once it knows that an administrator sends it."""
FORM_HOOKS, JSON_HOOKS = "/v1/hooks/twilio/", "/v1/hooks/whatsapp/"
"""Twilio sends forms; Meta sends many messages in one body, of at most 3 MB."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_NESTING = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)


class Observe:
    """Logs, counts and times each request, and turns an unforeseen exception into a bare 500."""

    def __init__(self, app: ASGIApp, deps: GatewayDeps) -> None:
        self.app = app
        self.metrics = deps.metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        scope.setdefault("state", {})["arrived"] = started
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:
            log_failure(error, route=_route(scope))
            if status == 0:
                await response(internal())(scope, receive, noting)
        finally:
            seconds = time.perf_counter() - started
            route = _route(scope)
            method = scope["method"] if scope["method"] in METHODS else "OTHER"
            self.metrics.requests.labels(method, route, str(status)).inc()
            self.metrics.request_seconds.labels(route).observe(seconds)
            log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A page that goes before it has said who it is, is nothing to log."""
        try:
            await self.app(scope, receive, send)
        except WebSocketDisconnect:
            return
        except Exception as error:
            log_failure(error, route=_route(scope))


def _route(scope: Scope) -> str:
    """The route's pattern rather than its path, which a stranger writes and which would grow the metrics."""
    return getattr(scope.get("route"), "path", None) or "unmatched"


class SecurityHeaders:
    def __init__(self, app: ASGIApp, config: GatewayConfig) -> None:
        self.app = app
        self.headers = {
            "Content-Security-Policy": content_security_policy(config.own_origins),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), payment=(), usb=()",
        }
        if config.tls:
            self.headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


def content_security_policy(own: frozenset[str]) -> str:
    """For the built pages: own scripts only, workers and audio worklets from blobs, sockets to ourselves."""
    sockets = sorted(origin.replace("http", "ws", 1) for origin in own)
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' blob:",
            "worker-src 'self' blob:",
            " ".join(("connect-src 'self'", *sockets)),
            "img-src 'self' data: blob:",
            "media-src 'self' blob: mediastream:",
            "style-src 'self'",
            "font-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class Sharing:
    """CORS, for two purposes: a customer's web site that embeds the softphone, and the Temporal UI at the codec.

    A preflight names no site key, so on the call routes it is answered for any web site; it grants nothing: the
    request that follows is refused, and its answer not shared, unless the site key or call token fits its origin.
    """

    def __init__(self, app: ASGIApp, config: GatewayConfig) -> None:
        self.app = app
        self.codec_origins = config.codec_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin", "")
        if origin and scope["path"] == CODEC_ROUTE and origin in self.codec_origins:
            scope["state"]["shared_with"] = (origin, True)
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await self._preflight(scope, origin)(scope, receive, send)
            return

        async def shared(message: Message) -> None:
            if message["type"] == "http.response.start":
                _share(MutableHeaders(scope=message), scope)
            await send(message)

        await self.app(scope, receive, shared)

    def _preflight(self, scope: Scope, origin: str) -> Response:
        if CALL_ROUTES.fullmatch(scope["path"]) and origins.is_origin(origin):
            scope["state"]["shared_with"] = (origin, False)
        if "shared_with" not in scope["state"]:
            return response(Problem(403, "origin_not_allowed", "This address is not for pages of that web site."))
        answer = Response(status_code=204)
        _share(answer.headers, scope)
        answer.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
        answer.headers["Access-Control-Allow-Headers"] = "authorization, content-type, x-namespace"
        answer.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
        return answer


def _share(headers: MutableHeaders, scope: Scope) -> None:
    headers.add_vary_header("Origin")
    shared_with = scope["state"].get("shared_with")
    if shared_with is None:
        return
    headers["Access-Control-Allow-Origin"], credentials = shared_with
    headers["Access-Control-Expose-Headers"] = "Retry-After, Server-Timing"
    if credentials:
        headers["Access-Control-Allow-Credentials"] = "true"


class Bodies:
    """Reads each body whole before its route sees it: its size, its time, its type, and how deep its JSON goes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["method"], scope["path"]) == UPLOAD_ROUTE:
            await self.app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _read(receive, _most(scope["path"]))
            if body is None:
                return
            if not scope["path"].startswith(FORM_HOOKS):
                _check(body, Headers(scope=scope).get("content-type", ""))
        except TimeoutError:
            await response(Problem(408, "timeout", f"The body took longer than {BODY_SECONDS} s."))(
                scope, receive, send
            )
            return
        except Problem as problem:
            await response(problem)(scope, receive, send)
            return
        replayed = False

        async def replay() -> Message:
            nonlocal replayed
            if replayed:
                return await receive()
            replayed = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, replay, send)


async def _read(receive: Receive, most: int) -> bytes | None:
    """The whole body, or None when the client went away; raises a 413 Problem beyond `most` bytes."""
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > most:
            raise Problem(413, "too_large", f"The body may have at most {most} bytes.", {"Connection": "close"})
        if not message.get("more_body", False):
            return b"".join(pieces)


def _most(path: str) -> int:
    large = path in (CODEC_ROUTE, CAMPAIGNS_ROUTE, VOICES_ROUTE) or path.startswith(JSON_HOOKS)
    return MAX_CODEC_BODY_BYTES if large else MAX_BODY_BYTES


def _check(body: bytes, content_type: str) -> None:
    if not body:
        return
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Problem(415, "unsupported_media_type", "Send JSON, with Content-Type: application/json.")
    depth = 0
    for match in _NESTING.finditer(body):
        first = body[match.start()]
        if first in b"[{":
            depth += 1
            if depth > MAX_JSON_DEPTH:
                raise Problem(400, "too_deep", f"The JSON may be nested at most {MAX_JSON_DEPTH} deep.")
        elif first in b"]}":
            depth -= 1
