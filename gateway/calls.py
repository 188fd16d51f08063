"""A caller's call: start it with an offer, come back to it, hang up, rate it."""

from __future__ import annotations

import time
import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from domain.answering.policy import CALLER_ASKED
from domain.call import Channel, Outcome
from domain.errors import HatifError, LineBusy, Refused
from domain.handoff import BY_CALLER, HandoffAsked
from domain.line import CallStart, Connected, SessionDescription
from domain.speech import Language
from gateway.access import Caller, ReturningCaller, note_stale
from gateway.body import Body
from gateway.deps import Deps, GatewayDeps
from gateway.problems import Problem
from gateway.sdp import check_offer
from gateway.sites import too_many_calls
from gateway.tokens import CallClaims, call_token_expired

router = APIRouter(prefix="/v1/calls")

MAX_COMMENT_CHARACTERS = 1000


class Offer(Body):
    type: Literal["offer"]
    sdp: str

    def checked(self) -> SessionDescription:
        check_offer(self.sdp)
        return SessionDescription(type="offer", sdp=self.sdp)


class CallAsked(Body):
    offer: Offer
    language: Literal["en", "ar"] | None = None


class ReconnectAsked(Body):
    offer: Offer


class Rating(Body):
    stars: Annotated[int, Field(ge=1, le=5)]
    comment: Annotated[str, Field(max_length=MAX_COMMENT_CHARACTERS)] | None = None


@router.post("", status_code=201)
async def start(asked: CallAsked, caller: Caller, request: Request, response: Response, deps: Deps) -> dict[str, Any]:
    offer = asked.offer.checked()
    call_id = await _bind_first(caller, deps)
    await _admit(caller, call_id, deps)
    language = Language(asked.language) if asked.language else None
    call = CallStart(call_id=call_id, tenant_id=caller.tenant_id, channel=Channel.WEB, language=language)
    waited = time.perf_counter()
    try:
        connected = await deps.calls.connect(call, offer)
    except HatifError as error:
        if outcome := _never_connected(error):
            await deps.store.end_call(caller.tenant_id, call_id, outcome)
        raise
    durable_s = time.perf_counter() - waited
    gateway_s = waited - request.state.arrived
    deps.metrics.hop_seconds.labels("gateway").observe(gateway_s)
    deps.metrics.hop_seconds.labels("durable").observe(durable_s)
    response.headers["Server-Timing"] = f"gateway;dur={gateway_s * 1000:.1f}, durable;dur={durable_s * 1000:.1f}"
    response.headers["Location"] = f"{router.prefix}/{call_id}"
    return _shown(call_id, connected)


@router.post("/{call_id}/reconnect")
async def reconnect(
    call_id: uuid.UUID, asked: ReconnectAsked, caller: ReturningCaller, request: Request, deps: Deps
) -> dict[str, Any]:
    offer = asked.offer.checked()
    try:
        bound = await _bound(call_id, caller, deps)
        row = await deps.store.call(caller.tenant_id, bound)
        if row is not None and row.ended_at is not None:
            raise Problem(409, "call_ended", "This call is over.")
    except Problem as refused:
        await note_stale(request, caller, refused.code, deps)
        raise
    return _shown(bound, await deps.calls.reconnect(caller.tenant_id, bound, offer))


@router.delete("/{call_id}", status_code=204)
async def hang_up(call_id: uuid.UUID, caller: Caller, deps: Deps) -> None:
    bound = await _bound(call_id, caller, deps)
    await deps.calls.end(caller.tenant_id, bound, Outcome.CALLER_HUNG_UP)


@router.post("/{call_id}/rating", status_code=204)
async def rate(call_id: uuid.UUID, rating: Rating, caller: Caller, deps: Deps) -> None:
    bound = await _bound(call_id, caller, deps)
    await deps.store.rate(caller.tenant_id, bound, rating.stars, rating.comment)


@router.post("/{call_id}/handoff", status_code=202)
async def ask_for_a_person(call_id: uuid.UUID, caller: Caller, deps: Deps) -> dict[str, str]:
    """The page's button; one who waits already goes on waiting."""
    bound = await _bound(call_id, caller, deps)
    profile = await deps.tenants.profile(caller.tenant_id)
    if profile is None or not profile.handoff:
        raise Problem(403, "handoff_off", "Nobody can take calls over here.")
    asked = HandoffAsked(reason=CALLER_ASKED, by=BY_CALLER)
    return {"handoff_id": await deps.calls.request_handoff(caller.tenant_id, bound, asked)}


async def _bind_first(caller: CallClaims, deps: GatewayDeps) -> str:
    """A fresh call's id, to which this token now belongs for good."""
    if not caller.fresh:
        raise call_token_expired()
    call_id = str(uuid.uuid4())
    if await deps.accounts.bind_call_token(caller.tenant_id, caller.token_id, call_id) != call_id:
        raise Refused("token_used", "This call token has made its call; ask for another.")
    return call_id


async def _bound(call_id: uuid.UUID, caller: CallClaims, deps: GatewayDeps) -> str:
    """`call_id`, if the token made that call; otherwise a 404, whoever's call it may be.

    A token that made no call is bound to a call that never was: it must not become another call's token.
    """
    bound = await deps.accounts.bind_call_token(caller.tenant_id, caller.token_id, str(uuid.uuid4()))
    if bound != str(call_id):
        raise Problem(404, "not_found", "This call token made no such call.")
    return bound


async def _admit(caller: CallClaims, call_id: str, deps: GatewayDeps) -> None:
    """Take a place under the site key's cap: first counted in, then counted, so that two at once can't both pass."""
    await deps.store.create_call(caller.tenant_id, call_id, Channel.WEB.value, caller.site_key_id)
    try:
        if await deps.accounts.live_calls(caller.tenant_id, caller.site_key_id) > caller.max_calls:
            raise too_many_calls()
        await deps.keys.create_key(caller.tenant_id, call_id)
    except (Problem, HatifError):
        await deps.store.end_call(caller.tenant_id, call_id, Outcome.BUSY)
        raise


def _never_connected(error: HatifError) -> Outcome | None:
    """How a call ended that got no line; None when it may still have one."""
    match error:
        case LineBusy():
            return Outcome.BUSY
        case Refused(code="bad_offer"):
            return Outcome.REFUSED
        case Refused():
            return None
        case _:
            return Outcome.LOST


def _shown(call_id: str, connected: Connected) -> dict[str, Any]:
    answer = {"type": connected.answer.type, "sdp": connected.answer.sdp}
    return {"call_id": call_id, "lease": connected.lease, "answer": answer}
