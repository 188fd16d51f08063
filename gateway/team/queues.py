"""Queues: which calls come to which, and what their advisors speak and know."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field

from domain.desk.people import Queue
from gateway.access import Admin, Supervisor
from gateway.body import Body
from gateway.deps import Deps
from gateway.problems import Problem
from gateway.team.words import MAX_QUEUES, SHORT_NAME, BothNames, Languages, Skills, languages_of

router = APIRouter(prefix="/v1/team/queues")

QueueId = Annotated[str, Path(pattern=SHORT_NAME)]


class QueueAsked(Body):
    name: BothNames
    languages: Languages = Field(default_factory=list[str])
    skills: Skills = Field(default_factory=list[str])
    offer_s: Annotated[int, Field(ge=5, le=120)] = 20
    max_wait_s: Annotated[int, Field(ge=10, le=3600)] = 90
    wrap_up_s: Annotated[int, Field(ge=10, le=3600)] = 300
    position: Annotated[int, Field(ge=0, le=1000)] = 0


@router.get("")
async def queues(supervisor: Supervisor, deps: Deps) -> dict[str, Any]:
    return {"queues": [shown(queue) for queue in await deps.team.queues(supervisor.tenant_id)]}


@router.get("/{queue_id}")
async def one(queue_id: QueueId, supervisor: Supervisor, deps: Deps) -> dict[str, Any]:
    for queue in await deps.team.queues(supervisor.tenant_id):
        if queue.queue_id == queue_id:
            return {"queue": shown(queue)}
    raise _no_queue()


@router.put("/{queue_id}")
async def save(queue_id: QueueId, asked: QueueAsked, admin: Admin, deps: Deps) -> dict[str, Any]:
    there = {queue.queue_id for queue in await deps.team.queues(admin.tenant_id)}
    if queue_id not in there and len(there) >= MAX_QUEUES:
        raise Problem(409, "too_many_queues", f"There may be at most {MAX_QUEUES} queues.")
    queue = Queue(
        queue_id=queue_id,
        names=asked.name.words(),
        languages=frozenset(languages_of(asked.languages)),
        skills=frozenset(asked.skills),
        offer_s=asked.offer_s,
        max_wait_s=asked.max_wait_s,
        wrap_up_s=asked.wrap_up_s,
        position=asked.position,
    )
    await deps.team.save_queue(admin.tenant_id, queue)
    await deps.audit.record(admin.tenant_id, admin.user_id, "queue_saved", queue_id, {})
    return {"queue": shown(queue)}


@router.delete("/{queue_id}", status_code=204)
async def remove(queue_id: QueueId, admin: Admin, deps: Deps) -> None:
    """Nobody serves it afterwards."""
    if not await deps.team.delete_queue(admin.tenant_id, queue_id):
        raise _no_queue()
    await deps.audit.record(admin.tenant_id, admin.user_id, "queue_removed", queue_id, {})


def shown(queue: Queue) -> dict[str, Any]:
    return {
        "id": queue.queue_id,
        "name": {language.value: name for language, name in queue.names.items()},
        "languages": sorted(queue.languages),
        "skills": sorted(queue.skills),
        "offer_s": queue.offer_s,
        "max_wait_s": queue.max_wait_s,
        "wrap_up_s": queue.wrap_up_s,
        "position": queue.position,
    }


def _no_queue() -> Problem:
    return Problem(404, "not_found", "There is no such queue.")
