"""A promised callback that the agent dials: whoever answers rings at the desk of the advisor who has claimed it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from fastapi import APIRouter

from domain.desk.acts import NOT_YOURS
from domain.desk.callbacks import CallbackRow, CallbackVia
from domain.outbound.calling_out import OutboundResult, request_of
from domain.outbound.promised import opening_of
from domain.tenant import CallbackDialling
from gateway.access import Advisor
from gateway.deps import Deps, GatewayDeps
from gateway.desk.acts import audited
from gateway.desk.callbacks import callback_of, ring_here
from gateway.desk.state import dials_out
from gateway.outbound.routes import outbound_requests
from gateway.problems import Problem
from gateway.team.profile import profile_of
from gateway.tokens import AccessClaims

router = APIRouter(prefix="/v1/desk/callbacks")


@router.post("/{callback_id}/dial")
async def dial(callback_id: str, advisor: Advisor, deps: Deps) -> dict[str, Any]:
    """Once for each try of the promise; the same question again says how far that is."""
    row = await callback_of(callback_id, advisor, deps)
    key = f"callback/{callback_id}/{row.tries}"
    call_id = request_of(advisor.tenant_id, key)
    is_known = await deps.store.call(advisor.tenant_id, call_id) is not None
    async with nullcontext() if is_known else audited(deps, advisor, "callback_dial", callback_id):
        await _begin(row, key, advisor, deps)
    result = (await (await outbound_requests(deps)).standing(advisor.tenant_id, call_id)).result
    answered = result is OutboundResult.ANSWERED
    return {"result": result, "handoff_id": await ring_here(call_id, advisor, deps) if answered else None}


async def _begin(row: CallbackRow, key: str, advisor: AccessClaims, deps: GatewayDeps) -> None:
    if row.claimed_by != advisor.user_id:
        raise Problem(409, NOT_YOURS, "Another advisor is at it, or none.")
    if row.contact is None or row.via is not CallbackVia.BY_HAND or not await dials_out(advisor.tenant_id, deps):
        raise Problem(409, "not_dialled", "The agent can't dial this callback.")
    profile = replace(await profile_of(advisor.tenant_id, deps), callback_dialling=CallbackDialling.ADVISOR)
    called = await deps.store.call(advisor.tenant_id, row.call_id)
    opening = opening_of(row.reason, profile, row.language, None if called is None else called.summary)
    await (await outbound_requests(deps)).begin(advisor.tenant_id, key, row.contact, 1, opening)
