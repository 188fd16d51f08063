"""An administrator's way to a vendor's consent page and back, bound to their own browser."""

from __future__ import annotations

import json
import secrets
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.responses import RedirectResponse

from domain.accounts import Role
from domain.acting.connection import ConnectionRow, ConsentAsked
from domain.errors import Rejected
from gateway import origins
from gateway.access import Admin, Public, present
from gateway.connections.routes import ConnectionId, connection_of
from gateway.deps import Deps, GatewayDeps
from gateway.problems import Problem
from gateway.tokens import AccessClaims, consent_audience

router = APIRouter(prefix="/v1/connections")

CALLBACK = "/v1/connections/callback"
COOKIE = "hatif_consent"
WITHIN_S = 600
"""Somebody looks for their password, and for the second factor."""
PAGE = "/connections"
LATE, DECLINED, CONNECTED = "late", "declined", "connected"

Told = Annotated[str, Query(max_length=4000)]


@router.post("/{connection_id}/consent")
async def begin(
    connection_id: ConnectionId, request: Request, response: Response, admin: Admin, deps: Deps
) -> dict[str, Any]:
    """The vendor's address; by the cookie that comes with it the way back is known."""
    held = await connection_of(connection_id, admin.tenant_id, deps)
    asked = ConsentAsked(
        state=f"{connection_id}.{secrets.token_urlsafe(32)}",
        verifier=secrets.token_urlsafe(64),
        redirect_uri=f"{_own_origin(request, deps)}{CALLBACK}",
    )
    try:
        address = deps.vendors.consent_address(held.row, asked)
    except Rejected:
        raise Problem(409, "no_consent", "This connection signs in by a key.") from None
    user = await deps.accounts.user(admin.tenant_id, admin.user_id)
    if user is None:
        raise Problem(404, "not_found", "There is no such person.")
    await deps.connection_book.set_aside(held.row, _written(asked, deps.wall_clock()))
    await deps.audit.record(admin.tenant_id, admin.user_id, "consent_asked", connection_id, {})
    # Lax: the way back is a link that the vendor's page leads to.
    response.set_cookie(
        COOKIE,
        deps.tokens.access(user, consent_audience(asked.state)),
        max_age=WITHIN_S,
        path=CALLBACK,
        httponly=True,
        samesite="lax",
        secure=deps.config.tls,
    )
    return {"address": address}


@router.get(
    "/callback", dependencies=[Depends(Public("the browser's cookie says which administrator went to the vendor"))]
)
async def back(request: Request, deps: Deps, state: Told = "", code: Told = "", error: Told = "") -> Response:
    """A person arrives here, so whatever happened they land on the page, which says it."""
    found = await _returned(state, request, deps)
    if found is None:
        return _to_page(LATE)
    admin, row, asked = found
    if error or not code:
        await deps.audit.record(admin.tenant_id, admin.user_id, "consent_declined", row.connection_id, {})
        return _to_page(DECLINED, row)
    trouble = await deps.vendors.consented(row, asked, code)
    detail = {"result": trouble or CONNECTED}
    await deps.audit.record(admin.tenant_id, admin.user_id, "consent_given", row.connection_id, detail)
    return _to_page(trouble or CONNECTED, row)


async def _returned(
    state: str, request: Request, deps: GatewayDeps
) -> tuple[AccessClaims, ConnectionRow, ConsentAsked] | None:
    """Who came back, for which connection; None for a stranger, another browser, too late, and a second time."""
    try:
        claims = deps.tokens.read_access(request.cookies.get(COOKIE, ""), consent_audience(state))
        admin = await present(claims, Role.ADMIN, deps)
        held = await connection_of(state.partition(".")[0], admin.tenant_id, deps)
    except Problem:
        return None
    aside = await deps.connection_book.take(admin.tenant_id, held.row.connection_id)
    written: dict[str, Any] = json.loads(aside) if aside else {}
    if written.get("state") != state or written["at"] + WITHIN_S < deps.wall_clock():
        return None
    asked = ConsentAsked(state=state, verifier=written["verifier"], redirect_uri=written["redirect_uri"])
    return admin, held.row, asked


def _written(asked: ConsentAsked, at: float) -> str:
    return json.dumps({"state": asked.state, "verifier": asked.verifier, "redirect_uri": asked.redirect_uri, "at": at})


def _own_origin(request: Request, deps: GatewayDeps) -> str:
    """Under which this browser knows us: the vendor sends it back there. Raises a 403 Problem."""
    origin = origins.required(request)
    origins.refuse_foreign(request, deps.config.own_origins)
    return origin


def _to_page(result: str, row: ConnectionRow | None = None) -> Response:
    query = {"consent": result} | ({"connection": row.connection_id} if row else {})
    answer = RedirectResponse(f"{PAGE}?{urlencode(query)}", 303)
    answer.delete_cookie(COOKIE, path=CALLBACK, httponly=True, samesite="lax")
    return answer
