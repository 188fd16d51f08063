"""One request to call somebody: whether they may be called, dialling, what became of it, and the next try.

    workflow  OutboundCallWorkflow(OutboundStart) → OutboundStanding, id `outbound-call-<call id>`, task queue DURABLE
    signal    stop_calling                          no more tries; what rings is hung up
    query     standing → OutboundStanding

Whoever picks up is brought into a CallWorkflow of the try's call id by the worker that dialled, as a caller is. A try
dials once: when the worker that dials is lost, the call counts as unknown, for it may have rung.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from temporalio import exceptions, workflow
from temporalio.exceptions import ActivityError, ApplicationError, TimeoutType
from temporalio.workflow import ActivityCancellationType

from activities.outbound import OutboundActivities, Tried, Trying
from domain.outbound.calling_out import (
    DIAL_NUMBER,
    OF_REFUSAL,
    DialAsked,
    OutboundResult,
    OutboundStanding,
    OutboundStart,
)
from workflows import search_attributes as shown
from workflows import timeouts
from workflows.patience import until
from workflows.queues import outbound_queue


@workflow.defn
class OutboundCallWorkflow:
    @workflow.init
    def __init__(self, start: OutboundStart) -> None:
        self._start = start
        self._stopped = False
        self._standing = OutboundStanding(call_id=start.call_id, tries=0)

    @workflow.run
    async def run(self, start: OutboundStart) -> OutboundStanding:
        workflow.upsert_search_attributes([shown.TENANT_ID.value_set(start.tenant_id)])  # pyright: ignore[reportUnknownMemberType]
        while True:
            trying = Trying(start=start, number=self._standing.tries + 1, now=workflow.time())
            self._stands(OutboundStanding(call_id=trying.call_id, tries=trying.number))
            result = await self._result(trying)
            again = await self._noted(trying, result)
            self._stands(replace(self._standing, result=result, next_at=again))
            if again is None:
                return self._standing
            if await until(lambda: self._stopped, timedelta(seconds=max(0.0, again - workflow.time()))):
                self._stands(replace(self._standing, result=OutboundResult.STOPPED, next_at=None))
                return self._standing

    @workflow.signal
    def stop_calling(self) -> None:
        self._stopped = True

    @workflow.query
    def standing(self) -> OutboundStanding:
        return self._standing

    async def _result(self, trying: Trying) -> OutboundResult:
        refused = await workflow.execute_activity_method(
            OutboundActivities.why_not_call,
            trying,
            start_to_close_timeout=timeouts.RECORD_ATTEMPT,
            retry_policy=timeouts.RECORD_FOR_SURE,
        )
        asked = DialAsked(tenant_id=self._start.tenant_id, call_id=trying.call_id, is_screened=True)
        return refused or await self._dialled(asked)

    async def _dialled(self, asked: DialAsked) -> OutboundResult:
        dialling = workflow.start_activity(
            DIAL_NUMBER,
            asked,
            result_type=OutboundResult,
            task_queue=outbound_queue(asked.tenant_id),
            schedule_to_start_timeout=timeouts.DIALLER_FREE,
            start_to_close_timeout=timeouts.DIAL_LONGEST,
            heartbeat_timeout=timeouts.DIAL_HEARTBEAT,
            retry_policy=timeouts.LINE_ONCE,
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )
        await workflow.wait_condition(lambda: self._stopped or dialling.done())
        if not dialling.done():
            dialling.cancel()
        try:
            result = await dialling
        except ActivityError as failed:
            result = _of(failed.cause)
        if result not in (OutboundResult.ANSWERED, OutboundResult.UNKNOWN):
            return result
        # Asked of the store: a worker that was lost may have brought the call in, and an answered one found no place.
        begun = await workflow.execute_activity_method(
            OutboundActivities.has_begun,
            asked,
            start_to_close_timeout=timeouts.RECORD_ATTEMPT,
            retry_policy=timeouts.RECORD_FOR_SURE,
        )
        return OutboundResult.ANSWERED if begun else OutboundResult.UNKNOWN

    async def _noted(self, trying: Trying, result: OutboundResult) -> float | None:
        """When it is tried again."""
        return await workflow.execute_activity_method(
            OutboundActivities.note_dialled,
            Tried(trying=trying, result=result, now=workflow.time()),
            start_to_close_timeout=timeouts.RECORD_ATTEMPT,
            retry_policy=timeouts.RECORD_FOR_SURE,
        )

    def _stands(self, standing: OutboundStanding) -> None:
        self._standing = standing
        state = "dialling" if standing.result is None else "waiting" if standing.next_at else "ended"
        last = "" if standing.result is None else f" · {standing.result}"
        found_by = [shown.CALL_STATE.value_set(state)]
        if standing.result is not None:
            found_by.append(shown.OUTCOME.value_set(standing.result))
        workflow.upsert_search_attributes(found_by)  # pyright: ignore[reportUnknownMemberType]
        workflow.set_current_details(f"{state} · try {standing.tries}{last}")


def _of(cause: BaseException | None) -> OutboundResult:
    match cause:
        case exceptions.TimeoutError(type=TimeoutType.SCHEDULE_TO_START):
            return OutboundResult.NO_LINE
        case exceptions.CancelledError():
            return OutboundResult.STOPPED
        case ApplicationError(type=str() as code):
            return OF_REFUSAL.get(code, OutboundResult.UNKNOWN)
        case _:
            return OutboundResult.UNKNOWN
