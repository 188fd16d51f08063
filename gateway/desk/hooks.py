"""A foreign desk's messages, by their signature, and where an administrator says which desk that is."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import Field, TypeAdapter, ValidationError

from domain.accounts import Role, User
from domain.desk.acts import Acceptance
from domain.desk.hooks import KEY_BYTES, WINDOW_S, DeskHook, is_signed, new_secret
from domain.errors import LineError, Refused, Rejected
from domain.handoff import HandoffAsked
from gateway.access import Admin, Public
from gateway.body import Body
from gateway.deps import Deps, GatewayDeps
from gateway.desk.acts import audited, desk_acts, handoff_of
from gateway.desk.handoffs import known_queue
from gateway.problems import Problem
from gateway.team.words import ShortName

router = APIRouter(prefix="/v1")

BY_FOREIGN_DESK = "foreign_desk"
"""The reason of a handoff that it asks for, and who its acts are audited as."""
MAX_ID_CHARACTERS = 200

HandoffId = Annotated[str, Field(min_length=1, max_length=MAX_ID_CHARACTERS)]
Email = Annotated[str, Field(min_length=3, max_length=254)]


class Accepted(Body):
    """One of our advisors took the call in the foreign desk's window."""

    event: Literal["accepted"]
    handoff_id: HandoffId
    advisor: Email


class Declined(Body):
    event: Literal["declined"]
    handoff_id: HandoffId
    advisor: Email


class Ended(Body):
    event: Literal["ended"]
    handoff_id: HandoffId
    advisor: Email


class Said(Body):
    """Words for the caller, which the agent passes on in its next answer."""

    event: Literal["message"]
    handoff_id: HandoffId
    text: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]


class Wanted(Body):
    """A person is wanted in a living call."""

    event: Literal["handoff"]
    call_id: uuid.UUID
    queue: ShortName | None = None


Message = Accepted | Declined | Ended | Said | Wanted
_message: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="event")])


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignDesk:
    """Who acts, for the audit."""

    tenant_id: str
    user_id: str = BY_FOREIGN_DESK


@router.post(
    "/hooks/desk/{slug}", status_code=204, dependencies=[Depends(Public("the foreign desk signs every message"))]
)
async def hear(slug: str, request: Request, deps: Deps) -> None:
    desk, message_id, body = await _signed(slug, request, deps)
    try:
        message = _message.validate_json(body)
    except ValidationError:
        raise Problem(422, "invalid", "The message is none that a foreign desk sends.") from None
    async with _once(desk, message_id, deps):
        await _dealt_with(message, desk, deps)


async def _dealt_with(message: Message, desk: ForeignDesk, deps: GatewayDeps) -> None:
    match message:
        case Accepted() | Declined() | Ended():
            await _advisor_acts(message, desk, deps)
        case Said():
            async with audited(deps, desk, "foreign_message", message.handoff_id):
                row = await handoff_of(message.handoff_id, desk, deps)
                await deps.calls.guide(desk.tenant_id, row.call_id, message.text)
        case Wanted():
            call_id = str(message.call_id)
            async with audited(deps, desk, "foreign_handoff", call_id):
                if await deps.store.call(desk.tenant_id, call_id) is None:
                    raise Problem(404, "not_found", "There is no such call.")
                await known_queue(message.queue, desk.tenant_id, deps)
                asked = HandoffAsked(reason=BY_FOREIGN_DESK, by=BY_FOREIGN_DESK, queue=message.queue)
                await deps.calls.request_handoff(desk.tenant_id, call_id, asked)


async def _advisor_acts(message: Accepted | Declined | Ended, desk: ForeignDesk, deps: GatewayDeps) -> None:
    async with audited(deps, desk, f"foreign_{message.event}", message.handoff_id):
        row = await handoff_of(message.handoff_id, desk, deps)
        advisor = await _advisor(message.advisor, desk, deps)
        acts = await desk_acts(deps)
        answer = Acceptance(advisor_id=advisor.user_id, offer_number=row.offer_number)
        match message:
            case Accepted():
                await acts.accept(desk.tenant_id, row.handoff_id, answer)
            case Declined():
                await acts.decline(desk.tenant_id, row.handoff_id, answer)
            case Ended():
                await acts.finish(desk.tenant_id, row.handoff_id, advisor.user_id)


async def _advisor(email: str, desk: ForeignDesk, deps: GatewayDeps) -> User:
    found = await deps.accounts.user_by_email(desk.tenant_id, email) if email.isprintable() else None
    user = found[0] if found else None
    if user is None or user.disabled or not user.role.covers(Role.ADVISOR):
        raise Problem(404, "not_found", "There is no such advisor.")
    return user


# ---------------------------------------------------------------- who says it, and whether it was said before


async def _signed(slug: str, request: Request, deps: GatewayDeps) -> tuple[ForeignDesk, str, bytes]:
    """Raises a 401 Problem, the same for an unknown company, a company without a desk, and a wrong signature."""
    tenant_id = await deps.accounts.tenant_id(slug) if slug.isprintable() else None
    secret = await deps.desk_hooks.secret(tenant_id) if tenant_id else None
    message_id = request.headers.get("webhook-id", "")
    sent_at = request.headers.get("webhook-timestamp", "")
    given = request.headers.get("webhook-signature", "")
    body = await request.body()
    timestamp = int(sent_at) if sent_at.isascii() and sent_at.isdecimal() and len(sent_at) <= 12 else 0
    # A stranger's key costs the same time as the right one.
    fits = is_signed(secret or new_secret(secrets.token_bytes(KEY_BYTES)), message_id, timestamp, body, given)
    named = 0 < len(message_id) <= MAX_ID_CHARACTERS and message_id.isascii() and message_id.isprintable()
    stale = abs(deps.wall_clock() - timestamp) > WINDOW_S
    if tenant_id and secret and fits and named and not stale:
        return ForeignDesk(tenant_id=tenant_id), message_id, body
    await _refuse(tenant_id, slug, "stale" if fits and secret else "forged", request, deps)
    raise Problem(401, "bad_signature", "The message is not signed by this company's desk, or is too old.")


async def _refuse(tenant_id: str | None, slug: str, reason: str, request: Request, deps: GatewayDeps) -> None:
    """On record, but not without end: a stranger can send as many as they like. Raises a 429 Problem."""
    address = request.client.host if request.client else "unknown"
    wait_s = deps.hook_throttle.attempt(slug[:64], BY_FOREIGN_DESK, address)
    if wait_s is not None:
        detail = "Too many messages with a wrong signature."
        raise Problem(429, "too_many_attempts", detail, {"Retry-After": str(wait_s)})
    if tenant_id:
        detail = {"reason": reason, "address": address}
        await deps.audit.record(tenant_id, BY_FOREIGN_DESK, "desk_message_refused", tenant_id, detail)


@asynccontextmanager
async def _once(desk: ForeignDesk, message_id: str, deps: GatewayDeps) -> AsyncGenerator[None]:
    """A message that is refused for good was dealt with; one that failed for our sake may come again."""
    if not await deps.desk_hooks.is_new(desk.tenant_id, message_id):
        await deps.audit.record(
            desk.tenant_id, BY_FOREIGN_DESK, "desk_message_refused", desk.tenant_id, {"reason": "replayed"}
        )
        raise Problem(409, "replayed", "This message came before.")
    try:
        yield
    except Exception as error:
        if not isinstance(error, Problem | Refused | LineError):
            await deps.desk_hooks.forget(desk.tenant_id, message_id)
        raise


# ---------------------------------------------------------------- which desk it is


class HookAsked(Body):
    url: Annotated[str, Field(min_length=8, max_length=500)]


@router.get("/team/desk-hook")
async def hook(admin: Admin, deps: Deps) -> dict[str, Any]:
    found = await deps.desk_hooks.hook(admin.tenant_id)
    return {"hook": None if found is None else {"url": found.url}}


@router.put("/team/desk-hook")
async def save(asked: HookAsked, admin: Admin, deps: Deps) -> dict[str, Any]:
    """A new secret each time, told this once; both sides sign with it."""
    try:
        deps.check_hook_url(asked.url)
    except Rejected as rejected:
        raise Problem(422, "bad_address", str(rejected)) from None
    secret = new_secret(secrets.token_bytes(KEY_BYTES))
    await deps.desk_hooks.save(admin.tenant_id, DeskHook(url=asked.url), secret)
    await deps.audit.record(admin.tenant_id, admin.user_id, "desk_hook_saved", admin.tenant_id, {})
    return {"hook": {"url": asked.url}, "secret": secret}


@router.delete("/team/desk-hook", status_code=204)
async def remove(admin: Admin, deps: Deps) -> None:
    if not await deps.desk_hooks.remove(admin.tenant_id):
        raise Problem(404, "not_found", "There is no foreign desk.")
    await deps.audit.record(admin.tenant_id, admin.user_id, "desk_hook_removed", admin.tenant_id, {})
