"""What happened in a call beside its words: who it was given to, what was done, and the caller's mood as it went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from domain.acting.action import ActionRow
from domain.desk.brief import moods_of
from domain.desk.handoffs import HandoffRow, OfferRow
from domain.desk.people import Queue
from domain.speech import Turn
from domain.texting.book import TextSent
from gateway.deps import GatewayDeps
from gateway.desk.shown import queue_shown

_MINE = frozenset({"tenant_id", "call_id", "lease"})
"""Of an action: what its reader knows, or nobody needs."""


async def story(tenant_id: str, call_id: str, turns: Sequence[Turn], deps: GatewayDeps) -> dict[str, Any]:
    people = {advisor.user_id: advisor.name for advisor in await deps.team.advisors(tenant_id)}
    queues = {queue.queue_id: queue for queue in await deps.team.queues(tenant_id)}
    handoffs = await deps.desk.handoffs_of(tenant_id, call_id)
    offers = {row.handoff_id: await deps.desk.offers(tenant_id, row.handoff_id) for row in handoffs}
    texts = {sent.key: sent for sent in await deps.texts.of_call(tenant_id, call_id)}
    return {
        "handoffs": [_handoff(row, queues.get(row.queue_id), offers[row.handoff_id], people) for row in handoffs],
        "actions": [_action(row, texts.get(row.key)) for row in await deps.actions.of_call(tenant_id, call_id)],
        "moods": [asdict(mood) for mood in moods_of(turns)],
    }


def _handoff(
    row: HandoffRow, queue: Queue | None, offers: Sequence[OfferRow], people: dict[str, str]
) -> dict[str, Any]:
    return {
        "handoff_id": row.handoff_id,
        "number": row.number,
        "reason": row.reason,
        "urgent": row.urgent,
        "by": people.get(row.by, row.by),
        "language": row.language,
        "queue": {"id": row.queue_id, "name": {}} if queue is None else queue_shown(queue),
        "state": row.state.value,
        "created_at": row.created_at,
        "ended_at": row.ended_at,
        "result": row.result,
        "offers": [_offer(offer, people) for offer in offers],
    }


def _offer(row: OfferRow, people: dict[str, str]) -> dict[str, Any]:
    return {
        "number": row.number,
        "advisor": {"id": row.advisor_id, "name": people.get(row.advisor_id)},
        "result": row.result.value,
        "offered_at": row.offered_at,
        "answered_at": row.answered_at,
        "left": row.left,
        "left_at": row.left_at,
        "disposition": row.disposition,
        "notes": row.notes,
    }


def _action(row: ActionRow, text: TextSent | None) -> dict[str, Any]:
    shown = {name: value for name, value in asdict(row).items() if name not in _MINE}
    return shown | ({"delivery": {"state": text.state, "reason": text.reason}} if text is not None else {})
