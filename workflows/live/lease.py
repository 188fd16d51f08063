"""Who holds a call's line: having it opened, noticing that its holder is gone, bringing it back, hanging it up.

The activity `serve_line` is the lease on the line: it lasts as long as the line does. Every attempt at a line has a
lease of its own, higher than all before it, and only the highest that opened may speak.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from temporalio import workflow
from temporalio.exceptions import ActivityError
from temporalio.workflow import ActivityHandle

from domain.call import Outcome
from domain.line import (
    END_LINE,
    SERVE_LINE,
    Connected,
    EndLine,
    LineEnded,
    LineOpen,
    LineRequest,
    SessionDescription,
)
from workflows import timeouts
from workflows.live.outcomes import failure
from workflows.live.refusals import BAD_OFFER, LINE_BUSY, LINE_LOST, OVERTAKEN, refusal
from workflows.live.state import Attempt, LiveCall
from workflows.patience import until
from workflows.queues import MEDIA, media_queue


class LineLease:
    def __init__(self, call: LiveCall, went_adrift: Callable[[], None]) -> None:
        self._call = call
        self._went_adrift = went_adrift

    async def dial(self, offer: SessionDescription) -> Connected:
        """Offer the line to the media workers; one that stays silent is overtaken by the next lease."""
        call = self._call
        call.dialling += 1
        self.let_go()
        earlier = call.lease
        try:
            for queue, patience in zip(self._queues(offer), timeouts.LINE_PATIENCE, strict=True):
                lease = self._serve(queue, offer, timeouts.LINE_SCHEDULE_TO_START)
                await self._settled(lease, earlier, patience)
                if call.line and earlier < call.line.lease <= lease and call.line.answer:
                    return Connected(lease=call.line.lease, answer=call.line.answer)
                attempt = call.attempts.get(lease)
                ended = _returned(attempt.handle) if attempt else None
                if ended and ended.outcome is not Outcome.LOST:
                    call.asked_to_end = ended.outcome
                call.refuse_when_over()
                if call.lease != lease:
                    raise refusal(OVERTAKEN, "a later offer took the line")
                if failure(call.attempts[lease].handle) == BAD_OFFER:
                    raise refusal(BAD_OFFER, "the offer is nonsense")
            self.let_go()
            raise refusal(LINE_BUSY, "no media worker has a free slot")
        finally:
            call.dialling -= 1

    def _queues(self, offer: SessionDescription) -> tuple[str, str, str]:
        """Where the three attempts at one offer wait."""
        if offer.worker:
            own = media_queue(offer.worker)
            return own, own, own
        # Full workers don't take another call, but the one that has this call's old line has room for its next.
        return MEDIA, self._call.line.queue if self._call.line else MEDIA, MEDIA

    def opened(self, line: LineOpen) -> Attempt | None:
        """Signals come late and more than once: only a lease that is still wanted counts, and only once."""
        call = self._call
        if line.lease not in call.attempts or (call.line and line.lease <= call.line.lease):
            return None
        attempt = call.attempts.pop(line.lease)
        self.let_go()
        call.attempts[line.lease] = attempt
        call.line = line
        call.opened_at = workflow.time()
        call.lost_at = None
        call.adrift = False
        return attempt

    async def line_is_let_go(self) -> LineEnded | None:
        """Wait while the line is held; what its end was, or None when its lease was lost or a person hangs up."""
        call = self._call
        await workflow.wait_condition(lambda: call.dialling == 0 and (call.over or not call.held))
        ended = _returned(call.holder)
        if ended is not None:
            call.turns = max(call.turns, ended.turns)
            call.wants_callback = ended.wants_callback or call.wants_callback
        return ended

    async def brought_back(self, ended: LineEnded | None) -> Outcome | None:
        """Nobody holds the line: its worker may adopt it, and the caller may come back to another.

        None when one of them did, or is at it; otherwise how the call ended, as far as anybody knows.
        """
        call = self._call
        call.lost_at = call.lost_at or workflow.time()
        back_by = call.lost_at + timeouts.CALLER_RETURNS.total_seconds()
        question = None if ended else self._ask_to_adopt(back_by)
        patience = timeouts.LINE_ADOPTION
        while True:
            await until(partial(self._knows_more, question), patience)
            ended = _returned(question) or ended
            if ended and ended.outcome is not Outcome.LOST:
                return ended.outcome
            if call.over or call.dialling or call.held:
                return None
            if workflow.time() >= back_by:
                return Outcome.LOST
            if question and question.done():
                # A worker that froze with the question in its hands is asked again, one that answered is not.
                froze = failure(question) not in (None, LINE_LOST)
                question = self._ask_to_adopt(back_by) if froze else None
            self._drift()
            patience = timedelta(seconds=back_by - workflow.time())

    async def hang_up(self, outcome: Outcome) -> Outcome:
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
            await until(lambda: not call.held, timeouts.LINE_GOODBYE)
        ended = _returned(call.holder)
        return ended.outcome if ended and ended.outcome is not Outcome.LOST else outcome

    def let_go(self) -> None:
        """Ask whoever holds a lease to let it go, and forget them: what they say from now on is stale."""
        for attempt in self._call.attempts.values():
            attempt.handle.cancel()
        self._call.attempts.clear()

    def _knows_more(self, question: ActivityHandle[LineEnded] | None) -> bool:
        call = self._call
        return call.over or call.dialling > 0 or call.held or (question is not None and question.done())

    def _drift(self) -> None:
        if not self._call.adrift:
            self._call.adrift = True
            self._went_adrift()

    def _ask_to_adopt(self, back_by: float) -> ActivityHandle[LineEnded]:
        """Ask the line's last worker, on its own queue, whether the line itself still lives.

        The question stays there as long as there is hope: a worker, or Temporal, that was away for longer finds it.
        """
        call = self._call
        assert call.line is not None
        self.let_go()
        lease = self._serve(call.line.queue, None, timedelta(seconds=max(back_by - workflow.time(), 0.1)))
        return call.attempts[lease].handle

    def _serve(self, queue: str, offer: SessionDescription | None, start_within: timedelta) -> int:
        """Have `serve_line` scheduled under the next lease; whoever has an earlier one is asked to let go."""
        call = self._call
        for attempt in call.attempts.values():
            attempt.handle.cancel()
        call.lease += 1
        handle = workflow.start_activity(
            SERVE_LINE,
            LineRequest(
                call_id=call.start.call_id,
                tenant_id=call.start.tenant_id,
                lease=call.lease,
                channel=call.start.channel,
                offer=offer,
                language=call.language,
                phase=call.phase,
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
        handle.add_done_callback(failure)
        call.attempts[call.lease] = Attempt(handle=handle, phase_number=call.phase.number)
        return call.lease

    async def _settled(self, lease: int, earlier: int, patience: timedelta) -> None:
        """Wait for a line above the `earlier` lease, or for the end of hope for this `lease`."""
        call = self._call

        def settled() -> bool:
            attempt = call.attempts.get(lease)
            opened = call.line is not None and call.line.lease > earlier
            return opened or call.over or attempt is None or attempt.handle.done()

        await until(settled, patience)


def _returned(held: ActivityHandle[LineEnded] | None) -> LineEnded | None:
    """What `serve_line` returned, if it did."""
    if held is None or not held.done() or held.cancelled() or held.exception():
        return None
    return held.result()
