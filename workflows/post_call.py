"""After a call: its last turns arrive, it is summed up, and it is counted.

    workflow  PostCallWorkflow(PostCallStart) → disposition, id `post-call-<call id>`, task queue DURABLE

Only references travel: the activities read the turns from the store themselves.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.analysis import AnalysisActivities, EndedCall, MeasuredCall
from domain.call import Outcome
from workflows import timeouts
from workflows.queues import ANALYSIS


@dataclass(frozen=True, slots=True, kw_only=True)
class PostCallStart:
    tenant_id: str
    call_id: str
    outcome: Outcome
    turns: int
    """How many turns the line said it had finished."""


@workflow.defn
class PostCallWorkflow:
    @workflow.run
    async def run(self, start: PostCallStart) -> str:
        """The call's disposition."""
        call = EndedCall(
            tenant_id=start.tenant_id, call_id=start.call_id, outcome=start.outcome, expected_turns=start.turns
        )
        with contextlib.suppress(ActivityError):  # Late turns are kept; they only miss the summary.
            await workflow.execute_activity_method(
                AnalysisActivities.turns_are_stored,
                call,
                start_to_close_timeout=timeouts.RECORD_ATTEMPT,
                schedule_to_close_timeout=timeouts.TURNS_ARRIVE,
                retry_policy=timeouts.TURNS_LOOK,
            )
        try:
            disposition = await workflow.execute_activity_method(
                AnalysisActivities.summarise,
                call,
                task_queue=ANALYSIS,
                start_to_close_timeout=timeouts.SUMMARY_ATTEMPT,
                retry_policy=timeouts.SUMMARY_TRIES,
            )
        except ActivityError:
            disposition = await workflow.execute_activity_method(
                AnalysisActivities.summarise_by_rule,
                call,
                start_to_close_timeout=timeouts.RECORD_ATTEMPT,
                retry_policy=timeouts.RECORD_FOR_SURE,
            )
        await workflow.execute_activity_method(
            AnalysisActivities.measure,
            MeasuredCall(call=call, disposition=disposition),
            start_to_close_timeout=timeouts.RECORD_ATTEMPT,
            retry_policy=timeouts.RECORD_FOR_SURE,
        )
        return disposition
