"""A promise to call somebody back: it waits for its time, and until an advisor has kept it.

    workflow  CallbackWorkflow(PromiseCallback) → CallbackResult, id `callback-<number>-call-<call id>`, queue DURABLE
    update    claim(advisor id) → CallbackClaimed       I call now
    update    done(advisor id)                          reached
    update    failed(advisor id)                        not reached: once more, later
    update    reschedule(Reschedule) → float            Unix seconds of the time it got
    update    cancel(user id)

Where the tenant wants it, a promise that is due is dialled by itself: it is claimed for that, so that nobody else
calls, and given back to people where that called nobody.

Updates are refused with an ApplicationError whose type is a code of domain/desk/acts.py. Whom to call is in the store.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError
from temporalio.workflow import ActivityCancellationType

from activities.callback import CallbackActivities, Moving, Promising, Standing
from activities.promised_dial import DialPromise, PromisedDialActivities
from domain.desk.acts import CALLBACK_OVER, CLAIMED, NOT_DUE, NOT_YOURS, CallbackClaimed, Reschedule
from domain.desk.callbacks import CallbackResult, CallbackRow, CallbackState
from domain.desk.promises import settled
from domain.handoff import PromiseCallback, handoff_id
from domain.outbound.promised import BY_ITSELF, AfterDial, DialNow, after_dial
from workflows import search_attributes as shown
from workflows import timeouts
from workflows.ledger import Ledger
from workflows.live.refusals import refusal
from workflows.patience import until

DIALLED_BY_ITSELF = "callback-dialled-by-itself"
"""The patch since which a promise that is due may be dialled."""


@workflow.defn
class CallbackWorkflow:
    @workflow.init
    def __init__(self, promise: PromiseCallback) -> None:
        self._promise = promise
        self._ledger = Ledger()
        self._row: CallbackRow | None = None
        self._by_people: int | None = None
        """The try that only people make."""
        self._no_line = 0
        """How often the present try found no line."""
        self._not_before = 0.0

    @workflow.run
    async def run(self, promise: PromiseCallback) -> CallbackResult:
        workflow.upsert_search_attributes([shown.TENANT_ID.value_set(promise.tenant_id)])  # pyright: ignore[reportUnknownMemberType]
        promised = await self._promised()
        if promised is None:
            return CallbackResult.NOT_PROMISED
        row = self._row = promised
        while row.result is None:
            await self._until_changed(row)
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

    async def _until_changed(self, row: CallbackRow) -> None:
        """Until somebody asked for something, or what was due is done; for a while where that is not possible yet."""
        patience = _patience(row)
        look = patience
        match await self._dial_now(row):
            case DialNow.YES if self._row is row:
                await self._dial(row)
                return
            case DialNow.LATER:
                look = min(patience, timeouts.CALLBACK_LOOK)
            case _:
                pass
        if not await until(lambda: self._row is not row, look) and look == patience:
            await self._time_is_up(row)

    async def _dial_now(self, row: CallbackRow) -> DialNow:
        if row.state is not CallbackState.DUE or self._by_people == row.tries:
            return DialNow.NO
        if not workflow.patched(DIALLED_BY_ITSELF):
            return DialNow.NO
        if workflow.time() < self._not_before:
            return DialNow.LATER
        return await workflow.execute_activity_method(
            PromisedDialActivities.may_dial_promise,
            self._asked(row),
            start_to_close_timeout=timeouts.RECORD_ATTEMPT,
            retry_policy=timeouts.POLICY_FOR_SURE,
        )

    async def _dial(self, row: CallbackRow) -> None:
        mine = replace(row, state=CallbackState.CLAIMED, claimed_by=BY_ITSELF)
        await self._becomes(mine)
        dialling = workflow.start_activity_method(
            PromisedDialActivities.dial_promise,
            self._asked(row),
            start_to_close_timeout=timeouts.DIALLED_OUT,
            heartbeat_timeout=timeouts.DIAL_HEARTBEAT,
            retry_policy=timeouts.POLICY_FOR_SURE,
            # A workflow that has ended meanwhile could not tell the activity to hang up.
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )
        await workflow.wait_condition(lambda: dialling.done() or self._row is not mine)
        settled_meanwhile = self._row is not mine
        if settled_meanwhile:
            dialling.cancel()
        try:
            then = after_dial(await dialling)
        except ActivityError:
            then = AfterDial.BY_PEOPLE
        if settled_meanwhile:
            return
        match then:
            case AfterDial.KEPT:
                await self._becomes(settled(mine, CallbackState.DONE, CallbackResult.REACHED, workflow.time()))
            case AfterDial.TRIED:
                await self._put_off(mine)
            case AfterDial.BY_PEOPLE:
                self._by_people = row.tries
                await self._becomes(row)
            case AfterDial.AGAIN:
                self._no_line += 1
                self._not_before = workflow.time() + timeouts.CALLBACK_LOOK.total_seconds()
                await self._becomes(row)

    def _asked(self, row: CallbackRow) -> DialPromise:
        return DialPromise(tenant_id=self._promise.tenant_id, row=row, again=self._no_line)

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
            self._no_line = 0
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
