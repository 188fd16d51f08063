"""The steps of a thread: answer what came, tell what has changed, send what was written, and close."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain import sentences as spoken
from domain.acting import telling
from domain.acting.action import ActionStart, ActionState, ActionStore, ActResult
from domain.actions import action_key
from domain.answering.dialogue import HANDOFF_PREFIX
from domain.bridging import HandoffNotes
from domain.errors import NotFound, OutcomeUnknown, Refused, Rejected, Unavailable
from domain.line import HeldChoice, Phase, PhaseKind
from domain.messaging import DeliveryState
from domain.moves import Act, Goodbye, Handoff, Hold, Move, Say
from domain.ports import Brain, CallStore, Tenants
from domain.speech import Language, Speaker, Turn, TurnKind, Utterance
from domain.tenant import TenantProfile
from domain.threads import sentences
from domain.threads.thread import ATTACHMENT_PREFIX, LEASE, TextSender, Threads, Written
from domain.threads.wishes import Wish, wish_in

MOVE_S = 15.0
"""The longest wait for the brain's next move; it apologises by itself long before, so beyond this it is broken."""
REMEMBERED_TURNS = 6
"""Of the thread before: three exchanges, which is what a question may lean on."""
REMEMBERED_FOR = timedelta(days=7)
AT_ONCE = 2
"""Answers at a time: a living call's must not wait behind more for the model."""
OPT_OUT = "opt_out"
"""Intent of the one message that is sent to somebody who wants none any more."""
SEND_MESSAGE = "send_message"
"""The action that a message of unclear outcome is kept as, for an advisor to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfThread:
    tenant_id: str
    call_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """The person's turns after the turn `after`, up to `upto`: they are answered together."""

    thread: OfThread
    after: int
    upto: int
    phase: Phase
    advice: str | None = None
    """A supervisor's words to the agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What an answer came to. `seq` is of our turn, None where nothing is to be sent."""

    seq: int | None = None
    language: Language | None = None
    intent: str | None = None
    handoff: str | None = None
    """The reason, where a person is wanted."""
    urgent: bool = False
    goodbye: bool = False
    act: Act | None = None
    choice: HeldChoice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseTold:
    thread: OfThread
    phase: Phase
    before: Phase
    language: Language | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionTold:
    thread: OfThread
    result: ActResult
    language: Language
    done: dict[Language, str] = field(default_factory=dict[Language, str])
    """What is said once it is done, where a tenant has a sentence of its own."""
    slots: Mapping[str, str] = field(default_factory=dict[str, str])
    """With which it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    thread: OfThread
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    thread: OfThread
    answered: int


@dataclass(slots=True)
class _Gathered:
    """What the moves of one answer come to, in writing."""

    texts: list[str] = field(default_factory=list[str])
    language: Language | None = None
    kind: TurnKind | None = None
    intent: str | None = None
    handoff: Handoff | None = None
    goodbye: bool = False
    act: Act | None = None

    def take(self, move: Move) -> None:
        match move:
            case Say(kind=TurnKind.FILLER):
                return  # It fills a silence, and there is none.
            case Say():
                self._add(move.text, move.language, move.kind, move.intent)
            case Hold():
                self._add(move.text, move.language, TurnKind.PROMPT, None)
            case Goodbye():
                self.goodbye = True
                self._add(move.text, move.language, TurnKind.GOODBYE, None)
            case Handoff():
                self.handoff = move
                self._add(move.text, move.language, TurnKind.ANSWER, f"{HANDOFF_PREFIX}{move.reason}")
            case Act():
                self.act = move

    def _add(self, text: str, language: Language, kind: TurnKind, intent: str | None) -> None:
        if text.strip():
            self.texts.append(text.strip())
        self.language, self.kind = language, kind
        self.intent = intent or self.intent


class ThreadActivities:
    """Each may be repeated: a turn is known by its `text_id`, a message by its key."""

    def __init__(
        self,
        *,
        threads: Threads,
        calls: CallStore,
        tenants: Tenants,
        actions: ActionStore,
        notes: HandoffNotes,
        sender: TextSender,
        think: Callable[[TenantProfile], Brain],
    ) -> None:
        self._threads = threads
        self._calls = calls
        self._tenants = tenants
        self._actions = actions
        self._notes = notes
        self._sender = sender
        self._think = think
        self._thinking = asyncio.Semaphore(AT_ONCE)

    @property
    def all(self) -> Sequence[Callable[..., object]]:
        return (self.answer, self.tell_phase, self.tell_action, self.send, self.close)

    # ------------------------------------------------------------ what we write

    @activity.defn(name="answer_thread")
    async def answer(self, asked: Unanswered) -> Reply:
        thread = asked.thread
        turns = await self._calls.turns(thread.tenant_id, thread.call_id)
        text_id = f"re-{asked.upto}"
        if (known := next((turn for turn in turns if turn.text_id == text_id), None)) is not None:
            return _reply(known)
        new = [turn for turn in turns if turn.speaker is Speaker.CALLER and asked.after < turn.seq <= asked.upto]
        if not new:
            return Reply()
        profile = await self._profile(thread)
        wish = wish_in(new[-1].text)
        if wish is not None:
            await self._threads.opt(thread.tenant_id, thread.call_id, out=wish is Wish.OUT)
            text = (sentences.OUT if wish is Wish.OUT else sentences.IN_AGAIN)[new[-1].language]
            return await self._written(thread, text_id, text, new[-1].language, OPT_OUT)
        if await self._threads.is_opted_out(thread.tenant_id, thread.call_id):
            return Reply(language=new[-1].language)
        worded = [turn for turn in new if not _is_bare_attachment(turn)]
        if not worded:
            kind = (new[-1].intent or "").removeprefix(ATTACHMENT_PREFIX)
            return await self._written(
                thread, text_id, sentences.cannot_read(kind, new[-1].language), new[-1].language, None
            )
        last = worded[-1]
        words = "\n".join(turn.text for turn in worded)
        if asked.phase.kind is not PhaseKind.CONVERSE:
            choice, text = sentences.while_waiting(words, asked.phase, profile, last.language)
            reply = await self._written(thread, text_id, text, last.language, None)
            return Reply(seq=reply.seq, language=reply.language, choice=choice)
        async with self._thinking:
            return await self._thought(asked, profile, turns, words, last, text_id)

    async def _thought(
        self,
        asked: Unanswered,
        profile: TenantProfile,
        turns: Sequence[Turn],
        words: str,
        last: Turn,
        text_id: str,
    ) -> Reply:
        thread = asked.thread
        brain = self._think(profile)
        memory = await self._memory(thread)
        for turn in (*memory, *(turn for turn in turns if turn.seq <= asked.after)):
            brain.heard(turn)
        if asked.phase.handoff_id is not None:
            note = await self._notes.note(thread.tenant_id, asked.phase.handoff_id)
            if note is not None:
                brain.advised(note)
        if asked.advice is not None:
            brain.advised(asked.advice)
        utterance = Utterance(text=words, language=last.language, started_ms=0, ended_ms=0, typed=True)
        gathered = _Gathered()
        async for move in _unbroken(brain.answer(utterance), last.language):
            gathered.take(move)
        language = gathered.language or last.language
        if not memory and not any(turn.speaker is Speaker.AGENT for turn in turns) and gathered.texts:
            gathered.texts.insert(0, profile.greeting.get(language, ""))
        seq = None
        if text := " ".join(filter(None, gathered.texts)):
            written = Written(
                speaker=Speaker.AGENT,
                text=text,
                language=language,
                text_id=text_id,
                kind=gathered.kind,
                intent=gathered.intent,
            )
            seq = await self._write(thread, written)
        handoff = gathered.handoff
        return Reply(
            seq=seq,
            language=language,
            intent=gathered.intent,
            handoff=handoff.reason if handoff else None,
            urgent=handoff.urgent if handoff else False,
            goodbye=gathered.goodbye,
            act=gathered.act,
        )

    @activity.defn(name="tell_thread_phase")
    async def tell_phase(self, told: PhaseTold) -> Reply:
        profile = await self._profile(told.thread)
        language = told.language or profile.default_language
        text = sentences.on_phase(told.phase, told.before, profile, language, datetime.now(UTC))
        if text is None:
            return Reply()
        return await self._written(told.thread, f"phase-{told.phase.number}", text, language, None)

    @activity.defn(name="tell_thread_action")
    async def tell_action(self, told: ActionTold) -> Reply:
        text, intent = telling.told(told.result, told.slots, told.language, told.done)
        written = Written(
            speaker=Speaker.AGENT,
            text=text,
            language=told.language,
            text_id=f"act-{told.result.key}-{told.result.state}",
            kind=TurnKind.ANSWER,
            intent=intent,
        )
        return Reply(seq=await self._write(told.thread, written), language=told.language, intent=intent)

    # ------------------------------------------------------------ on its way out

    @activity.defn(name="send_thread_message")
    async def send(self, sending: Sending) -> DeliveryState:
        """Fails only while the service is away: what it refuses, or what nobody can tell, is on record."""
        tenant_id, call_id = sending.thread.tenant_id, sending.thread.call_id
        thread = await self._threads.thread(tenant_id, call_id)
        turns = await self._calls.turns(tenant_id, call_id)
        turn = next((turn for turn in turns if turn.seq == sending.seq), None)
        if thread is None or turn is None:
            raise ApplicationError("there is no such message", type=NotFound.__name__, non_retryable=True)
        key = action_key(call_id, SEND_MESSAGE, {"seq": sending.seq})
        await self._threads.begin_sending(tenant_id, call_id, sending.seq, key)
        state, message_id = DeliveryState.FAILED, None
        if turn.intent == OPT_OUT or not await self._threads.is_opted_out(tenant_id, call_id):
            try:
                message_id = await self._sender.send(thread, turn.text, key)
                state = DeliveryState.ACCEPTED
            except OutcomeUnknown:
                state = DeliveryState.UNKNOWN
                await self._leave_to_advisor(sending, turn, key)
            except (NotFound, Rejected, Refused) as error:
                activity.logger.warning("message_not_sent %s", getattr(error, "code", type(error).__name__))
            except Unavailable as error:
                delay = None if error.retry_after_ms is None else timedelta(milliseconds=error.retry_after_ms)
                raise ApplicationError(error.system, type=Unavailable.__name__, next_retry_delay=delay) from None
        await self._threads.sending(tenant_id, key, state, message_id)
        return state

    @activity.defn(name="close_thread")
    async def close(self, closing: Closing) -> bool:
        return await self._threads.close(closing.thread.tenant_id, closing.thread.call_id, closing.answered)

    async def _leave_to_advisor(self, sending: Sending, turn: Turn, key: str) -> None:
        """Sent or not, nobody can tell: a task, and never a second message."""
        tenant_id, call_id = sending.thread.tenant_id, sending.thread.call_id
        start = ActionStart(
            tenant_id=tenant_id,
            call_id=call_id,
            key=key,
            action=SEND_MESSAGE,
            slots={"text": turn.text},
            lease=LEASE,
            language=turn.language,
        )
        await self._actions.begin(start, ActionState.RUNNING)
        unknown = ActResult(key=key, action=SEND_MESSAGE, state=ActionState.UNKNOWN)
        await self._actions.settle(tenant_id, unknown, call_id)

    # ------------------------------------------------------------ what is known

    async def _memory(self, thread: OfThread) -> Sequence[Turn]:
        """The end of the thread before this one, while it is fresh."""
        row = await self._threads.thread(thread.tenant_id, thread.call_id)
        if row is None or row.previous_call_id is None:
            return []
        before = await self._threads.thread(thread.tenant_id, row.previous_call_id)
        if before is None or before.closed_at is None:
            return []
        if row.opened_at - before.closed_at > REMEMBERED_FOR.total_seconds():
            return []
        turns = await self._calls.turns(thread.tenant_id, row.previous_call_id)
        return [turn for turn in turns if turn.text][-REMEMBERED_TURNS:]

    async def _profile(self, thread: OfThread) -> TenantProfile:
        profile = await self._tenants.profile(thread.tenant_id)
        if profile is None:
            raise ApplicationError("there is no such tenant", type=NotFound.__name__, non_retryable=True)
        return profile

    async def _written(
        self, thread: OfThread, text_id: str, text: str, language: Language, intent: str | None
    ) -> Reply:
        written = Written(
            speaker=Speaker.AGENT,
            text=text,
            language=language,
            text_id=text_id,
            kind=TurnKind.PROMPT,
            intent=intent,
        )
        return Reply(seq=await self._write(thread, written), language=language, intent=intent)

    async def _write(self, thread: OfThread, written: Written) -> int | None:
        """None once the thread is closed."""
        try:
            return (await self._threads.write(thread.tenant_id, thread.call_id, written)).seq
        except Refused:
            return None


def _reply(known: Turn) -> Reply:
    """Of an answer that was written before its step was cut short."""
    intent = known.intent or ""
    handoff = intent.removeprefix(HANDOFF_PREFIX) if intent.startswith(HANDOFF_PREFIX) else None
    goodbye = known.kind is TurnKind.GOODBYE
    return Reply(seq=known.seq, language=known.language, intent=known.intent, handoff=handoff, goodbye=goodbye)


def _is_bare_attachment(turn: Turn) -> bool:
    return (turn.intent or "").startswith(ATTACHMENT_PREFIX) and turn.text.startswith("[")


async def _unbroken(moves: AsyncIterator[Move], language: Language) -> AsyncIterator[Move]:
    """A brain's moves; one that breaks or hangs is replaced by an apology."""
    while True:
        try:
            async with asyncio.timeout(MOVE_S):
                move = await anext(moves)
        except StopAsyncIteration:
            return
        except Exception as error:
            activity.logger.error("brain_failed %s", type(error).__name__)
            yield Say(text=spoken.TROUBLE[language], language=language, kind=TurnKind.APOLOGY)
            return
        yield move
