"""Whether a call is recorded: asked of the caller, answered, begun and stopped, each step a fact with its turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import structlog

from domain.answering import replies, triggers
from domain.answering.replies import Reply
from domain.answering.spelling import fold
from domain.desk import hold_sentences
from domain.errors import HatifError
from domain.media.recording import ConsentChanged, Consents, ConsentState, change_consent, consent
from domain.moves import Move, Say
from domain.speech import Language, Speaker, Turn, TurnKind
from realtime.client import Client
from realtime.course.turns import TurnLog
from realtime.recorder import CallRecorder

log = structlog.get_logger()

ASKS = "recording"
"""The intent of our turns about being recorded."""
MOST_ASKS = 2
"""Who answers neither yes nor no to the second question has not agreed."""
STORE_MS = 2_000
"""The longest that a yes waits for its proof to be stored; without it nothing is recorded."""
RETRY_S = 1.0
TRIES = 120
"""Two minutes for what takes nothing from anybody: that it was asked, declined or stopped."""


@dataclass(slots=True, kw_only=True)
class RecordingConsent:
    """Of one line, where the tenant has turned recording on."""

    tenant_id: str
    call_id: str
    consents: Consents
    recorder: CallRecorder
    client: Client
    _facts: list[ConsentChanged] = field(default_factory=list[ConsentChanged])
    _unsaved: list[ConsentChanged] = field(default_factory=list[ConsentChanged])
    _saving: asyncio.Lock = field(default_factory=asyncio.Lock)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _asks: int = 0
    _awaited: bool = False
    """The question was heard, and the next words are the answer."""

    async def take_up(self) -> bool:
        """Go on as the call's earlier lines did; True when it is recorded. Without the facts it is not."""
        try:
            async with asyncio.timeout(STORE_MS / 1000):
                self._facts = await self.consents.consents(self.tenant_id, self.call_id)
                if consent(self._facts) is ConsentState.GRANTED:
                    self.client.recording(on=await self.recorder.start())
        except (HatifError, TimeoutError) as error:
            self._asks = MOST_ASKS
            log.warning("consent_not_read", call_id=self.call_id, error=type(error).__name__)
        return self.recorder.recording

    def _question(self, language: Language) -> Say | None:
        """What to ask next; None when all is said."""
        if self._awaited or self._asks >= MOST_ASKS:
            return None
        match consent(self._facts):
            case ConsentState.NOT_ASKED:
                return _say(hold_sentences.ASK_CONSENT, language)
            case ConsentState.ASKED:
                return _say(hold_sentences.ASK_CONSENT_AGAIN, language)
            case ConsentState.GRANTED | ConsentState.DECLINED | ConsentState.STOPPED:
                return None

    def kept(self, turn: Turn) -> Say | None:
        """A turn of ours was heard; perhaps it was the question, or the question fits after it."""
        question = self._question(turn.language)
        if question is None:
            return None
        if turn.intent == ASKS:
            self._asks += 1
            self._awaited = True
            if consent(self._facts) is ConsentState.NOT_ASKED:
                self._change(ConsentState.ASKED, turn)
                self._save_in_time()
            return None
        whole = turn.kind in (TurnKind.GREETING, TurnKind.ANSWER) and not turn.interrupted
        return question if whole else None

    def answer(self, turn: Turn, *, asked: bool) -> AsyncIterator[Move] | None:
        """What to reply to words about being recorded; None for any other. `asked`: the caller is with the agent."""
        if self.recorder.recording and triggers.opts_out(fold(turn.text)):
            return self.stop(turn)
        if not (asked and self._awaited):
            return None
        self._awaited = False
        match replies.consent(turn.text):
            case Reply.YES:
                return self._granted(turn)
            case Reply.NO:
                return self._declined(turn)
            case Reply.UNCLEAR:
                if self._asks >= MOST_ASKS:
                    self._change(ConsentState.DECLINED, turn)
                    self._save_in_time()
                return None

    def stop(self, turn: Turn) -> AsyncIterator[Move]:
        """At once; the reply only says so."""
        if self.recorder.recording:
            self.recorder.stop()
            self.client.recording(on=False)
            self._change(ConsentState.STOPPED, turn)
            self._save_in_time()
        return _only(_say(hold_sentences.RECORDING_STOPPED, turn.language))

    def stopped_by_page(self, turns: TurnLog, language: Language, now_ms: int) -> AsyncIterator[Move]:
        """By the page's message rather than by words: the turn before it stands for the moment."""
        moment = Turn(
            seq=turns.upcoming - 1,
            speaker=Speaker.CALLER,
            text="",
            language=language,
            started_ms=now_ms,
            ended_ms=now_ms,
            lease=turns.lease,
        )
        return self.stop(moment)

    async def adopt(self, lease: int) -> None:
        """The line goes on under a higher lease."""
        await self.recorder.adopt(lease)

    def close(self) -> None:
        """The line is gone. What is being saved goes on."""
        self.recorder.stop()

    # ------------------------------------------------------------ answers

    async def _granted(self, turn: Turn) -> AsyncIterator[Move]:
        on = await asyncio.shield(asyncio.ensure_future(self._begin(turn)))
        yield _say(hold_sentences.RECORDING_ON if on else hold_sentences.RECORDING_DECLINED, turn.language)

    async def _begin(self, turn: Turn) -> bool:
        """First the proof, then the recording."""
        self._change(ConsentState.GRANTED, turn)
        try:
            async with asyncio.timeout(STORE_MS / 1000):
                await self._save()
                on = await self.recorder.start()
        except (HatifError, TimeoutError) as error:
            log.warning("recording_not_begun", call_id=self.call_id, error=type(error).__name__)
            self.recorder.stop()
            # Whether or not the yes has reached the store: what follows it says that nothing came of it.
            self._change(ConsentState.STOPPED, turn)
            self._save_in_time()
            return False
        self.client.recording(on=on)
        return on

    async def _declined(self, turn: Turn) -> AsyncIterator[Move]:
        self._change(ConsentState.DECLINED, turn)
        self._save_in_time()
        yield _say(hold_sentences.RECORDING_DECLINED, turn.language)

    # ------------------------------------------------------------ facts

    def _change(self, state: ConsentState, turn: Turn) -> None:
        fact = change_consent(
            self._facts, state, seq=turn.seq, at_ms=turn.started_ms, lease=turn.lease, language=turn.language
        )
        self._facts.append(fact)
        self._unsaved.append(fact)

    async def _save(self) -> None:
        async with self._saving:
            while self._unsaved:
                await self.consents.record_consent(self.tenant_id, self.call_id, self._unsaved[0])
                del self._unsaved[0]

    def _save_in_time(self) -> None:
        task = asyncio.create_task(self._keep_saving())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_saving(self) -> None:
        for _ in range(TRIES):
            try:
                await self._save()
            except HatifError as error:
                log.warning("consent_waits", call_id=self.call_id, error=type(error).__name__)
                await asyncio.sleep(RETRY_S)
            else:
                return
        log.error("consent_lost", call_id=self.call_id)


def still_recorded(language: Language) -> Say:
    """To a caller whose line comes back."""
    return _say(hold_sentences.STILL_RECORDED, language)


def _say(words: dict[Language, str], language: Language) -> Say:
    return Say(text=words[language], language=language, kind=TurnKind.PROMPT, intent=ASKS)


async def _only(say: Say) -> AsyncIterator[Move]:
    yield say
