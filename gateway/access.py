"""Who may use a route: every route declares one rule of this module, and the app refuses to start otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute, APIWebSocketRoute, iter_route_contexts

from domain.accounts import Role
from domain.addresses import is_loopback
from domain.handoff import BY_CALLER
from gateway import origins
from gateway.deps import Deps, GatewayDeps
from gateway.problems import Problem
from gateway.tokens import CODEC, AccessClaims, CallClaims, call_token_expired, recording_audience

CODEC_COOKIE = "hatif_codec"
RECORDING_COOKIE = "hatif_recording"
SOCKET = "WS"


READING = frozenset({"GET", "HEAD"})


class AccessRule:
    """Marks a dependency as the rule of its route."""


class SignedIn(AccessRule):
    """A person who has at least `role` at this moment, by an access token."""

    def __init__(self, role: Role, *, one_time: bool = False) -> None:
        """`one_time`: also somebody who has yet to replace a one-time password."""
        self.role = role
        self.one_time = one_time

    async def __call__(self, request: Request, deps: Deps) -> AccessClaims:
        claims = deps.tokens.read_access(_bearer(request))
        try:
            return await present(claims, self.role, deps, one_time=self.one_time)
        except Problem as refused:
            if refused.code == "forbidden" and request.method not in READING:
                # Somebody who tries to act beyond their role; reading too much is refused and no more.
                detail = {"method": request.method, "needed": self.role.value}
                await deps.audit.record(claims.tenant_id, claims.user_id, "forbidden", _place(request), detail)
            raise


class CodecReader(AccessRule):
    """An administrator: by an access token, or by the cookie that the Temporal UI's page sends along."""

    async def __call__(self, request: Request, deps: Deps) -> AccessClaims:
        cookie = request.cookies.get(CODEC_COOKIE)
        if cookie and "authorization" not in request.headers:
            claims = deps.tokens.read_access(cookie, CODEC)
        else:
            claims = deps.tokens.read_access(_bearer(request))
        return await present(claims, Role.ADMIN, deps)


class RecordingReader(AccessRule):
    """A supervisor: by an access token, or by the cookie that their page got for this one call."""

    async def __call__(self, request: Request, deps: Deps) -> AccessClaims:
        cookie = request.cookies.get(RECORDING_COOKIE)
        if cookie and "authorization" not in request.headers:
            claims = deps.tokens.read_access(cookie, recording_audience(request.path_params["call_id"]))
        else:
            claims = deps.tokens.read_access(_bearer(request))
        return await present(claims, Role.SUPERVISOR, deps)


class WithCallToken(AccessRule):
    """A caller's page, by its call token, from the origin that the token was given to."""

    def __init__(self, *, coming_back: bool = False) -> None:
        """`coming_back`: to a call that is in the path; who is refused that is on record."""
        self.coming_back = coming_back

    async def __call__(self, request: Request, deps: Deps) -> CallClaims:
        claims = deps.tokens.read_call(_bearer(request))
        try:
            _must_serve(claims, request)
        except Problem as refused:
            if self.coming_back:
                await note_stale(request, claims, refused.code, deps)
            raise
        return claims


def _must_serve(claims: CallClaims, request: Request) -> None:
    origin = request.headers.get("origin")
    if origin is not None:
        if origin != claims.origin:
            raise Problem(403, "origin_not_allowed", "This call token was given to another web site.")
        origins.share_with(request, origin)
    if claims.over:
        raise call_token_expired()


async def note_stale(request: Request, claims: CallClaims, code: str, deps: GatewayDeps) -> None:
    """A token that can't come back to the call in the path, on record; but not without end: anybody may ask."""
    try:
        call_id = str(UUID(request.path_params["call_id"]))
    except ValueError:
        return  # words of the client's own, about no call
    address = request.client.host if request.client else "unknown"
    if deps.hook_throttle.attempt(claims.tenant_id, f"reconnect {claims.token_id}", address) is None:
        detail = {"code": code}
        await deps.audit.record(claims.tenant_id, BY_CALLER, "call_reconnect_refused", call_id, detail)


class Public(AccessRule):
    """Open to anyone, for a reason that the reader can judge."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    async def __call__(self, request: Request, deps: Deps) -> None:
        return None


class OwnPages(Public):
    """Open to anyone but another web site's page: for routes that set or take a cookie."""

    async def __call__(self, request: Request, deps: Deps) -> None:
        origins.refuse_foreign(request, deps.config.own_origins)


class LoopbackOnly(Public):
    """From this machine, and not passed on by a proxy on it."""

    async def __call__(self, request: Request, deps: Deps) -> None:
        forwarded = any(name in request.headers for name in ("forwarded", "x-forwarded-for"))
        if forwarded or not is_loopback(request.client.host if request.client else None):
            raise Problem(404, "not_found", "There is nothing here under that address.")


Caller = Annotated[CallClaims, Depends(WithCallToken())]
ReturningCaller = Annotated[CallClaims, Depends(WithCallToken(coming_back=True))]
Person = Annotated[AccessClaims, Depends(SignedIn(Role.VIEWER, one_time=True))]
Viewer = Annotated[AccessClaims, Depends(SignedIn(Role.VIEWER))]
Advisor = Annotated[AccessClaims, Depends(SignedIn(Role.ADVISOR))]
Supervisor = Annotated[AccessClaims, Depends(SignedIn(Role.SUPERVISOR))]
Admin = Annotated[AccessClaims, Depends(SignedIn(Role.ADMIN))]
CodecAdmin = Annotated[AccessClaims, Depends(CodecReader())]
RecordingListener = Annotated[AccessClaims, Depends(RecordingReader())]


def _place(request: Request) -> str:
    """The route's pattern, not the path, which the client writes."""
    return str(getattr(request.scope.get("route"), "path", "?"))


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Problem(401, "unauthenticated", "Send a Bearer token.", {"WWW-Authenticate": "Bearer"})
    return token.strip()


async def present(claims: AccessClaims, needed: Role, deps: GatewayDeps, *, one_time: bool = False) -> AccessClaims:
    """The claims with the role of this moment: a token outlives a change by minutes. Raises a 401 or 403 Problem."""
    user = await deps.accounts.user(claims.tenant_id, claims.user_id)
    if user is None or user.disabled:
        raise closed_account()
    if user.password_until is not None and not one_time:
        raise Problem(403, "password_change_needed", "Choose a password of your own first.")
    if not user.role.covers(needed):
        raise Problem(403, "forbidden", f"This needs the role {needed.value} or one above it.")
    return replace(claims, role=user.role)


def closed_account() -> Problem:
    headers = {"WWW-Authenticate": "Bearer"}
    return Problem(401, "unauthenticated", "This account is closed; ask your administrator.", headers)


def rules(app: FastAPI) -> Iterator[tuple[str, AccessRule | None]]:
    """Each route as "METHOD path", a socket's as "WS path", with its rule, or None for one that declares none."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        socket = isinstance(route, APIWebSocketRoute)
        methods = [SOCKET] if socket else sorted(getattr(route, "methods", None) or {"ANY"})
        name = f"{','.join(methods)} {getattr(route, 'path', route)}"
        known = isinstance(route, APIRoute | APIWebSocketRoute)
        declared = [d.call for d in route.dependant.dependencies] if known else []
        yield name, next((call for call in declared if isinstance(call, AccessRule)), None)


def require_rules(app: FastAPI) -> None:
    open_routes = [name for name, rule in rules(app) if rule is None]
    if open_routes:
        raise RuntimeError(f"routes without an access rule: {', '.join(open_routes)}")
