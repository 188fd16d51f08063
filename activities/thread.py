"""The steps of a thread: answer what came, tell what has changed, send what was written, and close."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.gathered import Gathered, unbroken
from domain.acting import telling
from domain.acting.action import ActionStart, ActionState, ActionStore, ActResult
from domain.actions import action_key
from domain.answering.dialogue import ANYTHING_ELSE, HANDOFF_PREFIX
from domain.bridging import HandoffNotes
from domain.errors import NotFound, OutcomeUnknown, Refused, Rejected, Unavailable
from domain.line import HeldChoice, Phase, PhaseKind
from domain.messaging import OPTED_OUT, Channel, DeliveryState, FilledTemplate
from domain.moves import Act
from domain.ports import Brain, CallStore, Tenants
from domain.speech import Language, Speaker, Turn, TurnKind, Utterance
from domain.tenant import TenantProfile
from domain.texting import talk as texting
from domain.texting.book import SEND_SMS
from domain.threads import sentences, templates
from domain.threads.thread import ATTACHMENT_PREFIX, LEASE, TextSender, Threads, Written
from domain.threads.wishes import Wish, wish_in
from domain.wording.politeness import worded

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
    asked_seq: int = 0
    """The turn that asked, so that what was done before is told again to whoever asks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    thread: OfThread
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    thread: OfThread
    answered: int


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
        gathered = Gathered()
        async for move in unbroken(brain.answer(utterance), last.language):
            gathered.take(move)
        brain.close()
        await self._address(thread, gathered)
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

    async def _address(self, thread: OfThread, gathered: Gathered) -> None:
        """A text message goes to whoever writes; who writes by SMS has it with the answer."""
        act = gathered.act
        if act is None or act.action != SEND_SMS:
            return
        row = await self._threads.thread(thread.tenant_id, thread.call_id)
        if row is None or row.address is None or Channel(row.channel) is Channel.SMS:
            gathered.act = None
            gathered.texts.append(act.slots.get("text", ""))
            gathered.kind, gathered.intent = TurnKind.ANSWER, ANYTHING_ELSE
        else:
            gathered.act = texting.addressed(act, row.address)

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
        again = f"-{told.asked_seq}" if told.result.known else ""
        written = Written(
            speaker=Speaker.AGENT,
            text=text,
            language=told.language,
            text_id=f"act-{told.result.key}-{told.result.state}{again}",
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
        state, message_id, reason = DeliveryState.FAILED, None, OPTED_OUT
        if turn.intent == OPT_OUT or not await self._threads.is_opted_out(tenant_id, call_id):
            try:
                template = await self._template(sending.thread, turn)
                message_id = await self._sender.send(thread, turn.text, key, template)
                state = DeliveryState.ACCEPTED
            except OutcomeUnknown:
                state = DeliveryState.UNKNOWN
                await self._leave_to_advisor(sending, turn, key)
            except (NotFound, Rejected, Refused) as error:
                reason = error.code if isinstance(error, Refused) else None
                activity.logger.warning("message_not_sent %s", reason or type(error).__name__)
            except Unavailable as error:
                delay = None if error.retry_after_ms is None else timedelta(milliseconds=error.retry_after_ms)
                raise ApplicationError(error.system, type=Unavailable.__name__, next_retry_delay=delay) from None
        await self._threads.sending(tenant_id, key, state, message_id, reason)
        return state

    async def _template(self, thread: OfThread, turn: Turn) -> FilledTemplate | None:
        if not (turn.intent or "").startswith(templates.TEMPLATE_PREFIX):
            return None
        return templates.filled(await self._profile(thread), turn.intent or "", turn.text)

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
        """As the tenant words it; None once the thread is closed."""
        politeness = (await self._profile(thread)).politeness
        written = replace(written, text=worded(written.text, written.language, politeness))
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
