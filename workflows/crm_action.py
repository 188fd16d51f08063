"""One action in another system, from the asking to its effect: approved where it must be, done once, put on record.

    workflow  CrmActionWorkflow(ActionStart) → ActResult, id `action-<key>-call-<call id>`, task queue DURABLE
    update    decide(Decision) → None                an advisor allows or refuses it

The vendor sees the action's key, or the connector searches by it before it writes (docs/connectors.md): an attempt
that was interrupted, killed or timed out is followed by another that finds what the first one did.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from activities.crm import CrmActivities, SettledAction
from domain.acting.action import ActionStart, ActionState, ActResult
from domain.desk.acts import DECIDED
from workflows import timeouts
from workflows.queues import DURABLE

NOT_ALLOWED = "not_allowed"
NOBODY_DECIDED = "nobody_decided"
VENDOR_REFUSED = "vendor_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """By an advisor or a supervisor, whose id goes into the audit at the gateway."""

    allow: bool


@workflow.defn
class CrmActionWorkflow:
    @workflow.init
    def __init__(self, start: ActionStart) -> None:
        self._start = start
        self._state = ActionState.WAITING_APPROVAL if start.needs_approval else ActionState.RUNNING
        self._decision: Decision | None = None

    @workflow.run
    async def run(self, start: ActionStart) -> ActResult:
        await self._note_begun()
        refused = await self._refusal() if start.needs_approval else None
        result = self._result(ActionState.REJECTED, reason=refused) if refused else await self._perform()
        await self._settle(result)
        return result

    @workflow.update
    async def decide(self, decision: Decision) -> None:
        self._decision = decision

    @decide.validator
    def _may_decide(self, decision: Decision) -> None:
        if self._decision or self._state is not ActionState.WAITING_APPROVAL:
            raise ApplicationError("this action waits for nobody's decision", type=DECIDED)

    async def _refusal(self) -> str | None:
        """Why nobody allowed it, or None when somebody did."""
        with contextlib.suppress(asyncio.TimeoutError):
            await workflow.wait_condition(lambda: self._decision is not None, timeout=timeouts.ACTION_APPROVAL)
        decision = self._decision
        self._state = ActionState.RUNNING
        if decision is None:
            return NOBODY_DECIDED
        return None if decision.allow else NOT_ALLOWED

    async def _perform(self) -> ActResult:
        """As often as the other system is away; what it refuses, or what nobody can tell, is not tried again."""
        try:
            reference = await workflow.execute_activity_method(
                CrmActivities.perform,
                self._start,
                task_queue=DURABLE,
                start_to_close_timeout=timeouts.ACTION_ATTEMPT,
                schedule_to_close_timeout=timeouts.given_up(self._start.action),
                retry_policy=timeouts.ACTION_TRIES,
                summary=self._start.action,
            )
        except ActivityError as failed:
            cause = failed.cause
            code = cause.type if isinstance(cause, ApplicationError) else None
            if code in ("NotFound", "Rejected"):
                return self._result(ActionState.REJECTED, reason=_code(cause) or VENDOR_REFUSED)
            # An attempt that timed out may have had its effect: only a person can look now.
            return self._result(ActionState.UNKNOWN)
        return self._result(ActionState.DONE, reference=reference)

    async def _note_begun(self) -> None:
        await workflow.execute_activity_method(
            CrmActivities.note_begun,
            self._start,
            task_queue=DURABLE,
            start_to_close_timeout=timeouts.RECORD_ATTEMPT,
            retry_policy=timeouts.RECORD_FOR_SURE,
        )

    async def _settle(self, result: ActResult) -> None:
        await workflow.execute_activity_method(
            CrmActivities.settle,
            SettledAction(tenant_id=self._start.tenant_id, call_id=self._start.call_id, result=result),
            task_queue=DURABLE,
            start_to_close_timeout=timeouts.RECORD_ATTEMPT,
            retry_policy=timeouts.RECORD_FOR_SURE,
        )

    def _result(self, state: ActionState, *, reference: str | None = None, reason: str | None = None) -> ActResult:
        self._state = state
        start = self._start
        workflow.set_current_details(f"{start.action} · {state}")
        return ActResult(key=start.key, action=start.action, state=state, reference=reference, reason=reason)


def _code(refused: BaseException | None) -> str | None:
    """The code of a refusal that the caller can be told about."""
    if isinstance(refused, ApplicationError) and refused.details and isinstance(refused.details[0], str):
        return refused.details[0]
    return None
