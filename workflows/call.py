"""One call, from the first offer to its outcome: who holds its line, who is on it, and what happens when it is gone.

    workflow  CallWorkflow(CallStart) → Outcome, id `call-<call id>`, task queue DURABLE
    update    connect(SessionDescription) → Connected       with the start of the workflow
    update    reconnect(SessionDescription) → Connected     any time later: raises the lease, whoever held it lets go
    update    join(JoinAsked) → Connected                   another person's line, on the worker that holds the caller's
    update    leave(party id), set_party_mode(PartyModeAsked), guide(text)
    update    request_handoff(HandoffAsked) → handoff id
    update    act(ActAsked) → ActResult                     something in another system, once however often it is asked
    signal    line_open(LineOpen)                           a media worker has opened or adopted the line
    signal    progressed(LineProgress)                      a turn is finished
    signal    handoff_requested, choice_made, party_joined, party_left, phone_missed   facts of the line: domain/line.py
    signal    phase_wanted, handoff_ended                   by the call's handoff (domain/handoff.py)
    signal    end(Outcome)                                  hang up

Updates fail with an ApplicationError of a type in workflows/live/refusals.py, or with what the media worker refused.
"""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from domain.acting.action import ActAsked, ActResult
from domain.call import Outcome
from domain.handoff import HandoffAsked, HandoffEnded, PhaseWanted
from domain.line import (
    CallStart,
    Connected,
    HandoffRequested,
    HeldChoiceMade,
    JoinAsked,
    LineOpen,
    LineProgress,
    PartyJoined,
    PartyLeft,
    PartyModeAsked,
    Phase,
    PhoneMissed,
    SessionDescription,
)
from workflows import timeouts
from workflows.live.actions import CallActions
from workflows.live.commands import LineCommands
from workflows.live.dial_back import DialBack
from workflows.live.handoffs import Handoffs
from workflows.live.lease import LineLease
from workflows.live.records import CallRecords
from workflows.live.refusals import ALREADY_CONNECTED, BAD_GUIDANCE, BAD_OFFER, OVERTAKEN, refusal
from workflows.live.state import LiveCall
from workflows.patience import until

MAX_GUIDANCE_CHARS = 1_000
"""As long as what a caller may type."""


@workflow.defn
class CallWorkflow:
    @workflow.init
    def __init__(self, start: CallStart) -> None:
        self._call = LiveCall(start=start)
        self._lease = LineLease(self._call, self._went_adrift)
        self._commands = LineCommands(self._call)
        self._handoffs = Handoffs(self._call, self._want)
        self._actions = CallActions(self._call)
        self._dial_back = DialBack(self._call)
        self._records = CallRecords(self._call)

    @workflow.run
    async def run(self, start: CallStart) -> Outcome:
        call = self._call
        self._records.show()
        await until(lambda: bool(call.line) or call.over, timeouts.NOBODY_CONNECTED)
        if call.line is None:
            call.outcome = call.outcome or call.asked_to_end or Outcome.LOST

        while call.outcome is None:
            ended = await self._lease.line_is_let_go()
            if ended and ended.outcome is not Outcome.LOST:
                call.outcome = ended.outcome
            elif call.asked_to_end:
                call.outcome = await self._lease.hang_up(call.asked_to_end)
            else:
                call.outcome = await self._lease.brought_back(ended)

        self._dial_back.call_over()
        self._lease.let_go()
        self._records.show()
        await self._handoffs.call_over(call.outcome)
        await self._records.end(call.outcome)
        unhelped = call.outcome is Outcome.LOST or call.wants_callback is not None
        if call.line and unhelped and not self._handoffs.callback_promised:
            await self._records.promise_callback(self._handoffs.count)
        if call.line:
            await self._records.begin_post_call(call.outcome)
        await until(workflow.all_handlers_finished, timeouts.HANDLERS_GRACE)
        return call.outcome

    # ------------------------------------------------------------ the caller's line

    @workflow.update
    async def connect(self, offer: SessionDescription) -> Connected:
        call = self._call
        try:
            return await self._lease.dial(offer)
        except ApplicationError as refused:
            # Without its first line there is no call, unless a reconnect is at it.
            if not (call.over or call.line or refused.type == OVERTAKEN):
                call.outcome = Outcome.REFUSED if refused.type == BAD_OFFER else Outcome.BUSY
            raise

    @connect.validator
    def _may_connect(self, offer: SessionDescription) -> None:
        self._call.refuse_when_over()
        if self._call.lease:
            raise refusal(ALREADY_CONNECTED, "the call was connected before: reconnect")

    @workflow.update
    async def reconnect(self, offer: SessionDescription) -> Connected:
        return await self._lease.dial(offer)

    @reconnect.validator
    def _may_reconnect(self, offer: SessionDescription) -> None:
        self._call.refuse_when_over()

    @workflow.signal
    def line_open(self, line: LineOpen) -> None:
        if attempt := self._lease.opened(line):
            self._commands.line_opened(attempt)
            self._handoffs.line_opened(line)
            self._records.show()

    @workflow.signal
    def progressed(self, fact: LineProgress) -> None:
        call = self._call
        if call.progress is None or (fact.lease, fact.turns) > (call.progress.lease, call.progress.turns):
            call.progress = fact
            call.turns = max(call.turns, fact.turns)
            self._records.show()

    @workflow.signal
    def end(self, outcome: Outcome) -> None:
        self._call.asked_to_end = self._call.asked_to_end or outcome

    def _went_adrift(self) -> None:
        self._handoffs.went_adrift()
        self._dial_back.went_adrift()
        self._records.show()

    # ------------------------------------------------------------ people beside the caller

    @workflow.update
    async def join(self, asked: JoinAsked) -> Connected:
        return await self._commands.join(asked)

    @join.validator
    def _may_join(self, asked: JoinAsked) -> None:
        self._call.refuse_when_over()
        if asked.offer.type != "offer":
            raise refusal(BAD_OFFER, "a person joins by an offer")

    @workflow.update
    async def leave(self, party_id: str) -> None:
        await self._commands.leave(party_id)

    @leave.validator
    def _may_leave(self, party_id: str) -> None:
        self._call.refuse_when_over()

    @workflow.update
    async def set_party_mode(self, asked: PartyModeAsked) -> None:
        await self._commands.set_party_mode(asked)

    @set_party_mode.validator
    def _may_set_party_mode(self, asked: PartyModeAsked) -> None:
        self._call.refuse_when_over()

    @workflow.update
    async def guide(self, text: str) -> None:
        await self._commands.guide(text)

    @guide.validator
    def _may_guide(self, text: str) -> None:
        self._call.refuse_when_over()
        if not text.strip() or len(text) > MAX_GUIDANCE_CHARS:
            raise refusal(BAD_GUIDANCE, f"guidance is 1 to {MAX_GUIDANCE_CHARS} characters")

    @workflow.signal
    def party_joined(self, fact: PartyJoined) -> None:
        self._handoffs.party_joined(fact)

    @workflow.signal
    def party_left(self, fact: PartyLeft) -> None:
        self._handoffs.party_left(fact)

    @workflow.signal
    def phone_missed(self, fact: PhoneMissed) -> None:
        self._handoffs.phone_missed(fact)

    # ------------------------------------------------------------ actions in other systems

    @workflow.update
    async def act(self, asked: ActAsked) -> ActResult:
        return await self._actions.act(asked)

    @act.validator
    def _may_act(self, asked: ActAsked) -> None:
        self._call.refuse_when_over()
        if self._call.line and asked.lease < self._call.line.lease:
            raise refusal(OVERTAKEN, "another line has this call by now")

    # ------------------------------------------------------------ handoffs

    @workflow.update
    async def request_handoff(self, asked: HandoffAsked) -> str:
        return self._handoffs.asked(asked)

    @request_handoff.validator
    def _may_request_handoff(self, asked: HandoffAsked) -> None:
        self._call.refuse_when_over()

    @workflow.signal
    def handoff_requested(self, fact: HandoffRequested) -> None:
        self._handoffs.requested(fact)

    @workflow.signal
    def choice_made(self, fact: HeldChoiceMade) -> None:
        self._handoffs.choice_made(fact)

    @workflow.signal
    def phase_wanted(self, wanted: PhaseWanted) -> None:
        self._handoffs.phase_wanted(wanted)

    @workflow.signal
    def handoff_ended(self, fact: HandoffEnded) -> None:
        self._handoffs.ended(fact)

    def _want(self, phase: Phase) -> None:
        self._commands.want(phase)
        self._records.show()
