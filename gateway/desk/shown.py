"""Rows of the desk as its pages read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from domain.desk.callbacks import CallbackRow
from domain.desk.handoffs import HandoffRow, OfferRow, Waiting
from domain.desk.people import Presence, Queue
from domain.speech import Turn
from gateway.deps import GatewayDeps


async def with_brief(row: HandoffRow, deps: GatewayDeps, tenant_id: str) -> dict[str, Any]:
    brief = await deps.desk.brief(tenant_id, row.handoff_id)
    call = await deps.store.call(tenant_id, row.call_id)
    channel = None if call is None else call.channel
    # Written when the customer asked for somebody; who has passed them on since then may have left a note.
    note = None if brief is None else await deps.desk.note(tenant_id, row.handoff_id)
    if brief is not None and note is not None and note not in brief.notes:
        brief = replace(brief, notes=(*brief.notes, note))
    return {**asdict(row), "channel": channel, "brief": None if brief is None else asdict(brief)}


async def turns_shown(turns: Sequence[Turn], deps: GatewayDeps, tenant_id: str) -> list[dict[str, Any]]:
    """Each with the name of the person who said it, where one did."""
    names: dict[str, str] = {}
    if any(turn.said_by for turn in turns):
        names = {advisor.user_id: advisor.name for advisor in await deps.team.advisors(tenant_id)}
    return [
        {**asdict(turn), "by": turn.said_by and {"id": turn.said_by, "name": names.get(turn.said_by)}} for turn in turns
    ]


def presence_shown(presence: Presence) -> dict[str, Any]:
    return {
        "state": presence.state.value,
        "since": presence.since,
        "away": presence.away,
        "next_state": presence.next_state,
        "tab": presence.tab,
    }


def offer_shown(row: OfferRow) -> dict[str, Any]:
    return asdict(row)


def waiting_shown(row: Waiting, now: float) -> dict[str, Any]:
    return {"queue": row.queue_id, "count": row.count, "longest_s": max(0, round(now - row.since))}


def queue_shown(queue: Queue) -> dict[str, Any]:
    return {"id": queue.queue_id, "name": {language.value: name for language, name in queue.names.items()}}


def callback_shown(row: CallbackRow, reader: str | None = None) -> dict[str, Any]:
    """The number is shown to the advisor who is at it; `reader` None is one who may see them all."""
    shown = asdict(row)
    if reader is not None and row.claimed_by != reader:
        shown["contact"] = None
    return {**shown, "has_contact": row.contact is not None}
