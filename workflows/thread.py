"""One thread of messages, from the first to the silence after the last: the same procedure as a call, without a line.

    workflow  ThreadWorkflow(CallStart) → Outcome, id `call-<call id>`, task queue DURABLE
    signal    arrived(seq)                      the person has written the turn `seq`; starts the workflow
    signal    wrote(seq)                        one of ours has: send it
    update    request_handoff(HandoffAsked) → handoff id
    update    guide(text)
    signal    phase_wanted, handoff_ended       by the thread's handoff (domain/handoff.py)
    signal    end(Outcome)

What is written stands in the store, and travels here by its number only. Which thread is whose the store decides: an
id is random, and says nothing of anybody's number.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.thread import ActionTold, Closing, OfThread, PhaseTold, Reply, Sending, ThreadActivities, Unanswered
from domain.acting.action import OVER, ActAsked, ActionState
from domain.call import Outcome
from domain.handoff import HandoffAsked, HandoffEnded, PhaseWanted
from domain.line import (
    CallStart,
    HandoffRequested,
    HeldChoiceMade,
    LineOpen,
    LineProgress,
    PartyJoined,
    PartyRole,
    Phase,
    PhaseKind,
)
from domain.moves import Act
from domain.speech import Language
from domain.threads.thread import LEASE
from workflows import timeouts
from workflows.call import MAX_GUIDANCE_CHARS
from workflows.live.actions import CallActions
from workflows.live.handoffs import Handoffs
from workflows.live.records import CallRecords
from workflows.live.refusals import BAD_GUIDANCE, refusal
from workflows.live.state import LiveCall
from workflows.patience import until
from workflows.queues import THREADS


@workflow.defn
class ThreadWorkflow:
    @workflow.init
    def __init__(self, start: CallStart) -> None:
        # There is no line to lose: it counts as open from the beginning to the end.
        self._call = LiveCall(start=start, lease=LEASE, line=LineOpen(lease=LEASE, queue=THREADS))
        self._of = OfThread(tenant_id=start.tenant_id, call_id=start.call_id)
        self._handoffs = Handoffs(self._call, self._want)
        self._actions = CallActions(self._call)
        self._records = CallRecords(self._call)
        self._arrived = 0
        self._answered = 0
        self._advice: str | None = None
        self._phases: deque[tuple[Phase, Phase]] = deque()
        """Changes that the person is yet to be told of: the phase before, and the phase."""
        self._outbox: deque[int] = deque()
        self._ending: Outcome | None = None
        self._acting: set[asyncio.Task[None]] = set()

    @workflow.run
    async def run(self, start: CallStart) -> Outcome:
        call = self._call
        self._records.show()
        sending = asyncio.create_task(self._send_all())
        while call.outcome is None:
            if self._phases:
                await self._tell_phase(*self._phases.popleft())
            elif call.asked_to_end:
                await self._close(self._arrived)
                call.outcome = call.asked_to_end
            elif self._arrived > self._answered:
                await self._answer()
            elif self._ending is not None or not await until(self._has_work, self._patience()):
                if await self._close(self._answered):
                    call.outcome = self._ending or Outcome.CALLER_SILENT
                self._ending = None
        self._records.show()
        await self._handoffs.call_over(call.outcome)
        await self._records.end(call.outcome)
        await self._records.begin_post_call(call.outcome)
        await workflow.wait_condition(lambda: not self._outbox)
        sending.cancel()
        await until(workflow.all_handlers_finished, timeouts.HANDLERS_GRACE)
        return call.outcome

    def _has_work(self) -> bool:
        return bool(self._phases or self._call.asked_to_end or self._arrived > self._answered)

    def _patience(self) -> timedelta:
        if workflow.info().is_continue_as_new_suggested():
            return timeouts.THREAD_GATHERS  # A long history: the next message begins another thread.
        return timeouts.THREAD_IDLE if self._call.phase.kind is PhaseKind.CONVERSE else timeouts.THREAD_WAITS

    # ------------------------------------------------------------ answering

    async def _answer(self) -> None:
        """All that has come, together; while a person has the thread, it is theirs to answer."""
        call = self._call
        await self._gathered()
        upto, after = self._arrived, self._answered
        call.turns = max(call.turns, upto)
        if call.phase.kind is PhaseKind.BRIDGED:
            self._answered = upto
            return
        advice, self._advice = self._advice, None
        unanswered = Unanswered(thread=self._of, after=after, upto=upto, phase=call.phase, advice=advice)
        reply = await workflow.execute_activity_method(
            ThreadActivities.answer,
            unanswered,
            task_queue=THREADS,
            start_to_close_timeout=timeouts.THREAD_ANSWER,
            retry_policy=timeouts.RECORD_FOR_SURE,
        )
        self._answered = upto
        self._take(reply)
        if reply.choice is not None:
            choice = HeldChoiceMade(lease=LEASE, phase_number=call.phase.number, choice=reply.choice)
            self._handoffs.choice_made(choice)
        language = reply.language or Language.EN
        if reply.handoff is not None:
            requested = HandoffRequested(
                lease=LEASE, seq=upto, reason=reply.handoff, language=language, urgent=reply.urgent
            )
            self._handoffs.requested(requested)
        if reply.act is not None:
            acting = asyncio.create_task(self._act(reply.act, language, upto))
            self._acting.add(acting)
            acting.add_done_callback(self._acting.discard)
        if reply.goodbye:
            self._ending = Outcome.AGENT_SAID_GOODBYE

    async def _gathered(self) -> None:
        """Until nothing more has come for a moment."""
        begun = workflow.time()
        while workflow.time() - begun < timeouts.THREAD_GATHERED.total_seconds():
            known = self._arrived
            if not await until(lambda: self._arrived > known, timeouts.THREAD_GATHERS):  # noqa: B023
                return

    async def _act(self, act: Act, language: Language, asked_seq: int) -> None:
        """Have it done once, and tell what came of it; also that it takes long."""
        slots = {name: value for name, value in act.slots.items() if name not in ("subject", "repeat")}
        asked = ActAsked(
            lease=LEASE,
            action=act.action,
            subject=act.slots.get("subject", ""),
            slots=slots,
            language=language,
            repeat=int(act.slots.get("repeat", "0")),
            needs_approval=act.needs_approval,
            asking=str(self._answered),
        )
        result = await self._actions.act(asked)
        told = ActionTold(
            thread=self._of, result=result, language=language, done=act.done, slots=slots, asked_seq=asked_seq
        )
        if result.state is ActionState.RUNNING:
            await self._tell_action(told)
        while result.state not in OVER and result.state is not ActionState.WAITING_APPROVAL:
            result = await self._actions.act(asked)
        await self._tell_action(replace(told, result=result))

    async def _tell_action(self, told: ActionTold) -> None:
        self._take(
            await workflow.execute_activity_method(
                ThreadActivities.tell_action,
                told,
                task_queue=THREADS,
                start_to_close_timeout=timeouts.RECORD_ATTEMPT,
                retry_policy=timeouts.RECORD_FOR_SURE,
            )
        )

    async def _tell_phase(self, before: Phase, phase: Phase) -> None:
        self._take(
            await workflow.execute_activity_method(
                ThreadActivities.tell_phase,
                PhaseTold(thread=self._of, phase=phase, before=before, language=self._call.language),
                task_queue=THREADS,
                start_to_close_timeout=timeouts.RECORD_ATTEMPT,
                retry_policy=timeouts.RECORD_FOR_SURE,
            )
        )

    def _take(self, reply: Reply) -> None:
        """A turn of ours is written: it is to be sent, and counts."""
        call = self._call
        if reply.seq is not None:
            self._outbox.append(reply.seq)
            call.turns = max(call.turns, reply.seq)
        if reply.language is not None:
            call.progress = LineProgress(lease=LEASE, turns=call.turns, language=reply.language, intent=reply.intent)
        self._records.show()

    async def _send_all(self) -> None:
        """One after another, in their order."""
        while True:
            await workflow.wait_condition(lambda: bool(self._outbox))
            try:
                await workflow.execute_activity_method(
                    ThreadActivities.send,
                    Sending(thread=self._of, seq=self._outbox[0]),
                    task_queue=THREADS,
                    start_to_close_timeout=timeouts.ACTION_ATTEMPT,
                    schedule_to_close_timeout=timeouts.ACTION_GIVEN_UP,
                    retry_policy=timeouts.ACTION_TRIES,
                )
            except ActivityError:
                workflow.logger.warning("message_given_up")
            self._outbox.popleft()

    async def _close(self, answered: int) -> bool:
        return await workflow.execute_activity_method(
            ThreadActivities.close,
            Closing(thread=self._of, answered=answered),
            task_queue=THREADS,
            start_to_close_timeout=timeouts.RECORD_ATTEMPT,
            retry_policy=timeouts.RECORD_FOR_SURE,
        )

    # ------------------------------------------------------------ what is told to it

    @workflow.signal
    def arrived(self, seq: int) -> None:
        self._arrived = max(self._arrived, seq)

    @workflow.signal
    def wrote(self, seq: int) -> None:
        if seq not in self._outbox:
            self._outbox.append(seq)
            self._call.turns = max(self._call.turns, seq)

    @workflow.signal
    def end(self, outcome: Outcome) -> None:
        self._call.asked_to_end = self._call.asked_to_end or outcome

    @workflow.update
    async def guide(self, text: str) -> None:
        self._advice = text

    @guide.validator
    def _may_guide(self, text: str) -> None:
        self._call.refuse_when_over()
        if not text.strip() or len(text) > MAX_GUIDANCE_CHARS:
            raise refusal(BAD_GUIDANCE, f"guidance is 1 to {MAX_GUIDANCE_CHARS} characters")

    # ------------------------------------------------------------ handoffs

    @workflow.update
    async def request_handoff(self, asked: HandoffAsked) -> str:
        return self._handoffs.asked(asked)

    @request_handoff.validator
    def _may_request_handoff(self, asked: HandoffAsked) -> None:
        self._call.refuse_when_over()

    @workflow.signal
    def phase_wanted(self, wanted: PhaseWanted) -> None:
        self._handoffs.phase_wanted(wanted)
        if wanted.kind is PhaseKind.BRIDGED and wanted.advisor_id is not None:
            # Their page is all that they need: whoever has taken the thread is in it.
            joined = PartyJoined(lease=LEASE, party_id=wanted.advisor_id, role=PartyRole.ADVISOR)
            self._handoffs.party_joined(joined)

    @workflow.signal
    def handoff_ended(self, fact: HandoffEnded) -> None:
        self._handoffs.ended(fact)

    def _want(self, phase: Phase) -> None:
        call = self._call
        if phase.kind is not PhaseKind.BRIDGED:
            call.parties.clear()
        before, call.phase = call.phase, replace(phase, number=call.phase.number + 1)
        self._phases.append((before, call.phase))
        self._records.show()
