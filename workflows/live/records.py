"""What others see of a call: operations in Temporal, everybody else in the store, and what follows its end."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

from temporalio import workflow
from temporalio.exceptions import ActivityError
from temporalio.workflow import ParentClosePolicy

from activities.live_call import CallEnding, CallStanding, LiveCallActivities
from domain.call import CallState, Outcome
from domain.handoff import PromiseCallback
from workflows import search_attributes as shown
from workflows import timeouts
from workflows.live.state import LiveCall
from workflows.post_call import PostCallStart, PostCallWorkflow
from workflows.queues import CALLBACK_WORKFLOW, DURABLE, callback_workflow_id, post_call_workflow_id


@dataclass(slots=True)
class CallRecords:
    call: LiveCall
    _noted: CallState = field(default=CallState.CONNECTING, init=False)
    """The store has it from the gateway."""
    _noting: asyncio.Task[None] | None = field(default=None, init=False)

    def show(self) -> None:
        """Bring what others see of a living call up to date; called whenever something may have changed."""
        call = self.call
        queue = call.line.queue if call.line else None
        values = zip(shown.ALL, (call.start.tenant_id, call.state, call.language, queue, call.outcome), strict=True)
        known = workflow.info().typed_search_attributes
        if changed := [key.value_set(value) for key, value in values if value and known.get(key) != value]:
            workflow.upsert_search_attributes(changed)  # pyright: ignore[reportUnknownMemberType]
        facts = [call.state, call.outcome, call.language, f"{call.turns} turns", f"lease {call.lease}", queue]
        workflow.set_current_details(" · ".join(str(fact) for fact in facts if fact))
        if self._noting is None and self._has_news:
            self._noting = asyncio.create_task(self._note())

    @property
    def _has_news(self) -> bool:
        return self.call.state not in (self._noted, CallState.ENDED)

    async def _note(self) -> None:
        """For the store, one state after another, and not waited for; one that took too long is not worth writing."""
        start = self.call.start
        while self._has_news:
            self._noted = self.call.state
            with contextlib.suppress(ActivityError):
                await workflow.execute_activity_method(
                    LiveCallActivities.set_call_state,
                    CallStanding(tenant_id=start.tenant_id, call_id=start.call_id, state=self._noted),
                    task_queue=DURABLE,
                    start_to_close_timeout=timeouts.RECORD_ATTEMPT,
                    schedule_to_close_timeout=timeouts.STATE_IS_STALE,
                )
        self._noting = None

    async def end(self, outcome: Outcome) -> None:
        call = self.call
        await workflow.execute_activity_method(
            LiveCallActivities.end_call,
            CallEnding(
                tenant_id=call.start.tenant_id, call_id=call.start.call_id, outcome=outcome, language=call.language
            ),
            task_queue=DURABLE,
            start_to_close_timeout=timeouts.RECORD_ATTEMPT,
            retry_policy=timeouts.RECORD_FOR_SURE,
        )

    async def promise_callback(self, handoff_number: int) -> None:
        """To a caller who was lost or couldn't be helped; whether there is anybody to call the callback finds out."""
        start = self.call.start
        await workflow.start_child_workflow(
            CALLBACK_WORKFLOW,
            PromiseCallback(
                call_id=start.call_id,
                tenant_id=start.tenant_id,
                number=handoff_number,
                reason=self.call.wants_callback or Outcome.LOST,
                language=self.call.language,
            ),
            id=callback_workflow_id(start.call_id, handoff_number),
            task_queue=DURABLE,
            parent_close_policy=ParentClosePolicy.ABANDON,
        )

    async def begin_post_call(self, outcome: Outcome) -> None:
        call = self.call
        await workflow.start_child_workflow(
            PostCallWorkflow.run,
            PostCallStart(
                tenant_id=call.start.tenant_id, call_id=call.start.call_id, outcome=outcome, turns=call.turns
            ),
            id=post_call_workflow_id(call.start.call_id),
            task_queue=DURABLE,
            parent_close_policy=ParentClosePolicy.ABANDON,
        )
