"""The conversation: joins ear, brain and mouth over one line, from greeting to goodbye."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import structlog

from domain import sentences
from domain.call import Outcome
from domain.line import LineProgress, Phase
from domain.moves import Act, Goodbye, Handoff, Hold, Move, Say
from domain.ports import Brain, LineFacts, TurnRecorder
from domain.speech import AudioFrame, Language, Speaker, Turn, TurnKind, Utterance, script_language
from domain.tenant import TenantProfile
from domain.turn_taking import Backchannel, BargeIn, CallerSilent, Contested, Floor, TurnStarted
from realtime.client import Client
from realtime.ear import Ear, Event, Heard, Interim, Missed, Noise
from realtime.keypad import Keypad
from realtime.line import Line, Message
from realtime.mouth import Mouth, Reply
from realtime.witness import Witness

log = structlog.get_logger()

SILENCES_BEFORE_GOODBYE = 2
"""The first silence is asked about, the second ends the call."""
MOVE_MS = 15_000
"""The longest wait for the brain's next move; it apologises by itself long before, so beyond this it is broken."""
LAST_WORD_MS = 300
"""Time for the last frames and messages to reach the caller before the line is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallContext:
    call_id: str
    tenant_id: str
    lease: int
    profile: TenantProfile
    language: Language


class Conversation:
    """One call on one line. `run` returns how it ended; every turn that was heard is recorded by then."""

    def __init__(
        self,
        *,
        context: CallContext,
        line: Line,
        ear: Ear,
        mouth: Mouth,
        brain: Brain,
        recorder: TurnRecorder,
        facts: LineFacts,
        witness: Witness,
    ) -> None:
        self._context = context
        self._lease = context.lease
        self._line = line
        self._client = Client(line)
        self._ear = ear
        self._mouth = mouth
        self._brain = brain
        self._recorder = recorder
        self._facts = facts
        self._witness = witness
        self._keypad = Keypad()
        self._phase = Phase()
        self._seq = 0
        self._reply: asyncio.Task[None] | None = None
        self._unanswered: Utterance | None = None
        self._asked: list[Turn] = []
        self._ended: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.language = context.language
        self.turns = 0

    async def run(self, history: list[Turn]) -> Outcome:
        """Converse until the line is gone or somebody says goodbye. `history` is what an earlier lease recorded."""
        for turn in history:
            self._brain.heard(turn)
            self._seq = max(self._seq, turn.seq)
        self.turns = len(history)
        self._client.ready(self._context.call_id, self._lease)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._ear.listen(self._clocked()))
            tasks.create_task(self._mind_events())
            tasks.create_task(self._mind_messages())
            self._open(history)
            outcome = await self._ended
            await self._silence()
            self._client.ended(outcome)
            await asyncio.sleep(LAST_WORD_MS / 1000)
            await self._line.close()
        return outcome

    def end(self, outcome: Outcome) -> None:
        """End the call, from outside or from within; the first outcome stays."""
        if not self._ended.done():
            self._ended.set_result(outcome)

    def adopt(self, lease: int) -> None:
        """Go on under a higher lease; turns carry it from here on."""
        self._lease = lease

    def set_phase(self, phase: Phase) -> None:
        """A phase that is not newer than the line's own is ignored."""
        if phase.number > self._phase.number:
            self._phase = phase
            self._client.phase(phase)

    # ------------------------------------------------------------ what comes in

    async def _clocked(self) -> AsyncIterator[AudioFrame]:
        async for frame in self._line.frames():
            if (digits := self._keypad.elapsed(frame.at_ms)) is not None:
                await self._take_digits(digits)
            yield frame
        self.end(Outcome.CALLER_HUNG_UP)

    async def _mind_events(self) -> None:
        async for event in self._ear.events():
            await self._mind_event(event)

    async def _mind_event(self, event: Event) -> None:
        match event:
            case Heard(utterance=utterance, stages_ms=stages_ms):
                self._answer(utterance, stages_ms)
            case Missed(failed=True):
                self._say(sentences.TROUBLE[self.language], TurnKind.APOLOGY)
            case Missed():
                self._say(sentences.MISSED[self.language], TurnKind.CLARIFY)
            case Noise():
                self._take_up()
            case Interim(text=text, language=language):
                self._client.interim(self._seq + 1, Speaker.CALLER, text, language)
            case TurnStarted():
                await self._hush_unheard()
            case BargeIn():
                await self._silence()
            case CallerSilent(times=times):
                self._mind_silence(times)
            case Floor():
                self._client.floor(event)
            case Contested() | Backchannel():
                pass

    async def _mind_messages(self) -> None:
        async for message in self._line.messages():
            await self._mind_message(message)

    async def _mind_message(self, message: Message) -> None:
        match message:
            case {"type": "text", "text": str(text)}:
                await self._take_text(text)
            case {"type": "dtmf", "digit": str(digit)}:
                self._ear.caller_acted(self._line.now_ms)
                if (digits := self._keypad.press(digit, self._line.now_ms)) is not None:
                    await self._take_digits(digits)
            case {"type": "hangup"}:
                self.end(Outcome.CALLER_HUNG_UP)
            case _:
                pass

    async def _take_digits(self, digits: str) -> None:
        await self._take_text(sentences.KEY_ZERO[self.language] if digits == "0" else digits)

    async def _take_text(self, text: str) -> None:
        now_ms = self._line.now_ms
        self._ear.caller_acted(now_ms)
        await self._silence()
        language = script_language(text) or self.language
        self._answer(Utterance(text=text, language=language, started_ms=now_ms, ended_ms=now_ms, typed=True), {})

    def _mind_silence(self, times: int) -> None:
        if self._reply is not None:
            return
        if times < SILENCES_BEFORE_GOODBYE:
            self._say(sentences.STILL_THERE[self.language], TurnKind.PROMPT)
        else:
            self._say(sentences.SILENT_GOODBYE[self.language], TurnKind.GOODBYE, then=Outcome.CALLER_SILENT)

    # ------------------------------------------------------------ what goes out

    def _open(self, history: list[Turn]) -> None:
        if not history:
            self._say(self._context.profile.greeting[self.language], TurnKind.GREETING)
            return
        last = history[-1]
        self.language = last.language
        if last.speaker is Speaker.CALLER:
            self._unanswered = Utterance(text=last.text, language=last.language, started_ms=0, ended_ms=0, typed=True)
            self._speak(_after(sentences.CUT_OFF[self.language], self.language, self._moves(self._unanswered)))
        else:
            self._say(f"{sentences.CUT_OFF[self.language]} {sentences.GO_ON[self.language]}", TurnKind.PROMPT)

    def _answer(self, utterance: Utterance, stages_ms: dict[str, int]) -> None:
        """Answer what was said, together with what was said before it and not yet answered."""
        self.language = utterance.language
        before = self._unanswered
        turn = self._record(
            Turn(
                seq=self._next_seq(),
                speaker=Speaker.CALLER,
                text=utterance.text,
                language=utterance.language,
                started_ms=utterance.started_ms,
                ended_ms=utterance.ended_ms,
                lease=self._lease,
                stages_ms=stages_ms,
            )
        )
        if before is not None:
            utterance = replace(utterance, text=f"{before.text} {utterance.text}", started_ms=before.started_ms)
        self._unanswered = utterance
        self._speak(self._moves(utterance), answers=turn)

    def _take_up(self) -> None:
        """A noise hushed the answer before it began: begin it again."""
        if self._unanswered is not None and self._reply is None:
            self._speak(self._moves(self._unanswered))

    async def _moves(self, utterance: Utterance) -> AsyncIterator[Move]:
        """The brain's moves; a brain that breaks or hangs is replaced by an apology."""
        moves = self._brain.answer(utterance)
        try:
            while True:
                try:
                    async with asyncio.timeout(MOVE_MS / 1000):
                        move = await anext(moves)
                except StopAsyncIteration:
                    return
                except Exception as error:
                    log.error("brain_failed", call_id=self._context.call_id, error=type(error).__name__)
                    yield Say(text=sentences.TROUBLE[self.language], language=self.language, kind=TurnKind.APOLOGY)
                    return
                yield move
        finally:
            close = getattr(moves, "aclose", None)
            if close is not None:
                await close()

    def _say(self, text: str, kind: TurnKind, then: Outcome | None = None) -> None:
        self._speak(_only(Say(text=text, language=self.language, kind=kind)), then=then)

    def _speak(self, moves: AsyncIterator[Move], answers: Turn | None = None, then: Outcome | None = None) -> None:
        previous = self._reply
        self._reply = asyncio.create_task(self._play(moves, previous, answers, then))

    async def _play(
        self,
        moves: AsyncIterator[Move],
        previous: asyncio.Task[None] | None,
        answers: Turn | None,
        then: Outcome | None,
    ) -> None:
        """One turn of ours, to its end or until it is cancelled."""
        if previous is not None:
            await _cancelled(previous)
        reply = Reply()
        ending: list[Outcome] = [then] if then is not None else []
        seq = self._next_seq()
        try:
            await self._mouth.speak(
                self._sentences(moves, ending), reply, lambda say, at_ms: self._show(seq, reply, say, at_ms)
            )
        finally:
            self._keep(seq, reply)
            if self._reply is asyncio.current_task():
                self._reply = None
        if answers is not None:
            self._client.answered(answers.seq)
        if ending:
            self.end(ending[0])

    async def _sentences(self, moves: AsyncIterator[Move], ending: list[Outcome]) -> AsyncIterator[Say]:
        async for move in moves:
            match move:
                case Say():
                    yield move
                case Goodbye(text=text, language=language):
                    ending.append(Outcome.AGENT_SAID_GOODBYE)
                    yield Say(text=text, language=language, kind=TurnKind.GOODBYE)
                case Hold(text=text, language=language):
                    yield Say(text=text, language=language, kind=TurnKind.PROMPT)
                case Handoff(reason=reason, text=text, language=language):
                    self._witness.note(
                        self._context.tenant_id, self._context.call_id, "handoff_requested", {"reason": reason}
                    )
                    yield Say(text=text, language=language, intent=f"handoff:{reason}")
                case Act():
                    log.warning("action_not_connected", call_id=self._context.call_id, action=move.action)

    def _show(self, seq: int, reply: Reply, say: Say, at_ms: int) -> None:
        """A sentence begins: tell of which kind, and show its words while they are spoken."""
        self._client.speaking(seq, say, at_ms)
        if reply.outlet is not None:
            self._client.interim(seq, Speaker.AGENT, reply.outlet.begun_text(), say.language)

    def _keep(self, seq: int, reply: Reply) -> None:
        """Record what the caller heard of a turn of ours; a turn of which nothing was heard never was."""
        spoken = reply.spoken
        if spoken is None or not spoken.text:
            if seq == self._seq:
                self._seq -= 1
            return
        if spoken.kind is not TurnKind.FILLER:
            self._unanswered = None
        self._record(
            Turn(
                seq=seq,
                speaker=Speaker.AGENT,
                text=spoken.text,
                language=spoken.language,
                started_ms=spoken.started_ms,
                ended_ms=spoken.ended_ms,
                kind=spoken.kind,
                intent=spoken.intent,
                interrupted=spoken.interrupted,
                lease=self._lease,
                stages_ms=reply.stages_ms(),
            )
        )

    def _record(self, turn: Turn) -> Turn:
        self.turns += 1
        self._asked.append(turn)
        if turn.speaker is not Speaker.CALLER:
            # A question enters the history with its answer: until then it is what the brain is asked, not what was.
            for heard in self._asked:
                self._brain.heard(heard)
            self._asked.clear()
        self._recorder.record(self._context.tenant_id, self._context.call_id, turn)
        self._client.turn(turn)
        self._facts.progressed(
            self._context.call_id,
            LineProgress(lease=self._lease, turns=self.turns, language=turn.language, intent=turn.intent),
        )
        return turn

    def _next_seq(self) -> int:
        self._seq += 1
        return self._seq

    async def _hush_unheard(self) -> None:
        """The caller goes on before our answer began: drop it, and answer all of it together."""
        if self._reply is not None and self._unanswered is not None:
            await self._silence()

    async def _silence(self) -> None:
        if self._reply is not None:
            await _cancelled(self._reply)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


async def _only(move: Move) -> AsyncIterator[Move]:
    yield move


async def _after(text: str, language: Language, moves: AsyncIterator[Move]) -> AsyncIterator[Move]:
    yield Say(text=text, language=language, kind=TurnKind.PROMPT)
    async for move in moves:
        yield move
