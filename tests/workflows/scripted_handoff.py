"""A handoff and a callback that do what a test says, so that the call's side of them can be seen alone."""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from domain.call import Outcome, workflow_id
from domain.handoff import HandoffAsked, HandoffEnded, HandoffResult, HandoffStart, PhaseWanted, PromiseCallback
from domain.line import HeldChoiceMade, PartyJoined, PartyLeft
from workflows.queues import CALLBACK_WORKFLOW, HANDOFF_WORKFLOW


@workflow.defn(name=HANDOFF_WORKFLOW)
class ScriptedHandoff:
    """Wants the phases that a test gives it, and remembers what the call tells it."""

    @workflow.init
    def __init__(self, start: HandoffStart) -> None:
        self._start = start
        self._told: list[str] = []
        self._over = False
        self._broken = False

    @workflow.run
    async def run(self, start: HandoffStart) -> HandoffResult:
        await workflow.wait_condition(lambda: self._over)
        if self._broken:
            raise ApplicationError("broken", non_retryable=True)
        return HandoffResult.REFUSED

    @workflow.query
    def started_with(self) -> HandoffStart:
        return self._start

    @workflow.query
    def told(self) -> list[str]:
        return self._told

    @workflow.update
    async def want(self, wanted: PhaseWanted) -> None:
        await self._signal("phase_wanted", wanted)

    @workflow.update
    async def give_up(self, result: HandoffResult) -> None:
        await self._signal("handoff_ended", HandoffEnded(handoff_id=self._start.handoff_id, result=result))

    @workflow.signal
    def stop(self, broken: bool) -> None:
        self._over, self._broken = True, broken

    @workflow.signal
    def raised(self, asked: HandoffAsked) -> None:
        self._told.append(f"raised {asked.reason} {asked.advisor_id or asked.urgent}")

    @workflow.signal
    def choice_made(self, fact: HeldChoiceMade) -> None:
        self._told.append(f"choice {fact.choice}")

    @workflow.signal
    def party_joined(self, fact: PartyJoined) -> None:
        self._told.append(f"joined {fact.party_id} {fact.lease}")

    @workflow.signal
    def party_left(self, fact: PartyLeft) -> None:
        self._told.append(f"left {fact.party_id} {fact.lease} {'lost' if fact.lost else 'parted'}")

    @workflow.signal
    def caller_away(self) -> None:
        self._told.append("away")

    @workflow.signal
    def caller_back(self) -> None:
        self._told.append("back")

    @workflow.signal
    def caller_gone(self, outcome: Outcome) -> None:
        self._told.append(f"gone {outcome}")

    async def _signal(self, name: str, fact: Any) -> None:
        await workflow.get_external_workflow_handle(workflow_id(self._start.call_id)).signal(name, fact)


@workflow.defn(name=CALLBACK_WORKFLOW)
class PromisedCallback:
    """Says what was promised."""

    @workflow.run
    async def run(self, promise: PromiseCallback) -> str:
        return f"{promise.reason} {promise.number}"
