"""After a call: its last turns arrive, it is summed up, a wish never to be called is heeded, and the CRM told.

    workflow  PostCallWorkflow(PostCallStart) → disposition, id `post-call-<call id>`, task queue DURABLE

Only references travel: the activities read the turns from the store themselves.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError
from temporalio.workflow import ParentClosePolicy

from activities.afterwards import AfterwardsActivities
from activities.analysis import AnalysisActivities, EndedCall, MeasuredCall
from activities.message import MessageActivities
from domain.call import Outcome
from workflows import timeouts
from workflows.crm_action import CrmActionWorkflow
from workflows.queues import ANALYSIS, HEARING, action_workflow_id

CRM_IS_TOLD = "crm-is-told"
"""The patch since which a call is also told to the CRM."""
OPT_OUT_IS_HEEDED = "opt-out-is-heeded"
"""The patch since which whoever asks never to be called again is put on the list."""


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
        has_message = None
        with contextlib.suppress(ActivityError):  # Late turns are kept; they only miss the summary.
            has_message = await workflow.execute_activity_method(
                AnalysisActivities.turns_are_stored,
                call,
                start_to_close_timeout=timeouts.RECORD_ATTEMPT,
                schedule_to_close_timeout=timeouts.TURNS_ARRIVE,
                retry_policy=timeouts.TURNS_LOOK,
            )
        if has_message:
            await self._transcribe_message(call)
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
        if workflow.patched(OPT_OUT_IS_HEEDED):
            with contextlib.suppress(ActivityError):  # Its words were erased meanwhile.
                await workflow.execute_activity_method(
                    AfterwardsActivities.heed_opt_out,
                    call,
                    start_to_close_timeout=timeouts.RECORD_ATTEMPT,
                    retry_policy=timeouts.RECORD_FOR_SURE,
                )
        if workflow.patched(CRM_IS_TOLD):
            with contextlib.suppress(ActivityError):  # Its words were erased meanwhile: there is nothing to tell.
                await self._tell(call)
        return disposition

    async def _tell(self, call: EndedCall) -> None:
        """By actions like those that a caller asks for: once, tried for a day, and an advisor's task when unclear."""
        due = await workflow.execute_activity_method(
            AfterwardsActivities.due,
            call,
            start_to_close_timeout=timeouts.RECORD_ATTEMPT,
            retry_policy=timeouts.RECORD_FOR_SURE,
        )
        for action in due:
            with contextlib.suppress(FailureError):  # It was begun already.
                await workflow.start_child_workflow(
                    CrmActionWorkflow.run,
                    action,
                    id=action_workflow_id(call.call_id, action.key),
                    task_timeout=timeouts.WORKFLOW_TASK,
                    parent_close_policy=ParentClosePolicy.ABANDON,
                )

    async def _transcribe_message(self, call: EndedCall) -> None:
        """It was left because the recogniser was away; the summary waits, and goes without it in the end."""
        with contextlib.suppress(ActivityError):
            await workflow.execute_activity_method(
                MessageActivities.transcribe_message,
                call,
                task_queue=HEARING,
                start_to_close_timeout=timeouts.MESSAGE_ATTEMPT,
                schedule_to_close_timeout=timeouts.MESSAGE_HEARD,
                retry_policy=timeouts.MESSAGE_TRIES,
            )
