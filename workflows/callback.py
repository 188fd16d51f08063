"""A promise to call somebody back: it waits for its time, and until an advisor has kept it.

    workflow  CallbackWorkflow(PromiseCallback) → CallbackResult, id `callback-<number>-call-<call id>`, queue DURABLE
    update    claim(advisor id) → CallbackClaimed       I call now
    update    done(advisor id)                          reached
    update    failed(advisor id)                        not reached: once more, later
    update    reschedule(Reschedule) → float            Unix seconds of the time it got
    update    cancel(user id)

Updates are refused with an ApplicationError whose type is a code of domain/desk/acts.py. Whom to call is in the store.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from temporalio import workflow

from activities.callback import CallbackActivities, Moving, Promising, Standing
from domain.desk.acts import CALLBACK_OVER, CLAIMED, NOT_DUE, NOT_YOURS, CallbackClaimed, Reschedule
from domain.desk.callbacks import CallbackResult, CallbackRow, CallbackState
from domain.desk.promises import settled
from domain.handoff import PromiseCallback, handoff_id
from workflows import search_attributes as shown
from workflows import timeouts
from workflows.ledger import Ledger
from workflows.live.refusals import refusal
from workflows.patience import until


@workflow.defn
class CallbackWorkflow:
    @workflow.init
    def __init__(self, promise: PromiseCallback) -> None:
        self._promise = promise
        self._ledger = Ledger()
        self._row: CallbackRow | None = None

    @workflow.run
    async def run(self, promise: PromiseCallback) -> CallbackResult:
        workflow.upsert_search_attributes([shown.TENANT_ID.value_set(promise.tenant_id)])  # pyright: ignore[reportUnknownMemberType]
        promised = await self._promised()
        if promised is None:
            return CallbackResult.NOT_PROMISED
        row = self._row = promised
        while row.result is None:
            if not await until(lambda: self._row is not row, _patience(row)):  # noqa: B023
                await self._time_is_up(row)
            row = self._row
        await self._ledger.done()
        await until(workflow.all_handlers_finished, timeouts.HANDLERS_GRACE)
        return row.result

    # ------------------------------------------------------------ what advisors ask for

    @workflow.update
    async def claim(self, advisor_id: str) -> CallbackClaimed:
        row = self._claimable(advisor_id)
        if row.state is CallbackState.DUE:
            await self._becomes(replace(row, state=CallbackState.CLAIMED, claimed_by=advisor_id))
        return CallbackClaimed(callback_id=row.callback_id, call_id=row.call_id)

    @claim.validator
    def _may_claim(self, advisor_id: str) -> None:
        self._claimable(advisor_id)

    @workflow.update
    async def done(self, advisor_id: str) -> None:
        row = self._claimed_by(advisor_id)
        await self._becomes(settled(row, CallbackState.DONE, CallbackResult.REACHED, workflow.time()))

    @done.validator
    def _may_be_done(self, advisor_id: str) -> None:
        self._claimed_by(advisor_id)

    @workflow.update
    async def failed(self, advisor_id: str) -> None:
        await self._put_off(self._claimed_by(advisor_id))

    @failed.validator
    def _may_fail(self, advisor_id: str) -> None:
        self._claimed_by(advisor_id)

    @workflow.update
    async def reschedule(self, asked: Reschedule) -> float:
        row = self._open()
        moved = await workflow.execute_activity_method(
            CallbackActivities.move_callback,
            Moving(tenant_id=self._promise.tenant_id, row=row, at=max(asked.at, workflow.time())),
            start_to_close_timeout=timeouts.RECORD_ATTEMPT,
            retry_policy=timeouts.POLICY_FOR_SURE,
        )
        if self._row is not row:
            raise refusal(CLAIMED, "somebody else was quicker")
        await self._becomes(moved)
        return moved.next_try_at

    @reschedule.validator
    def _may_be_moved(self, asked: Reschedule) -> None:
        row = self._open()
        if row.state is CallbackState.CLAIMED and row.claimed_by != asked.by:
            raise refusal(CLAIMED, "another advisor is at it")

    @workflow.update
    async def cancel(self, user_id: str) -> None:
        await self._becomes(settled(self._open(), CallbackState.CANCELLED, CallbackResult.CANCELLED, workflow.time()))

    @cancel.validator
    def _may_be_cancelled(self, user_id: str) -> None:
        self._open()

    # ------------------------------------------------------------ its steps

    async def _promised(self) -> CallbackRow | None:
        promised = await workflow.execute_activity_method(
            CallbackActivities.promise,
            Promising(promise=self._promise, now=workflow.time()),
            start_to_close_timeout=timeouts.RECORD_ATTEMPT,
            retry_policy=timeouts.POLICY_FOR_SURE,
        )
        mine = handoff_id(self._promise.call_id, self._promise.number)
        row = promised.row if promised else None
        return row if row and row.callback_id == mine else None

    async def _time_is_up(self, row: CallbackRow) -> None:
        """A promise comes due; one that nobody kept in its window, or that was forgotten, is put off."""
        if row.state is not CallbackState.PROMISED:
            await self._put_off(row)
            return
        due = await workflow.execute_activity_method(
            CallbackActivities.come_due,
            self._standing(row),
            start_to_close_timeout=timeouts.RECORD_ATTEMPT,
            retry_policy=timeouts.POLICY_FOR_SURE,
        )
        if self._row is row:
            await self._becomes(due)

    async def _put_off(self, row: CallbackRow) -> None:
        later = await workflow.execute_activity_method(
            CallbackActivities.put_off,
            self._standing(row),
            start_to_close_timeout=timeouts.RECORD_ATTEMPT,
            retry_policy=timeouts.POLICY_FOR_SURE,
        )
        if self._row is row:
            await self._becomes(later)

    async def _becomes(self, row: CallbackRow) -> None:
        self._row = row
        workflow.set_current_details(f"{row.state} · try {row.tries + 1}")
        await self._ledger.write(CallbackActivities.save_callback, self._standing(row))

    def _standing(self, row: CallbackRow) -> Standing:
        return Standing(tenant_id=self._promise.tenant_id, row=row, now=workflow.time())

    def _open(self) -> CallbackRow:
        if self._row is None or self._row.result is not None:
            raise refusal(CALLBACK_OVER, "the callback is settled")
        return self._row

    def _claimable(self, advisor_id: str) -> CallbackRow:
        row = self._open()
        if row.state is CallbackState.PROMISED:
            raise refusal(NOT_DUE, "the callback is for later")
        if row.state is CallbackState.CLAIMED and row.claimed_by != advisor_id:
            raise refusal(CLAIMED, "another advisor is at it")
        return row

    def _claimed_by(self, advisor_id: str) -> CallbackRow:
        row = self._open()
        if row.claimed_by != advisor_id:
            raise refusal(NOT_YOURS, "another advisor is at it, or none")
        return row


def _patience(row: CallbackRow) -> timedelta:
    """How long it may stay as it is."""
    now = workflow.time()
    match row.state:
        case CallbackState.PROMISED:
            return timedelta(seconds=max(0.0, row.next_try_at - now))
        case CallbackState.DUE:
            return timedelta(seconds=max(0.0, (row.window_ends_at or now) - now))
        case CallbackState.CLAIMED:
            return timeouts.CALLBACK_CLAIM
        case CallbackState.DONE | CallbackState.FAILED | CallbackState.CANCELLED:
            return timedelta(0)
