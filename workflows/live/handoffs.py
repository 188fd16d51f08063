"""A call's side of its handoffs, one at a time: starts them, tells them what happens, and hears what they want.

domain/handoff.py says which words travel. A handoff outlives the call; what goes wrong in it gives the call back.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from temporalio import workflow
from temporalio.exceptions import FailureError
from temporalio.workflow import ChildWorkflowHandle, ParentClosePolicy

from domain.call import Outcome
from domain.handoff import (
    BY_CONVERSATION,
    HandoffAsked,
    HandoffEnded,
    HandoffResult,
    HandoffStart,
    PhaseWanted,
    handoff_id,
)
from domain.line import (
    HandoffRequested,
    HeldChoiceMade,
    LineOpen,
    PartyJoined,
    PartyLeft,
    Phase,
    PhaseKind,
    PhoneMissed,
    ResumeReason,
)
from workflows import timeouts
from workflows.live.outcomes import failure
from workflows.live.state import LiveCall
from workflows.patience import until
from workflows.queues import DURABLE, HANDOFF_WORKFLOW, handoff_workflow_id

Letter = tuple[str, tuple[Any, ...]]
"""A signal's name, and its argument if it has one."""


@dataclass(slots=True)
class _Handoff:
    """One that has been started, until its workflow is over."""

    start: HandoffStart
    after_phase: int
    """The number of the call's phase before it: choices of later ones are its own."""
    letters: deque[Letter] = field(default_factory=deque[Letter])
    """Told one after another, because signals of one moment may overtake each other. A few in a call."""
    choices: set[HeldChoiceMade] = field(default_factory=set[HeldChoiceMade])
    away: bool = False
    """It knows that the caller is gone for the moment."""

    def tell(self, signal: str, *argument: object) -> None:
        self.letters.append((signal, argument))


@dataclass(slots=True)
class Handoffs:
    call: LiveCall
    want: Callable[[Phase], None]
    """Told which phase the line is to be in."""
    _count: int = field(default=0, init=False)
    _current: _Handoff | None = field(default=None, init=False)
    _last_asked: tuple[int, int] = field(default=(0, 0), init=False)
    """Lease and turn of the last request by the conversation; the same and earlier ones come again, or late."""
    _last_result: HandoffResult | None = field(default=None, init=False)
    _attending: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]], init=False)

    # ------------------------------------------------------------ asked for

    def requested(self, fact: HandoffRequested) -> None:
        """By the conversation. While a handoff is under way, only urgency is news."""
        asked = (fact.lease, fact.seq)
        if asked <= self._last_asked or self.call.over:
            return
        self._last_asked = asked
        request = HandoffAsked(reason=fact.reason, by=BY_CONVERSATION, urgent=fact.urgent)
        if self._current is None:
            self._begin(request, fact)
        elif fact.urgent:
            self._current.tell("raised", request)

    def asked(self, request: HandoffAsked) -> str:
        """By a person; the id of the handoff that is under way then."""
        if self._current is None:
            return self._begin(request, None).start.handoff_id
        self._current.tell("raised", request)
        return self._current.start.handoff_id

    def _begin(self, request: HandoffAsked, fact: HandoffRequested | None) -> _Handoff:
        call = self.call
        self._count += 1
        start = HandoffStart(
            handoff_id=handoff_id(call.start.call_id, self._count),
            number=self._count,
            call_id=call.start.call_id,
            tenant_id=call.start.tenant_id,
            reason=request.reason,
            by=request.by,
            language=fact.language if fact else call.language,
            urgent=request.urgent,
            seq=fact.seq if fact else None,
            queue=request.queue,
            advisor_id=request.advisor_id,
        )
        handoff = self._current = _Handoff(start, call.phase.number)
        if call.adrift:
            self.went_adrift()
        attending = asyncio.create_task(self._attend(handoff))
        self._attending.add(attending)
        attending.add_done_callback(self._attending.discard)
        return handoff

    async def _attend(self, handoff: _Handoff) -> None:
        """Start its workflow, and tell it everything in order, until it is over."""
        start = handoff.start
        try:
            child: ChildWorkflowHandle[Any, Any] = await workflow.start_child_workflow(
                HANDOFF_WORKFLOW,
                start,
                id=handoff_workflow_id(start.call_id, start.number),
                task_queue=DURABLE,
                task_timeout=timeouts.WORKFLOW_TASK,
                parent_close_policy=ParentClosePolicy.ABANDON,
            )
            child.add_done_callback(failure)
            while not child.done():
                await workflow.wait_condition(lambda: bool(handoff.letters) or child.done())
                while handoff.letters and not child.done():
                    signal, argument = handoff.letters[0]
                    with contextlib.suppress(FailureError):  # It is over, and its end is on its way.
                        await child.signal(signal, args=argument)
                    handoff.letters.popleft()
        except FailureError:
            workflow.logger.warning("handoff_not_started")
        handoff.letters.clear()
        self._release(handoff, None)

    # ------------------------------------------------------------ what it wants

    def phase_wanted(self, wanted: PhaseWanted) -> None:
        if self._is_current(wanted.handoff_id) and not self.call.over:
            self.want(
                Phase(
                    kind=wanted.kind,
                    handoff_id=wanted.handoff_id,
                    position=wanted.position,
                    wait_s=wanted.wait_s,
                    choose=wanted.choose,
                    because=wanted.because,
                    number_wanted=wanted.number_wanted,
                    advisor_id=wanted.advisor_id,
                    resumed=wanted.resumed,
                    callback_at=wanted.callback_at,
                )
            )

    def ended(self, fact: HandoffEnded) -> None:
        """Its workflow may go on, with the wrap-up; the call may have another handoff now."""
        if self._current and self._is_current(fact.handoff_id):
            self._release(self._current, fact.result)

    def _release(self, handoff: _Handoff, result: HandoffResult | None) -> None:
        call = self.call
        if self._current is not handoff:
            return
        self._current = None
        self._last_result = result
        if result is HandoffResult.FINISHED:
            call.asked_to_end = call.asked_to_end or Outcome.HANDED_OFF
        elif call.phase.kind is not PhaseKind.CONVERSE and not call.over:
            # It failed, or forgot: nobody else will take the caller out of the music.
            self.want(Phase(kind=PhaseKind.CONVERSE, handoff_id=handoff.start.handoff_id, resumed=ResumeReason.REFUSED))

    def _is_current(self, handoff: str) -> bool:
        return self._current is not None and self._current.start.handoff_id == handoff

    # ------------------------------------------------------------ what happens

    def choice_made(self, fact: HeldChoiceMade) -> None:
        handoff = self._current
        if handoff and fact.phase_number > handoff.after_phase and fact not in handoff.choices:
            handoff.choices.add(fact)
            handoff.tell("choice_made", fact)

    def party_joined(self, fact: PartyJoined) -> None:
        call = self.call
        known = call.parties.get(fact.party_id)
        if (known and known.lease >= fact.lease) or call.line is None or fact.lease < call.line.lease:
            return
        call.parties[fact.party_id] = fact
        if self._current:
            self._current.tell("party_joined", fact)

    def party_left(self, fact: PartyLeft) -> None:
        known = self.call.parties.get(fact.party_id)
        if known is None or fact.lease < known.lease:
            return
        del self.call.parties[fact.party_id]
        if self._current:
            self._current.tell("party_left", fact)

    def phone_missed(self, fact: PhoneMissed) -> None:
        """One of another phase comes again, or late."""
        if self._current and fact.phase_number == self.call.phase.number:
            self._current.tell("phone_missed", fact)

    def line_opened(self, line: LineOpen) -> None:
        """A line that was opened anew has nobody joined to it yet; an adopted one has whoever was there."""
        if line.answer is not None:
            for party in list(self.call.parties.values()):
                self.party_left(PartyLeft(lease=line.lease, party_id=party.party_id, role=party.role, lost=True))
        if self._current and self._current.away:
            self._current.away = False
            self._current.tell("caller_back")

    def went_adrift(self) -> None:
        if self._current and not self._current.away:
            self._current.away = True
            self._current.tell("caller_away")

    async def call_over(self, outcome: Outcome) -> None:
        """Returns when the handoff knows; it must not wait for a caller who is gone."""
        handoff = self._current
        if handoff:
            handoff.tell("caller_gone", outcome)
            await until(lambda: not handoff.letters, timeouts.HANDOFF_HEARS)

    @property
    def count(self) -> int:
        """How many there were, which is the number of the last."""
        return self._count

    @property
    def callback_promised(self) -> bool:
        return self._last_result is HandoffResult.CALLBACK_PROMISED
