"""One call, from the first offer to its outcome: who holds its line, and what happens when they are gone.

    workflow  CallWorkflow(CallStart) → Outcome, id `call-<call id>`, task queue DURABLE
    update    connect(SessionDescription) → Connected       with the start of the workflow
    update    reconnect(SessionDescription) → Connected     any time later: raises the lease, whoever held it lets go
    signal    line_open(LineOpen)                           a media worker has opened or adopted the line
    signal    progressed(LineProgress)                      a turn is finished
    signal    end(Outcome)                                  hang up

Updates fail with an ApplicationError of type LINE_BUSY, BAD_OFFER, CALL_ENDED, OVERTAKEN or ALREADY_CONNECTED.
The activity `serve_line` is the lease on the line: it lasts as long as the line does. Every attempt at a line has a
lease of its own, higher than all before it, and only the highest that opened may speak.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.exceptions import TimeoutError as Missed
from temporalio.workflow import ActivityHandle, ParentClosePolicy

from activities.live_call import CallEnding, CallStanding, LiveCallActivities
from domain.call import CallState, Outcome
from domain.line import (
    END_LINE,
    SERVE_LINE,
    CallStart,
    Connected,
    EndLine,
    LineEnded,
    LineOpen,
    LineProgress,
    LineRequest,
    SessionDescription,
)
from domain.speech import Language
from workflows import search_attributes as shown
from workflows import timeouts
from workflows.post_call import PostCallStart, PostCallWorkflow
from workflows.queues import DURABLE, MEDIA, post_call_workflow_id

LINE_BUSY = "LineBusy"
BAD_OFFER = "bad_offer"
CALL_ENDED = "call_ended"
OVERTAKEN = "overtaken"
ALREADY_CONNECTED = "already_connected"


@dataclass(slots=True, kw_only=True)
class LiveCall:
    """All that the workflow knows of its call."""

    start: CallStart
    state: CallState = CallState.CONNECTING
    lease: int = 0
    """The highest lease given out so far."""
    attempts: dict[int, ActivityHandle[LineEnded]] = field(default_factory=dict[int, ActivityHandle[LineEnded]])
    """By lease, each `serve_line` that holds the line, or may still open it."""
    line: LineOpen | None = None
    """The line as it was last opened or adopted."""
    opened_at: float = 0.0
    """When that was, in Unix seconds."""
    dialling: int = 0
    """Updates that are having the line opened."""
    progress: LineProgress | None = None
    turns: int = 0
    asked_to_end: Outcome | None = None
    outcome: Outcome | None = None

    @property
    def holder(self) -> ActivityHandle[LineEnded] | None:
        return self.attempts.get(self.line.lease) if self.line else None

    @property
    def over(self) -> bool:
        return bool(self.outcome or self.asked_to_end)

    @property
    def language(self) -> Language | None:
        return self.progress.language if self.progress else self.start.language


@workflow.defn
class CallWorkflow:
    @workflow.init
    def __init__(self, start: CallStart) -> None:
        self._call = LiveCall(start=start)

    @workflow.run
    async def run(self, start: CallStart) -> Outcome:
        call = self._call
        self._show(CallState.CONNECTING)
        await self._until(lambda: bool(call.line) or call.over, timeouts.NOBODY_CONNECTED)
        if call.line is None:
            call.outcome = call.outcome or call.asked_to_end or Outcome.LOST
        else:
            self._note_talking()

        while call.outcome is None:
            self._show(CallState.TALKING)
            ended = await self._line_is_let_go()
            if ended:
                call.outcome = ended.outcome
            elif call.asked_to_end:
                call.outcome = await self._hang_up(call.asked_to_end)
            else:
                call.outcome = await self._adopt()

        self._let_go()
        self._show(CallState.ENDED)
        await self._record(call.outcome)
        await self._begin_post_call(call.outcome)
        await self._until(workflow.all_handlers_finished, timeouts.HANDLERS_GRACE)
        return call.outcome

    # ------------------------------------------------------------ what others ask for and tell

    @workflow.update
    async def connect(self, offer: SessionDescription) -> Connected:
        call = self._call
        try:
            return await self._dial(offer)
        except ApplicationError as refused:
            # Without its first line there is no call, unless a reconnect is at it.
            if not (call.over or call.line or refused.type == OVERTAKEN):
                call.outcome = Outcome.REFUSED if refused.type == BAD_OFFER else Outcome.BUSY
            raise

    @connect.validator
    def _may_connect(self, offer: SessionDescription) -> None:
        self._refuse_when_over()
        if self._call.lease:
            raise ApplicationError("the call was connected before: reconnect", type=ALREADY_CONNECTED)

    @workflow.update
    async def reconnect(self, offer: SessionDescription) -> Connected:
        return await self._dial(offer)

    @reconnect.validator
    def _may_reconnect(self, offer: SessionDescription) -> None:
        self._refuse_when_over()

    @workflow.signal
    def line_open(self, line: LineOpen) -> None:
        """Signals come late and more than once: only a lease that is still wanted counts, and only once."""
        call = self._call
        if line.lease in call.attempts and (call.line is None or line.lease > call.line.lease):
            holder = call.attempts.pop(line.lease)
            self._let_go()
            call.attempts[line.lease] = holder
            call.line = line
            call.opened_at = workflow.time()

    @workflow.signal
    def progressed(self, fact: LineProgress) -> None:
        call = self._call
        if call.progress is None or (fact.lease, fact.turns) > (call.progress.lease, call.progress.turns):
            call.progress = fact
            call.turns = max(call.turns, fact.turns)
            self._show(call.state)

    @workflow.signal
    def end(self, outcome: Outcome) -> None:
        self._call.asked_to_end = self._call.asked_to_end or outcome

    # ------------------------------------------------------------ the line

    async def _dial(self, offer: SessionDescription) -> Connected:
        """Offer the line to the media workers; one that stays silent is overtaken by the next lease."""
        call = self._call
        call.dialling += 1
        self._let_go()
        earlier = call.lease
        try:
            # Full workers don't take another call, but the one that has this call's old line has room for its next.
            known = call.line.queue if call.line else MEDIA
            for queue, patience in zip((MEDIA, known, MEDIA), timeouts.LINE_PATIENCE, strict=True):
                lease = self._serve(queue, offer, timeouts.LINE_SCHEDULE_TO_START)
                await self._settled(lease, earlier, patience)
                if call.line and earlier < call.line.lease <= lease and call.line.answer:
                    return Connected(lease=call.line.lease, answer=call.line.answer)
                if ended := _ended(call.attempts.get(lease)):
                    call.asked_to_end = ended.outcome
                self._refuse_when_over()
                if call.lease != lease:
                    raise ApplicationError("a later offer took the line", type=OVERTAKEN, non_retryable=True)
                if _failure(call.attempts[lease]) == BAD_OFFER:
                    raise ApplicationError("the offer is nonsense", type=BAD_OFFER, non_retryable=True)
            self._let_go()
            raise ApplicationError("no media worker has a free slot", type=LINE_BUSY, non_retryable=True)
        finally:
            call.dialling -= 1

    async def _adopt(self) -> Outcome | None:
        """The lease is lost: ask the media worker, on its own queue, whether the line itself still lives.

        None means that it does, or that a reconnect came in between; otherwise how it ended, as far as anybody knows.
        """
        call = self._call
        assert call.line is not None
        silence_s = workflow.time() - (_last_beat(call.holder) or call.opened_at)
        silent = silence_s > timeouts.LINE_SILENCE.total_seconds()
        patience = timeouts.LINE_ADOPTION_AFTER_SILENCE if silent else timeouts.LINE_ADOPTION
        self._let_go()
        earlier = call.lease
        lease = self._serve(call.line.queue, None, patience)
        await self._settled(lease, earlier, patience)
        if ended := _ended(call.attempts.get(lease)):
            return ended.outcome
        lives = call.line.lease == lease or call.lease != lease or call.over
        return None if lives else Outcome.LOST

    def _serve(self, queue: str, offer: SessionDescription | None, start_within: timedelta) -> int:
        """Have `serve_line` scheduled under the next lease; whoever has an earlier one is asked to let go."""
        call = self._call
        for handle in call.attempts.values():
            handle.cancel()
        call.lease += 1
        call.attempts[call.lease] = workflow.start_activity(
            SERVE_LINE,
            LineRequest(
                call_id=call.start.call_id,
                tenant_id=call.start.tenant_id,
                lease=call.lease,
                channel=call.start.channel,
                offer=offer,
                language=call.language,
            ),
            result_type=LineEnded,
            task_queue=queue,
            schedule_to_start_timeout=start_within,
            start_to_close_timeout=timeouts.LINE_LONGEST,
            heartbeat_timeout=timeouts.LINE_HEARTBEAT,
            retry_policy=timeouts.LINE_ONCE,
            cancellation_type=workflow.ActivityCancellationType.TRY_CANCEL,
            summary=f"lease {call.lease}",
        )
        call.attempts[call.lease].add_done_callback(_failure)
        return call.lease

    def _let_go(self) -> None:
        """Ask whoever holds a lease to let it go, and forget them: what they say from now on is stale."""
        for handle in self._call.attempts.values():
            handle.cancel()
        self._call.attempts.clear()

    async def _settled(self, lease: int, earlier: int, patience: timedelta) -> None:
        """Wait for a line above the `earlier` lease, or for the end of hope for this `lease`."""
        call = self._call

        def settled() -> bool:
            attempt = call.attempts.get(lease)
            opened = call.line is not None and call.line.lease > earlier
            return opened or call.over or attempt is None or attempt.done()

        await self._until(settled, patience)

    async def _line_is_let_go(self) -> LineEnded | None:
        """Wait while the line is held; what its end was, or None when its lease was lost or a person hangs up."""
        call = self._call

        def let_go() -> bool:
            held = call.holder is not None and not call.holder.done()
            return call.dialling == 0 and (call.over or not held)

        await workflow.wait_condition(let_go)
        ended = _ended(call.holder)
        call.turns = max(call.turns, ended.turns if ended else 0)
        return ended

    async def _hang_up(self, outcome: Outcome) -> Outcome:
        """End the line where it lives; cancelling its activity would leave the caller talking for up to two seconds."""
        call = self._call
        assert call.line is not None
        command = EndLine(call_id=call.start.call_id, lease=call.line.lease, outcome=outcome)
        with contextlib.suppress(ActivityError):
            await workflow.execute_activity(
                END_LINE,
                command,
                task_queue=call.line.queue,
                schedule_to_close_timeout=timeouts.HANG_UP,
                retry_policy=timeouts.LINE_ONCE,
            )
            await self._until(lambda: call.holder is None or call.holder.done(), timeouts.LINE_GOODBYE)
        ended = _ended(call.holder)
        return ended.outcome if ended else outcome

    # ------------------------------------------------------------ records

    def _note_talking(self) -> None:
        """For the store, and not waited for: the line is held meanwhile, and the next state is near."""
        call = self._call
        workflow.start_activity_method(
            LiveCallActivities.set_call_state,
            CallStanding(tenant_id=call.start.tenant_id, call_id=call.start.call_id, state=CallState.TALKING),
            task_queue=DURABLE,
            start_to_close_timeout=timeouts.RECORD_ATTEMPT,
            schedule_to_close_timeout=timeouts.STATE_IS_STALE,
        ).add_done_callback(_failure)

    async def _record(self, outcome: Outcome) -> None:
        call = self._call
        await workflow.execute_activity_method(
            LiveCallActivities.end_call,
            CallEnding(
                tenant_id=call.start.tenant_id, call_id=call.start.call_id, outcome=outcome, language=call.language
            ),
            task_queue=DURABLE,
            start_to_close_timeout=timeouts.RECORD_ATTEMPT,
            retry_policy=timeouts.RECORD_FOR_SURE,
        )

    async def _begin_post_call(self, outcome: Outcome) -> None:
        call = self._call
        if call.line is None:
            return
        await workflow.start_child_workflow(
            PostCallWorkflow.run,
            PostCallStart(
                tenant_id=call.start.tenant_id, call_id=call.start.call_id, outcome=outcome, turns=call.turns
            ),
            id=post_call_workflow_id(call.start.call_id),
            task_queue=DURABLE,
            parent_close_policy=ParentClosePolicy.ABANDON,
        )

    def _show(self, state: CallState) -> None:
        """Keep what operations see up to date: search attributes, and one line of live state."""
        call = self._call
        call.state = state
        queue = call.line.queue if call.line else None
        values = zip(shown.ALL, (call.start.tenant_id, state, call.language, queue, call.outcome), strict=True)
        known = workflow.info().typed_search_attributes
        if changed := [key.value_set(value) for key, value in values if value and known.get(key) != value]:
            workflow.upsert_search_attributes(changed)  # pyright: ignore[reportUnknownMemberType]
        facts = [state, call.outcome, call.language, f"{call.turns} turns", f"lease {call.lease}", queue]
        workflow.set_current_details(" · ".join(str(fact) for fact in facts if fact))

    def _refuse_when_over(self) -> None:
        if self._call.over:
            raise ApplicationError("the call has ended", type=CALL_ENDED, non_retryable=True)

    async def _until(self, condition: Callable[[], bool], patience: timedelta) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await workflow.wait_condition(condition, timeout=patience)


def _ended(held: ActivityHandle[LineEnded] | None) -> LineEnded | None:
    """What `serve_line` returned, if it did."""
    if held is None or not held.done() or held.cancelled() or held.exception():
        return None
    return held.result()


def _last_beat(held: ActivityHandle[LineEnded] | None) -> float | None:
    """When `serve_line`, which has missed its heartbeat, last had one noted: Unix seconds of its own clock."""
    if held is None or not held.done() or held.cancelled():
        return None
    error = held.exception()
    missed = error.cause if isinstance(error, ActivityError) else None
    if not isinstance(missed, Missed) or not missed.last_heartbeat_details:
        return None
    return float(missed.last_heartbeat_details[0])


def _failure(attempt: asyncio.Task[Any]) -> str | None:
    """Why a finished `serve_line` failed, as an error type. Asking also marks the error as seen."""
    if not attempt.done() or attempt.cancelled():
        return None
    error = attempt.exception()
    cause = error.cause if isinstance(error, ActivityError) else error
    return cause.type if isinstance(cause, ApplicationError) else type(cause).__name__
