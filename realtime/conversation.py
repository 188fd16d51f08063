"""The conversation: joins ear, minds and mouth over one line, from greeting to goodbye, through every phase."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

from domain import sentences
from domain.acting.action import ActionDoer
from domain.answering import policy, recall
from domain.bridging import LineFactTeller
from domain.call import Outcome
from domain.line import Party, Phase, PhaseKind
from domain.media.recording import RecordingLeg
from domain.moves import Handoff, Move, Say
from domain.outbound.opening import Opening
from domain.ports import Brain, SpokenValues
from domain.speech import AudioFrame, Language, Speaker, Turn, TurnKind, Utterance, script_language, typed
from domain.turn_taking import floor
from realtime.ahead.expecting import forget, prepare
from realtime.client import Client
from realtime.course.consent import RecordingConsent, still_recorded
from realtime.course.context import CallContext, DeskSide, name_of, note_for, opening_of
from realtime.course.deeds import Deeds
from realtime.course.lapses import after_silence
from realtime.course.phases import Phases
from realtime.course.replies import Replies, saying, unbroken
from realtime.course.turns import TurnLog
from realtime.ear import Ear, Event, Heard, Interim, Likely, Missed, Noise
from realtime.earpiece import Earpiece
from realtime.fallback.keypad_menu import Fallback, KeypadMenu
from realtime.keypad import Keypad
from realtime.line import LOST_MS, Line, Message
from realtime.mouth import Mouth
from realtime.witness import Witness

LAST_WORD_MS = 300
"""Time for the last frames and messages to reach the caller before the line is closed."""


class Conversation:
    """One call on one line. `run` returns how it ended; every turn that was heard is recorded by then."""

    def __init__(
        self,
        *,
        context: CallContext,
        line: Line,
        client: Client,
        ear: Ear,
        mouth: Mouth,
        earpiece: Earpiece,
        brain: Brain,
        turns: TurnLog,
        facts: LineFactTeller,
        witness: Witness,
        values: SpokenValues,
        desk: DeskSide,
        consent: RecordingConsent | None = None,
        doer: ActionDoer | None = None,
        fallback: Fallback,
    ) -> None:
        self._context = context
        self._line = line
        self._client = client
        self._ear = ear
        self._brain = brain
        self._witness = witness
        self._desk = desk
        self._consent = consent
        self.keypad = Keypad()
        self._unanswered: Utterance | None = None
        self._asked: list[Turn] = []
        self._seq_asked = 0
        self._ended: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.language = context.language
        self._turns = turns
        self._deeds = Deeds(context, doer, desk.contacts, self._turns, lambda: self.language, self._tell)
        self._replies = Replies(
            call_id=context.call_id,
            mouth=mouth,
            client=client,
            turns=self._turns,
            kept=self._kept,
            wants_person=self._wants_person,
            perform=self._deeds.perform,
            ends=self.end,
        )
        self.menu = KeypadMenu(
            context=context,
            fallback=fallback,
            replies=self._replies,
            contacts=desk.contacts,
            language=lambda: self.language,
            said=self._said,
            answers=lambda: self._phases.agent_answers,
        )
        self._phases = Phases(
            context=context,
            values=values,
            contacts=desk.contacts,
            language=lambda: self.language,
            now=lambda: datetime.now(UTC),
            ear=ear,
            earpiece=earpiece,
            replies=self._replies,
            turns=self._turns,
            client=client,
            facts=facts,
            go_on=self._go_on,
            mute=self.menu.mute,
        )

    @property
    def lease(self) -> int:
        return self._turns.lease

    @property
    def turns(self) -> int:
        return self._turns.count

    async def run(self, history: list[Turn]) -> Outcome:
        """Converse until the line is gone or somebody says goodbye. `history` is what earlier leases recorded."""
        for turn in history:
            self._brain.heard(turn)
        self._turns.take_up(history)
        self._client.ready(self._context.call_id, self._turns.lease)
        self._client.phase(self._phases.phase, None)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._ear.listen(self._clocked()))
            tasks.create_task(self._mind_events())
            tasks.create_task(self._mind_messages())
            await self._read_up(self._phases.phase)
            recorded = self._consent is not None and history != [] and await self._consent.take_up()
            self._open(history, await opening_of(self._context, self._desk.openings))
            if recorded:
                self._replies.speak(saying(still_recorded(self.language)), after=True)
            outcome = await self._ended
            self.menu.ended()
            self._deeds.close()
            await self._replies.silence()
            self._brain.close()
            await self._turns.settled(LAST_WORD_MS / 1000)
            if outcome is Outcome.LOST:
                self._client.move()  # Only this line is lost: the call waits for whoever comes back.
            else:
                self._client.ended(outcome)
            await asyncio.sleep(LAST_WORD_MS / 1000)
            await self._line.close()
        return outcome

    def end(self, outcome: Outcome) -> None:
        """End the call, from outside or from within; the first outcome stays."""
        if not self._ended.done():
            self._ended.set_result(outcome)

    def close(self) -> None:
        """The line is gone, however that came: nothing is recorded any more."""
        self.menu.close()
        if self._consent is not None:
            self._consent.close()

    async def adopt(self, lease: int) -> None:
        """Go on under a higher lease; turns, and what is recorded, carry it from here on."""
        self._turns.lease = lease
        if self._consent is not None:
            await self._consent.adopt(lease)

    def move(self) -> None:
        """Ask the caller, and everybody joined, to connect again: this worker is going away."""
        self._client.move()

    # ------------------------------------------------------------ who the caller is with

    async def set_phase(self, phase: Phase) -> None:
        """Bring the line into a phase; one that is not newer is ignored."""
        if phase.number <= self._phases.phase.number:
            return
        await self._read_up(phase)
        if phase.kind is not self._phases.phase.kind:
            # What was said to somebody else, or while nobody came, is no question any more.
            self._remember()
            self._unanswered = None
        await self._phases.enter(phase, self._line.now_ms)

    def people_changed(self, talking: bool, *, supervised: bool) -> None:
        """Whether somebody whom the caller can hear has joined, and whether one of them supervises."""
        self._phases.people_changed(talking, supervised=supervised)

    def heard_person(self, heard: Heard, *, by: Party) -> None:
        """A person who is joined to the call has said something, by the clock of the caller's line."""
        self._remember()
        turn = self._turns.said(heard, Speaker.ADVISOR, by=by)
        self._brain.heard(turn)

    def hears_person(self, text: str, language: Language, by: Party) -> None:
        """What a person is saying, as far as it is understood."""
        self._client.interim(self._turns.upcoming, Speaker.ADVISOR, text, language, by=by)

    def guide(self, text: str) -> None:
        """A supervisor's word to the agent alone."""
        self._brain.advised(text)

    async def _read_up(self, phase: Phase) -> None:
        """What the desk has for this phase: who comes, or what was noted."""
        self._phases.advisor = await name_of(phase.advisor_id, self._context, self._desk.names)
        if (note := await note_for(phase, self._context, self._desk.notes)) is not None:
            self._brain.advised(note)

    def _wants_person(self, handoff: Handoff) -> None:
        handoff, context = policy.by_key(handoff, self._asked), self._context
        self._witness.note(context.tenant_id, context.call_id, "handoff_requested", {"reason": handoff.reason})
        self._phases.ask_for_person(handoff, self._seq_asked, self._line.now_ms)

    # ------------------------------------------------------------ what comes in

    async def _clocked(self) -> AsyncIterator[AudioFrame]:
        async for frame in self._line.frames():
            if (digits := self.keypad.elapsed(frame.at_ms)) is not None:
                await self._take_digits(digits)
            self._phases.elapsed(frame.at_ms)
            if not self.menu.takes(frame) and self._consent is not None:
                self._consent.recorder.take(RecordingLeg.CALLER, frame.pcm, frame.at_ms)
            yield frame
        # Somebody who closes the page is heard until then.
        self.end(Outcome.LOST if self._line.quiet_ms > LOST_MS else Outcome.CALLER_HUNG_UP)

    async def _mind_events(self) -> None:
        async for event in self._ear.events():
            await self._mind_event(event)

    async def _mind_event(self, event: Event) -> None:
        match event:
            case Heard() if not self.menu.takes_message:
                self._answer(event)
            case Missed(failed=failed):
                self.menu.unheard(failed=failed)
            case Noise():
                self._take_up()
            case Interim(text=text, language=language):
                self._client.interim(self._turns.upcoming, Speaker.CALLER, text, language)
            case floor.TurnStarted():
                await self._hush_unheard()
            case floor.BargeIn():
                await self._replies.silence()
            case floor.CallerSilent(times=times):
                self._mind_silence(times)
            case floor.Floor():
                self._client.floor(event)
            case Likely(utterance=utterance) if self._phases.agent_answers and self._unanswered is None:
                prepare(self._brain, self._replies.mouth, utterance, self._context.call_id)
            case floor.TurnResumed():
                forget(self._brain, self._replies.mouth)
            case floor.Contested() | floor.Yielded() | floor.Reclaimed() | floor.Backchannel():
                self._replies.mouth.overlapped(event)
            case Likely() | Heard():
                pass

    async def _mind_messages(self) -> None:
        async for message in self._line.messages():
            await self._mind_message(message)

    async def _mind_message(self, message: Message) -> None:
        match message:
            case {"type": "text", "text": str(text), **rest}:
                if not self._turns.is_repeated(rest.get("id")):
                    await self._take_text(text, rest.get("id"))
            case {"type": "dtmf", "digit": str(digit)}:
                self._ear.caller_acted(self._line.now_ms)
                if not self._phases.listens_only:
                    await self._replies.silence()  # whoever keys has heard enough
                if self.menu.press(digit, self._line.now_ms):
                    return
                if (digits := self.keypad.press(digit, self._line.now_ms)) is not None:
                    await self._take_digits(digits)
            case {"type": "hangup"}:
                self.end(Outcome.CALLER_HUNG_UP)
            case {"type": "recording", "on": False} if self._consent is not None:
                stopped = self._consent.stopped_by_page(self._turns, self.language, self._line.now_ms)
                self._replies.speak(stopped, after=True)
            case _:
                pass

    async def _take_digits(self, digits: str) -> None:
        await self._take_text(sentences.KEY_ZERO[self.language] if digits == "0" else digits)

    async def _take_text(self, text: str, text_id: str | None = None) -> None:
        now_ms = self._line.now_ms
        self._ear.caller_acted(now_ms)
        if not self._phases.listens_only:
            await self._replies.silence()
        self._answer(Heard(typed(text, script_language(text) or self.language, now_ms), {}), text_id)

    def _mind_silence(self, times: int) -> None:
        if not self._phases.agent_answers:
            self._ear.caller_acted(self._line.now_ms)  # waiting is no reason to hang up
        elif not self._replies.busy and not self.menu.active:
            said, then = after_silence(times, self.language)
            self._replies.speak(self._deeds.opening(saying(said)), then=then)

    # ------------------------------------------------------------ what goes out

    def _open(self, history: list[Turn], opening: Opening) -> None:
        """Greet; or, on a line that comes back, say that we were cut off, and go on where we were."""
        self.language = history[-1].language if history else opening.language
        if opening.about is not None:
            self._brain.advised(opening.about)
        if self._phases.phase.kind is not PhaseKind.CONVERSE:
            self._phases.open(self._line.now_ms, cut_off=bool(history))
        elif history:
            self._take_up_after(history)
        elif not self.menu.opens():
            self._replies.speak(saying(Say(text=opening.text, language=self.language, kind=TurnKind.GREETING)))

    def _take_up_after(self, history: list[Turn]) -> None:
        self._seq_asked = max((turn.seq for turn in history if turn.speaker is Speaker.CALLER), default=0)
        again = recall.reopening(history, self._context.profile, self.language)
        if again.from_advisor:
            self._phases.resume(cut_off=True)
            return
        if (last := again.unanswered) is not None:
            self._unanswered = typed(last.text, last.language, 0)
        self._go_on([Say(text=text, language=self.language, kind=TurnKind.PROMPT) for text in again.said])
        if again.promised is not None:
            promise = Handoff(reason=again.promised, text="", language=self.language)
            self._phases.ask_for_person(promise, self._seq_asked, self._line.now_ms)

    def _said(self, heard: Heard, text_id: str | None = None, intent: str | None = None) -> Turn:
        """The caller said this, by whichever way."""
        self.language = heard.utterance.language
        turn = self._turns.said(heard, Speaker.CALLER, text_id, intent=intent)
        self._asked.append(turn)
        self._seq_asked = turn.seq
        return turn

    def _answer(self, heard: Heard, text_id: str | None = None) -> None:
        """Answer what was said, together with what was said before it and not yet answered."""
        utterance = heard.utterance
        self.menu.understood(typed=utterance.typed)
        before = self._unanswered
        turn = self._said(heard, text_id)
        if self._consent is not None:
            about_recording = self._consent.answer(turn, asked=self._phases.agent_answers)
            if about_recording is not None:
                self._replies.speak(about_recording, answers=turn)
                return
        if self._phases.phase.kind is PhaseKind.BRIDGED:
            return
        if before is not None:
            utterance = replace(utterance, text=f"{before.text} {utterance.text}", started_ms=before.started_ms)
        self._unanswered = utterance
        if not self._phases.listens_only:
            self._replies.speak(self._moves(utterance), answers=turn)

    def _take_up(self) -> None:
        """Answer what is left unanswered: a noise hushed the answer before it began, or nobody came to give it."""
        if self._unanswered is not None and not self._replies.busy and not self._phases.listens_only:
            self._replies.speak(self._moves(self._unanswered))

    def _go_on(self, opening: list[Say]) -> None:
        if self.menu.returned(opening):
            return
        unanswered = self._unanswered
        self._replies.speak(saying(*opening, then=self._moves(unanswered) if unanswered is not None else None))

    def _moves(self, utterance: Utterance) -> AsyncIterator[Move]:
        if self._phases.phase.kind is PhaseKind.HELD:
            return unbroken(self._phases.held.answer(utterance), self._context.call_id, self.language)
        moves = unbroken(self._brain.answer(utterance), self._context.call_id, self.language)
        return self._deeds.opening(moves)

    def _kept(self, turn: Turn) -> None:
        """The caller heard this of ours."""
        self._deeds.heard(turn)
        if turn.kind is not TurnKind.FILLER:
            self._unanswered = None
        self._remember()
        self._brain.heard(turn)
        self._turns.add(turn)
        question = self._consent.kept(turn) if self._consent is not None else None
        if question is not None and self._phases.agent_answers and not self.menu.active:
            self._replies.speak(saying(question), after=True)

    def _tell(self, moves: AsyncIterator[Move]) -> None:
        """Say what nobody asked for just now; into the caller's own words it is not said."""
        if self._phases.agent_answers and not self.menu.active and self._ear.floor is not floor.Floor.CALLER:
            self._replies.speak(moves, after=True)

    def _remember(self) -> None:
        """A question enters the history with its answer: until then it is what the brain is asked, not what was."""
        for turn in self._asked:
            self._brain.heard(turn)
        self._asked.clear()

    async def _hush_unheard(self) -> None:
        """The caller goes on before our answer began: drop it, and answer all of it together."""
        if self._unanswered is not None and not self._phases.listens_only:
            await self._replies.silence()
