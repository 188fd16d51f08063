"""Promised callbacks: an advisor takes one up, and says what became of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from domain.desk.acts import Reschedule
from domain.desk.callbacks import CallbackRow, CallbackVia
from domain.errors import LineLost
from domain.handoff import CALLS_BACK, HandoffAsked
from gateway.access import Advisor, Supervisor
from gateway.body import Body
from gateway.deps import Deps, GatewayDeps
from gateway.desk.acts import audited, desk_acts
from gateway.desk.shown import callback_shown
from gateway.problems import Problem
from gateway.tokens import AccessClaims

router = APIRouter(prefix="/v1")

DEFAULT_CALLBACKS = 100
MAX_CALLBACKS = 500
FURTHEST_S = 60 * 86_400
"""Nobody plans a callback more than two months ahead."""


class Later(Body):
    at: Annotated[float, Field(gt=0)] | Annotated[int, Field(gt=0)]
    """Unix seconds."""


@router.get("/callbacks")
async def callbacks(
    supervisor: Supervisor, deps: Deps, limit: Annotated[int, Query(ge=1, le=MAX_CALLBACKS)] = DEFAULT_CALLBACKS
) -> dict[str, Any]:
    rows = await deps.callbacks.recent_callbacks(supervisor.tenant_id, limit)
    await deps.audit.record(supervisor.tenant_id, supervisor.user_id, "callbacks_read", supervisor.tenant_id, {})
    return {"callbacks": [callback_shown(row) for row in rows]}


@router.post("/desk/callbacks/{callback_id}/claim")
async def claim(callback_id: str, advisor: Advisor, deps: Deps) -> dict[str, Any]:
    """Shows the number to call; where the caller's page is still open, the call rings at this desk instead."""
    async with audited(deps, advisor, "callback_claim", callback_id):
        await callback_of(callback_id, advisor, deps)
        await (await desk_acts(deps)).claim_callback(advisor.tenant_id, callback_id, advisor.user_id)
    row = await callback_of(callback_id, advisor, deps)
    handoff_id = await ring_here(row.call_id, advisor, deps) if row.via is CallbackVia.PAGE else None
    return {"callback": callback_shown(row, advisor.user_id), "handoff_id": handoff_id}


@router.post("/desk/callbacks/{callback_id}/done", status_code=204)
async def done(callback_id: str, advisor: Advisor, deps: Deps) -> None:
    async with audited(deps, advisor, "callback_done", callback_id):
        await callback_of(callback_id, advisor, deps)
        await (await desk_acts(deps)).callback_done(advisor.tenant_id, callback_id, advisor.user_id)


@router.post("/desk/callbacks/{callback_id}/failed", status_code=204)
async def failed(callback_id: str, advisor: Advisor, deps: Deps) -> None:
    """Not reached: it comes again later, a few times."""
    async with audited(deps, advisor, "callback_failed", callback_id):
        await callback_of(callback_id, advisor, deps)
        await (await desk_acts(deps)).callback_failed(advisor.tenant_id, callback_id, advisor.user_id)


@router.post("/desk/callbacks/{callback_id}/cancel", status_code=204)
async def cancel(callback_id: str, advisor: Advisor, deps: Deps) -> None:
    async with audited(deps, advisor, "callback_cancel", callback_id):
        await callback_of(callback_id, advisor, deps)
        await (await desk_acts(deps)).cancel_callback(advisor.tenant_id, callback_id, advisor.user_id)


@router.post("/desk/callbacks/{callback_id}/reschedule")
async def reschedule(callback_id: str, asked: Later, advisor: Advisor, deps: Deps) -> dict[str, Any]:
    """The time that it got: the next at which calling is allowed."""
    now = deps.wall_clock()
    if not now <= asked.at <= now + FURTHEST_S:
        raise Problem(422, "invalid", "at: a time from now on, within two months.")
    async with audited(deps, advisor, "callback_reschedule", callback_id):
        await callback_of(callback_id, advisor, deps)
        wanted = Reschedule(by=advisor.user_id, at=asked.at)
        at = await (await desk_acts(deps)).reschedule_callback(advisor.tenant_id, callback_id, wanted)
    return {"at": at}


async def callback_of(callback_id: str, person: AccessClaims, deps: GatewayDeps) -> CallbackRow:
    row = await deps.callbacks.callback(person.tenant_id, callback_id) if callback_id.isprintable() else None
    if row is None:
        raise Problem(404, "not_found", "There is no such callback.")
    return row


async def ring_here(call_id: str, advisor: AccessClaims, deps: GatewayDeps) -> str | None:
    """Have a living call ring at this advisor's desk; the handoff's id."""
    asked = HandoffAsked(reason=CALLS_BACK, by=advisor.user_id, advisor_id=advisor.user_id)
    try:
        return await deps.calls.request_handoff(advisor.tenant_id, call_id, asked)
    except LineLost:
        # They have hung up in this moment: then by hand.
        return None
