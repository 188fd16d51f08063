"""Actions in other systems that need a person: to allow them, or to look whether they were done."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from domain.acting.action import ActionRow, ActionState
from domain.desk.acts import DECIDED
from gateway.access import Advisor
from gateway.deps import Deps, GatewayDeps
from gateway.desk.acts import audited, desk_acts
from gateway.problems import Problem
from gateway.tokens import AccessClaims

router = APIRouter(prefix="/v1/desk/tasks")

MOST_SHOWN = 50
"""Those that wait longest; the next come up as these are settled."""
_CALLER = ("name", "phone", "email")
"""The slots that say who it is for, the best first."""


@router.get("")
async def tasks(advisor: Advisor, deps: Deps) -> dict[str, Any]:
    rows = await deps.actions.open_tasks(advisor.tenant_id, MOST_SHOWN)
    languages = {call_id: await _language(call_id, advisor, deps) for call_id in {row.call_id for row in rows}}
    shown = [(row.state, _shown(row, languages[row.call_id])) for row in rows]
    return {
        "approvals": [task for state, task in shown if state is ActionState.WAITING_APPROVAL],
        "unknown": [task for state, task in shown if state is ActionState.UNKNOWN],
    }


@router.post("/{call_id}/{key}/approve", status_code=204)
async def approve(call_id: str, key: str, advisor: Advisor, deps: Deps) -> None:
    async with audited(deps, advisor, "action_approve", f"{call_id}/{key}"):
        await _decide(call_id, key, advisor, deps, allow=True)


@router.post("/{call_id}/{key}/decline", status_code=204)
async def decline(call_id: str, key: str, advisor: Advisor, deps: Deps) -> None:
    async with audited(deps, advisor, "action_decline", f"{call_id}/{key}"):
        await _decide(call_id, key, advisor, deps, allow=False)


@router.post("/{call_id}/{key}/done", status_code=204)
async def done(call_id: str, key: str, advisor: Advisor, deps: Deps) -> None:
    """Somebody has looked at what nobody could tell."""
    async with audited(deps, advisor, "action_done", f"{call_id}/{key}"):
        await _task(call_id, key, advisor, deps)
        if not await deps.actions.note_looked_after(advisor.tenant_id, call_id, key):
            raise Problem(409, DECIDED, "Nobody needs to look at this.")


async def _decide(call_id: str, key: str, advisor: AccessClaims, deps: GatewayDeps, *, allow: bool) -> None:
    await _task(call_id, key, advisor, deps)
    await (await desk_acts(deps)).decide(advisor.tenant_id, call_id, key, allow=allow)
    # The other system may be away for hours: the decision is no longer waited for.
    await deps.actions.note_decided(advisor.tenant_id, call_id, key)


async def _task(call_id: str, key: str, person: AccessClaims, deps: GatewayDeps) -> ActionRow:
    """Another company's is not found, like one that never was."""
    readable = call_id.isprintable() and key.isprintable()
    rows = await deps.actions.of_call(person.tenant_id, call_id) if readable else []
    row = next((row for row in rows if row.key == key), None)
    if row is None:
        raise Problem(404, "not_found", "There is no such task.")
    return row


async def _language(call_id: str, person: AccessClaims, deps: GatewayDeps) -> str | None:
    """Of a call that goes on, the one spoken last: its row has none before its end."""
    call = await deps.store.call(person.tenant_id, call_id)
    if call is not None and call.language is not None:
        return call.language
    turns = await deps.store.turns(person.tenant_id, call_id)
    return turns[-1].language.value if turns else None


def _shown(row: ActionRow, language: str | None) -> dict[str, Any]:
    return {
        "call_id": row.call_id,
        "key": row.key,
        "action": row.action,
        "what": {name: words for name, words in row.slots.items() if name not in _CALLER},
        "since": row.started_at,
        "language": language,
        "caller": next((row.slots[name] for name in _CALLER if row.slots.get(name)), None),
    }
