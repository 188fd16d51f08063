"""What the store has to know of a call while it lives and when it ends."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from domain.call import CallState, Outcome
from domain.ports import CallStore
from domain.speech import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStanding:
    tenant_id: str
    call_id: str
    state: CallState


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnding:
    tenant_id: str
    call_id: str
    outcome: Outcome
    language: Language | None = None


class LiveCallActivities:
    def __init__(self, calls: CallStore) -> None:
        self._calls = calls

    @activity.defn
    async def set_call_state(self, standing: CallStanding) -> None:
        await self._calls.set_state(standing.tenant_id, standing.call_id, standing.state)

    @activity.defn
    async def end_call(self, ending: CallEnding) -> None:
        """Idempotent: the first outcome stays. A call that was erased meanwhile needs no outcome."""
        row = await self._calls.call(ending.tenant_id, ending.call_id)
        if row is None:
            return
        if ending.language and row.state is not CallState.ENDED:
            await self._calls.set_state(ending.tenant_id, ending.call_id, row.state, ending.language)
        await self._calls.end_call(ending.tenant_id, ending.call_id, ending.outcome)
