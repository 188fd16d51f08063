"""The supervisor's board, and what a supervisor does to a living call: listen, whisper, barge in, guide, take over."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field

from domain.call import CallRow, Outcome
from domain.desk.board import LiveCall, mood, reply_ms
from domain.desk.handoffs import HandoffRow, HandoffState
from domain.desk.people import PresenceState
from domain.handoff import HandoffAsked
from domain.line import JoinAsked, Party, PartyMode, PartyRole
from gateway.access import Supervisor
from gateway.body import Body
from gateway.calls import Offer
from gateway.deps import Deps, GatewayDeps
from gateway.desk.acts import audited
from gateway.desk.handoffs import known_queue
from gateway.desk.shown import presence_shown, queue_shown, waiting_shown
from gateway.problems import Problem
from gateway.team.words import ShortName
from gateway.tokens import AccessClaims

router = APIRouter(prefix="/v1/board")

MOST_CALLS = 200
"""More than one person can watch; the longest come first."""
SUPERVISOR_WANTED = "supervisor"
TAKEN_OVER = "take_over"
"""The reasons of handoffs that a supervisor asks for: to an advisor, and to themselves."""

Mode = Literal["listen", "whisper", "talk"]


class Joining(Body):
    offer: Offer
    mode: Mode = "listen"


class ModeAsked(Body):
    mode: Mode


class Guidance(Body):
    text: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]


class Onward(Body):
    queue: ShortName | None = None


@router.get("")
async def board(supervisor: Supervisor, deps: Deps) -> dict[str, Any]:
    tenant_id, now = supervisor.tenant_id, deps.wall_clock()
    people = {advisor.user_id: advisor.name for advisor in await deps.team.advisors(tenant_id)}
    handoffs = {row.call_id: row for row in await deps.desk.live(tenant_id)}
    presences = {presence.advisor_id: presence for presence in await deps.presences.presences(tenant_id)}
    return {
        "now": now,
        "calls": [
            _row(live, handoffs.get(live.call.call_id), people, now)
            for live in await deps.live_calls.live(tenant_id, MOST_CALLS)
        ],
        "waiting": [waiting_shown(row, now) for row in await deps.desk.waiting(tenant_id)],
        "queues": [queue_shown(queue) for queue in await deps.team.queues(tenant_id)],
        "advisors": [
            {"id": user_id, "name": name, **(presence_shown(presences[user_id]) if user_id in presences else _OFFLINE)}
            for user_id, name in people.items()
        ],
        "ice_servers": list(deps.config.ice_servers),
    }


_OFFLINE: dict[str, Any] = {"state": "offline", "since": None, "away": None, "next_state": None, "tab": None}


def _row(live: LiveCall, handoff: HandoffRow | None, people: dict[str, str], now: float) -> dict[str, Any]:
    call = live.call
    reading = mood(live.latest)
    return {
        "call_id": call.call_id,
        "channel": call.channel.value,
        "state": call.state.value,
        "language": call.language or (live.latest[-1].language if live.latest else None),
        "started_at": call.started_at,
        "seconds": max(0, round(now - call.started_at)),
        "turns": live.turns,
        "mood": None
        if reading is None
        else {"mood": reading.mood.value, "score": reading.score, "evidence": list(reading.evidence)},
        "reply_ms": reply_ms(live.latest),
        "handoff": None if handoff is None else _handoff(handoff, people),
    }


def _handoff(row: HandoffRow, people: dict[str, str]) -> dict[str, Any]:
    advisor_id = row.accepted_by if row.state is HandoffState.BRIDGED else row.offered_to
    return {
        "handoff_id": row.handoff_id,
        "state": row.state.value,
        "queue": row.queue_id,
        "reason": row.reason,
        "urgent": row.urgent,
        "created_at": row.created_at,
        "advisor": None if advisor_id is None else {"id": advisor_id, "name": people.get(advisor_id)},
    }


@router.post("/calls/{call_id}/join")
async def join(call_id: uuid.UUID, asked: Joining, supervisor: Supervisor, deps: Deps) -> dict[str, Any]:
    offer = asked.offer.checked()
    async with audited(deps, supervisor, "call_join", str(call_id), mode=asked.mode):
        living = await _audible(call_id, supervisor, deps)
        party = Party(party_id=supervisor.user_id, role=PartyRole.SUPERVISOR, mode=PartyMode(asked.mode))
        connected = await deps.calls.join(supervisor.tenant_id, living, JoinAsked(party=party, offer=offer))
    answer = {"type": connected.answer.type, "sdp": connected.answer.sdp}
    return {"call_id": living, "lease": connected.lease, "answer": answer}


@router.patch("/calls/{call_id}/mode", status_code=204)
async def change_mode(call_id: uuid.UUID, asked: ModeAsked, supervisor: Supervisor, deps: Deps) -> None:
    async with audited(deps, supervisor, "call_mode", str(call_id), mode=asked.mode):
        living = await _audible(call_id, supervisor, deps)
        mode = PartyMode(asked.mode)
        await deps.calls.set_party_mode(supervisor.tenant_id, living, supervisor.user_id, mode)


@router.post("/calls/{call_id}/leave", status_code=204)
async def leave(call_id: uuid.UUID, supervisor: Supervisor, deps: Deps) -> None:
    async with audited(deps, supervisor, "call_leave", str(call_id)):
        living = await _audible(call_id, supervisor, deps)
        await deps.calls.leave(supervisor.tenant_id, living, supervisor.user_id)


@router.post("/calls/{call_id}/guide", status_code=204)
async def guide(call_id: uuid.UUID, asked: Guidance, supervisor: Supervisor, deps: Deps) -> None:
    """Words to the agent alone; the caller hears nothing of them."""
    async with audited(deps, supervisor, "call_guide", str(call_id)):
        living = await _living(call_id, supervisor, deps)
        await deps.calls.guide(supervisor.tenant_id, living, asked.text)


@router.post("/calls/{call_id}/take-over", status_code=202)
async def take_over(call_id: uuid.UUID, supervisor: Supervisor, deps: Deps) -> dict[str, str]:
    """The call rings at the supervisor's own desk, and at nobody else's."""
    async with audited(deps, supervisor, "call_take_over", str(call_id)):
        living = await _living(call_id, supervisor, deps)
        presence = await deps.presences.presence(supervisor.tenant_id, supervisor.user_id)
        if presence.state is PresenceState.OFFLINE:
            raise Problem(409, "no_desk", "Open your desk first: the call rings there.")
        me = supervisor.user_id
        asked = HandoffAsked(reason=TAKEN_OVER, by=me, advisor_id=me, urgent=True)
        handoff_id = await deps.calls.request_handoff(supervisor.tenant_id, living, asked)
    return {"handoff_id": handoff_id}


@router.post("/calls/{call_id}/handoff", status_code=202)
async def hand_off(call_id: uuid.UUID, asked: Onward, supervisor: Supervisor, deps: Deps) -> dict[str, str]:
    async with audited(deps, supervisor, "call_handoff", str(call_id), queue=asked.queue or ""):
        living = await _living(call_id, supervisor, deps)
        await known_queue(asked.queue, supervisor.tenant_id, deps)
        wanted = HandoffAsked(reason=SUPERVISOR_WANTED, by=supervisor.user_id, queue=asked.queue)
        handoff_id = await deps.calls.request_handoff(supervisor.tenant_id, living, wanted)
    return {"handoff_id": handoff_id}


@router.post("/calls/{call_id}/end", status_code=204)
async def end(call_id: uuid.UUID, supervisor: Supervisor, deps: Deps) -> None:
    async with audited(deps, supervisor, "call_end", str(call_id)):
        living = await _living(call_id, supervisor, deps)
        await deps.calls.end(supervisor.tenant_id, living, Outcome.ENDED_BY_OPERATOR)


async def _audible(call_id: uuid.UUID, supervisor: AccessClaims, deps: GatewayDeps) -> str:
    """The id of a living call that has a line: one in writing is refused."""
    row = await _row_of(call_id, supervisor, deps)
    if row.channel.is_written:
        raise Problem(409, "no_line", "This person writes: there is nothing to hear.")
    return row.call_id


async def _living(call_id: uuid.UUID, supervisor: AccessClaims, deps: GatewayDeps) -> str:
    return (await _row_of(call_id, supervisor, deps)).call_id


async def _row_of(call_id: uuid.UUID, supervisor: AccessClaims, deps: GatewayDeps) -> CallRow:
    """Another company's call is not found, like one that never was; one that is over is refused."""
    row = await deps.store.call(supervisor.tenant_id, str(call_id))
    if row is None:
        raise Problem(404, "not_found", "There is no such call.")
    if row.ended_at is not None:
        raise Problem(409, "call_ended", "This call is over.")
    return row
