"""What messaging services bring: messages and delivery reports, signed, taken in once.

The address that a tenant gives to its service is /v1/hooks/<system>/<company>/<connection>. The raw body is checked
before anything in it is read. Neither service signs a time of sending, so an old request can't be told from a late
one: a message is known again by the service's id, whenever it comes, and a report never takes a state back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Path, Request, Response

from domain.errors import Refused
from domain.messaging import DeliveryReported, TextReceived, WebhookDoor, WebhookFact
from domain.threads.thread import Arrived
from gateway.access import Public
from gateway.deps import Deps, GatewayDeps
from gateway.problems import Problem

log = structlog.get_logger(__name__)

router = APIRouter(prefix="/v1/hooks")

STALE = timedelta(days=7)
"""For as long a service goes on delivering what we did not take; what says that it is older is a copy."""
SIGNED = Depends(Public("the messaging service signs every request"))

Slug = Annotated[str, Path(max_length=64, pattern=r"^[a-z0-9-]+$")]
ConnectionId = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


@router.post("/twilio/{slug}/{connection_id}", status_code=204, dependencies=[SIGNED])
async def twilio(slug: Slug, connection_id: ConnectionId, request: Request, deps: Deps) -> None:
    await _take_in("twilio", slug, connection_id, request, deps)


@router.post("/whatsapp/{slug}/{connection_id}", dependencies=[SIGNED])
async def whatsapp(slug: Slug, connection_id: ConnectionId, request: Request, deps: Deps) -> Response:
    await _take_in("whatsapp", slug, connection_id, request, deps)
    return Response(status_code=200)


@router.get("/whatsapp/{slug}/{connection_id}", dependencies=[SIGNED])
async def set_up(slug: Slug, connection_id: ConnectionId, request: Request, deps: Deps) -> Response:
    """Meta asks once, when a webhook is set up, for its challenge back."""
    tenant_id, door = await _door("whatsapp", slug, connection_id, deps)
    try:
        if door is None:
            raise Refused("bad_signature", "There is no such connection.")
        answer = door.challenge(request.query_params)
    except Refused:
        await _refuse(tenant_id, slug, connection_id, "forged", request, deps)
        raise Problem(403, "bad_signature", "The verify token is not this connection's.") from None
    return Response(answer[:256], media_type="text/plain")


async def _take_in(system: str, slug: str, connection_id: str, request: Request, deps: GatewayDeps) -> None:
    tenant_id, door = await _door(system, slug, connection_id, deps)
    body = await request.body()
    try:
        if tenant_id is None or door is None:
            raise Refused("bad_signature", "There is no such connection.")
        facts = door.open(_called_url(request, deps), request.headers, body)
    except Refused as refused:
        if refused.code != "bad_signature":
            raise Problem(422, "invalid", "The request is signed, and no message.") from None
        await _refuse(tenant_id, slug, connection_id, "forged", request, deps)
        raise Problem(401, "bad_signature", "The request is not signed for this connection.") from None
    if any(_is_stale(fact, deps.wall_clock()) for fact in facts):
        await _refuse(tenant_id, slug, connection_id, "stale", request, deps)
        raise Problem(401, "stale", "The request is too old.")
    for fact in facts:
        await _take(tenant_id, connection_id, fact, deps)


async def _take(tenant_id: str, connection_id: str, fact: WebhookFact, deps: GatewayDeps) -> None:
    match fact:
        case TextReceived():
            profile = await deps.tenants.profile(tenant_id)
            if profile is None:
                return
            try:
                arrived = await deps.threads.arrive(tenant_id, connection_id, fact, profile.default_language)
            except Refused:
                # A short code or a name can't be answered; there is nothing that the service could do better.
                log.warning("message_without_number", tenant_id=tenant_id, connection_id=connection_id)
                return
            await hand_over(tenant_id, arrived, deps)
        case DeliveryReported():
            await deps.threads.reported(tenant_id, connection_id, fact)


async def hand_over(tenant_id: str, arrived: Arrived, deps: GatewayDeps) -> None:
    """Also again, for a message that came before: its procedure may not have learned of it then."""
    await deps.calls.reach()
    await deps.thread_acts.arrived(tenant_id, arrived)
    await deps.threads.told(tenant_id, arrived.call_id, arrived.seq)


def _is_stale(fact: WebhookFact, now: float) -> bool:
    return isinstance(fact, TextReceived) and fact.at is not None and now - fact.at.timestamp() > STALE.total_seconds()


def _called_url(request: Request, deps: GatewayDeps) -> str:
    """As the service called it, which its signature covers: a proxy may have put us under another name."""
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    origin = deps.config.hook_origin
    return f"{origin}{path}" if origin is not None else str(request.url)


async def _door(system: str, slug: str, connection_id: str, deps: GatewayDeps) -> tuple[str | None, WebhookDoor | None]:
    tenant_id = await deps.accounts.tenant_id(slug)
    return tenant_id, await deps.messaging.door(tenant_id, system, connection_id) if tenant_id else None


async def _refuse(
    tenant_id: str | None, slug: str, connection_id: str, reason: str, request: Request, deps: GatewayDeps
) -> None:
    """On record, but not without end: a stranger can send as many as they like. Raises a 429 Problem."""
    address = request.client.host if request.client else "unknown"
    wait_s = deps.hook_throttle.attempt(slug, f"messages {connection_id}", address)
    if wait_s is not None:
        detail = "Too many requests with a wrong signature."
        raise Problem(429, "too_many_attempts", detail, {"Retry-After": str(wait_s)})
    if tenant_id:
        detail = {"reason": reason, "address": address, "connection": connection_id}
        await deps.audit.record(tenant_id, "messaging_service", "message_refused", tenant_id, detail)
