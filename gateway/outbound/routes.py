"""Calls out: asked for once under a key, looked at, and called off."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from pydantic import Field

from domain.outbound.calling_out import OutboundStanding, request_of
from domain.outbound.opening import reaching_out
from gateway.access import Supervisor
from gateway.body import Body
from gateway.deps import Deps, GatewayDeps, OutboundRequests
from gateway.desk.acts import audited
from gateway.problems import Problem
from gateway.team.profile import profile_of
from gateway.tokens import AccessClaims

router = APIRouter(prefix="/v1/calls/outbound")

MOST_TRIES = 10
Key = Annotated[str, Header(alias="Idempotency-Key", pattern=r"^[\x21-\x7e]{1,100}$")]


class CallOut(Body):
    number: Annotated[str, Field(min_length=1, max_length=40)]
    tries: Annotated[int, Field(ge=1, le=MOST_TRIES)] = 1
    """At most; the tenant's own limit holds beside it."""


@router.post("", status_code=202)
async def call_out(asked: CallOut, key: Key, supervisor: Supervisor, response: Response, deps: Deps) -> dict[str, str]:
    requests = await outbound_requests(deps)
    # Not the key: it may say whom it is about.
    call_id = request_of(supervisor.tenant_id, key)
    async with audited(deps, supervisor, "call_out_asked", call_id):
        opening = reaching_out(await profile_of(supervisor.tenant_id, deps))
        await requests.begin(supervisor.tenant_id, key, asked.number, asked.tries, opening)
    response.headers["Location"] = f"{router.prefix}/{call_id}"
    return {"call_id": call_id}


@router.get("/{call_id}")
async def standing(call_id: uuid.UUID, supervisor: Supervisor, deps: Deps) -> dict[str, Any]:
    found = await _standing(call_id, supervisor, deps)
    return {"call_id": found.call_id, "tries": found.tries, "result": found.result, "next_at": found.next_at}


@router.delete("/{call_id}", status_code=204)
async def call_off(call_id: uuid.UUID, supervisor: Supervisor, deps: Deps) -> None:
    """What rings is hung up; a call that was answered goes on."""
    async with audited(deps, supervisor, "call_out_stopped", str(call_id)):
        if (await _standing(call_id, supervisor, deps)).is_over:
            raise Problem(409, "call_ended", "Nobody is being called by this request any more.")
        await (await outbound_requests(deps)).stop(supervisor.tenant_id, str(call_id))


async def _standing(call_id: uuid.UUID, person: AccessClaims, deps: GatewayDeps) -> OutboundStanding:
    """Another company's request is not found, like one that never was, and like a call that came in."""
    if await deps.store.call(person.tenant_id, str(call_id)) is None:
        raise Problem(404, "not_found", "There is no such request.")
    return await (await outbound_requests(deps)).standing(person.tenant_id, str(call_id))


async def outbound_requests(deps: GatewayDeps) -> OutboundRequests:
    """Raises Unavailable("temporal", …) while it can't be reached."""
    await deps.calls.reach()
    return deps.outbound
