"""Finished and living calls of the reader's own tenant, for the pages."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query

from gateway.access import Viewer
from gateway.deps import Deps
from gateway.desk.shown import turns_shown
from gateway.desk.story import story
from gateway.problems import Problem

router = APIRouter(prefix="/v1/calls")

DEFAULT_CALLS = 50
MAX_CALLS = 200
"""A page of two hundred rows is 60 KB and read in one screen's scroll."""
SAME_READING_S = 600.0
"""An open page reads a living call every 3 s: one line of audit tells that somebody read it in these ten minutes."""


@router.get("")
async def recent(
    viewer: Viewer, deps: Deps, limit: Annotated[int, Query(ge=1, le=MAX_CALLS)] = DEFAULT_CALLS
) -> dict[str, Any]:
    return {"calls": [asdict(row) for row in await deps.store.recent(viewer.tenant_id, limit)]}


@router.get("/{call_id}")
async def one(call_id: uuid.UUID, viewer: Viewer, deps: Deps) -> dict[str, Any]:
    """Another tenant's call is not found, like one that never was."""
    row = await deps.store.call(viewer.tenant_id, str(call_id))
    if row is None:
        raise Problem(404, "not_found", "There is no such call.")
    turns = await deps.store.turns(viewer.tenant_id, str(call_id))
    await deps.audit.record_once(viewer.tenant_id, viewer.user_id, "call_read", str(call_id), SAME_READING_S)
    shown = {"call": asdict(row), "turns": await turns_shown(turns, deps, viewer.tenant_id)}
    if row.channel.is_written:
        deliveries = await deps.threads.deliveries(viewer.tenant_id, str(call_id))
        shown["deliveries"] = [asdict(delivery) for delivery in deliveries]
    return shown | await story(viewer.tenant_id, str(call_id), turns, deps)
