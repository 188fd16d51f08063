"""The desk of one advisor: where they stand, what rings, whom they have, and what is still to be done."""

from __future__ import annotations

import contextlib
from typing import Annotated, Any, Literal

from fastapi import APIRouter, BackgroundTasks, Query

from domain.desk.callbacks import CallbackState
from domain.desk.handoffs import HandoffRow, HandoffState
from domain.desk.people import PresenceState
from domain.errors import Unavailable
from gateway.access import Advisor
from gateway.body import Body
from gateway.deps import Deps, GatewayDeps
from gateway.desk.shown import callback_shown, offer_shown, presence_shown, queue_shown, waiting_shown, with_brief
from gateway.live.messages import PRESENCE_CHANGED, Tab
from gateway.problems import Problem
from gateway.team.users import shown as user_shown

router = APIRouter(prefix="/v1/desk")

DEFAULT_HISTORY = 50
MAX_HISTORY = 200


class PresenceAsked(Body):
    state: Literal["ready", "away"]
    tab: Tab


@router.get("")
async def desk(advisor: Advisor, deps: Deps) -> dict[str, Any]:
    tenant_id, me = advisor.tenant_id, advisor.user_id
    user = await deps.accounts.user(tenant_id, me)
    if user is None:
        raise Problem(404, "not_found", "There is no such person any more.")
    live = await deps.desk.live(tenant_id)
    offer = next((row for row in live if _rings_at(row, me)), None)
    current = next((row for row in live if row.state is HandoffState.BRIDGED and row.accepted_by == me), None)
    now = deps.wall_clock()
    callbacks = await deps.callbacks.open_callbacks(tenant_id)
    return {
        "me": user_shown(user),
        "now": now,
        "presence": presence_shown(await deps.presences.presence(tenant_id, me)),
        "offer": None if offer is None else await with_brief(offer, deps, tenant_id),
        "handoff": None if current is None else await with_brief(current, deps, tenant_id),
        "wrap_ups": [offer_shown(row) for row in await deps.desk.wrap_ups(tenant_id, me)],
        "waiting": [waiting_shown(row, now) for row in await deps.desk.waiting(tenant_id)],
        "callbacks": [callback_shown(row, me) for row in callbacks if row.state is not CallbackState.PROMISED],
        "dials": await dials_out(tenant_id, deps),
        "queues": [queue_shown(queue) for queue in await deps.team.queues(tenant_id)],
        "ice_servers": list(deps.config.ice_servers),
    }


async def dials_out(tenant_id: str, deps: GatewayDeps) -> bool:
    """Whether the product has a trunk by which it may call people for this company."""
    if not deps.config.dials_for:
        return False
    profile = await deps.tenants.profile(tenant_id)
    return profile is not None and profile.slug in deps.config.dials_for


@router.put("/presence")
async def choose(asked: PresenceAsked, advisor: Advisor, later: BackgroundTasks, deps: Deps) -> dict[str, Any]:
    """For the tab that speaks for the advisor: the one that opened the live socket last."""
    tenant_id, me = advisor.tenant_id, advisor.user_id
    presence = await deps.presences.choose(tenant_id, me, asked.tab, PresenceState(asked.state))
    await deps.audit.record(tenant_id, me, "presence_chosen", me, {"state": asked.state})
    await deps.feed.publish(tenant_id, me, PRESENCE_CHANGED)
    if presence.state is PresenceState.READY:
        later.add_task(_wake_waiting, tenant_id, deps)
    return {"presence": presence_shown(presence)}


@router.get("/history")
async def history(
    advisor: Advisor, deps: Deps, limit: Annotated[int, Query(ge=1, le=MAX_HISTORY)] = DEFAULT_HISTORY
) -> dict[str, Any]:
    rows = await deps.desk.history(advisor.tenant_id, advisor.user_id, limit)
    return {"handoffs": [offer_shown(row) for row in rows]}


def _rings_at(row: HandoffRow, user_id: str) -> bool:
    return row.offered_to == user_id and row.offered_until is not None


async def _wake_waiting(tenant_id: str, deps: GatewayDeps) -> None:
    """Those who wait look again by themselves, only later."""
    with contextlib.suppress(Unavailable):
        await deps.calls.reach()
        await deps.waker.advisor_available(tenant_id)
