"""What the media worker that holds a call's line is told: phases, and who joins and parts, each by a short activity.

A phase is declared, not sent: the call keeps the one that is wanted, every line is opened or adopted with it, and a
living line is told of a newer one. A command to a holder that has lost the line is repeated to the next.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from temporalio import workflow
from temporalio.workflow import ActivityHandle

from domain.line import (
    GUIDE_AGENT,
    JOIN_LINE,
    LEAVE_LINE,
    SET_PARTY_MODE,
    SET_PHASE,
    Connected,
    GuideAgent,
    JoinAsked,
    JoinLine,
    LeaveLine,
    LineOpen,
    PartyModeAsked,
    Phase,
    SessionDescription,
    SetPartyMode,
    SetPhase,
)
from workflows import timeouts
from workflows.live.outcomes import answered_no, failure
from workflows.live.refusals import LINE_AWAY, LINE_LOST, refusal
from workflows.live.state import Attempt, LiveCall
from workflows.patience import until

PartyCommand = JoinLine | LeaveLine | SetPartyMode | GuideAgent
UNKNOWN = 0
"""The lease of a command, until it is known who holds the line."""


@dataclass(slots=True)
class LineCommands:
    call: LiveCall
    _telling: ActivityHandle[None] | None = field(default=None, init=False)

    # ------------------------------------------------------------ phases

    def want(self, phase: Phase) -> None:
        """The phase gets the next number; those before it are no longer wanted."""
        call = self.call
        call.phase = dataclasses.replace(phase, number=call.phase.number + 1)
        self._tell_phase()

    def line_opened(self, attempt: Attempt) -> None:
        """The line was opened with the phase that was wanted when it was asked for."""
        if attempt.phase_number < self.call.phase.number:
            self._tell_phase()
        elif self._telling:
            self._telling.cancel()

    def _tell_phase(self) -> None:
        """Not waited for. A line that is lost meanwhile is opened anew with the phase."""
        call = self.call
        if self._telling:
            self._telling.cancel()
        if call.line is None or not call.held:
            return
        self._telling = workflow.start_activity(
            SET_PHASE,
            SetPhase(call_id=call.start.call_id, lease=call.line.lease, phase=call.phase),
            task_queue=call.line.queue,
            start_to_close_timeout=timeouts.PHASE_ATTEMPT,
            schedule_to_close_timeout=timeouts.PHASE_IS_TOLD,
            retry_policy=timeouts.PHASE_TRIES,
            cancellation_type=workflow.ActivityCancellationType.TRY_CANCEL,
            summary=f"{call.phase.kind} {call.phase.number}",
        )
        self._telling.add_done_callback(failure)

    # ------------------------------------------------------------ people

    async def join(self, asked: JoinAsked) -> Connected:
        start = self.call.start
        command = JoinLine(
            call_id=start.call_id, tenant_id=start.tenant_id, lease=UNKNOWN, party=asked.party, offer=asked.offer
        )
        lease, answer = await self._carry_out(
            JOIN_LINE, command, timeouts.JOIN_ATTEMPT, timeouts.PARTY_WAITS, result_type=SessionDescription
        )
        return Connected(lease=lease, answer=answer)

    async def leave(self, party_id: str) -> None:
        await self._carry_out(LEAVE_LINE, LeaveLine(call_id=self.call.start.call_id, lease=UNKNOWN, party_id=party_id))

    async def set_party_mode(self, asked: PartyModeAsked) -> None:
        call_id = self.call.start.call_id
        await self._carry_out(
            SET_PARTY_MODE, SetPartyMode(call_id=call_id, lease=UNKNOWN, party_id=asked.party_id, mode=asked.mode)
        )

    async def guide(self, text: str) -> None:
        await self._carry_out(GUIDE_AGENT, GuideAgent(call_id=self.call.start.call_id, lease=UNKNOWN, text=text))

    async def _carry_out(
        self,
        activity: str,
        command: PartyCommand,
        attempt: timedelta = timeouts.COMMAND_ATTEMPT,
        waits: timedelta = timeouts.COMMAND_WAITS,
        result_type: type[Any] | None = None,
    ) -> tuple[int, Any]:
        """The lease under which it was carried out, and the result. Waits, bounded, until somebody holds the line.

        A holder that has lost the line, or loses it before it answers, is followed by one more.
        """
        call = self.call
        give_up_at = workflow.time() + waits.total_seconds()
        tried: int = UNKNOWN
        for _ in range(2):
            line = await self._line_above(tried, give_up_at)
            tried = line.lease
            done = workflow.start_activity(
                activity,
                dataclasses.replace(command, lease=line.lease),
                result_type=result_type,
                task_queue=line.queue,
                schedule_to_close_timeout=attempt,
                retry_policy=timeouts.LINE_ONCE,
                cancellation_type=workflow.ActivityCancellationType.TRY_CANCEL,
            )
            done.add_done_callback(failure)
            await workflow.wait_condition(partial(self._answered_or_moved, done, line))
            call.refuse_when_over()
            if done.done() and failure(done) is None:
                return line.lease, done.result()
            done.cancel()
            if refused := answered_no(done, LINE_LOST):
                raise refusal(refused, "the media worker said no")
        raise refusal(LINE_AWAY, "the caller's line moved twice")

    async def _line_above(self, lease: int, give_up_at: float) -> LineOpen:
        call = self.call

        def held_above() -> bool:
            return call.held and call.line is not None and call.line.lease > lease

        await until(lambda: call.over or held_above(), timedelta(seconds=max(give_up_at - workflow.time(), 0)))
        call.refuse_when_over()
        if call.line is None or not held_above():
            raise refusal(LINE_AWAY, "nobody holds the caller's line at the moment")
        return call.line

    def _answered_or_moved(self, asked: ActivityHandle[Any], line: LineOpen) -> bool:
        return asked.done() or self.call.over or self.call.line is not line
