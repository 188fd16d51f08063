"""The ear: frames go in; turns, words and interruptions come out."""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from domain.errors import EngineError
from domain.ports import Recogniser, TurnEndModel, VoiceActivityStream
from domain.speech import BYTES_PER_MS, SAMPLE_RATE_HZ, AudioFrame, Guesses, Language, Transcript, Utterance
from domain.turn_taking.asked import Asked, asked_by
from domain.turn_taking.floor import (
    Backchannel,
    BargeIn,
    CallerSilent,
    Contested,
    Decision,
    Floor,
    Reclaimed,
    TurnEnded,
    TurnLikelyOver,
    TurnPaused,
    TurnResumed,
    TurnStarted,
    TurnTaking,
    Yielded,
)
from domain.turn_taking.overlap import Overlap, Sound, judge_overlap
from realtime.overlap.echo import HEARD_MS, EchoGuard
from realtime.overlap.loudness import speech_level_db

log = structlog.get_logger()
T = TypeVar("T")

LEAD_IN_MS = 300
"""Audio kept before the detected start: soft first consonants lie there."""
LEAST_SPEECH_MS = 250
"""A shorter turn without recognised words is a noise and is passed over; a longer one was speech that was missed."""
LOUD_RMS = 600
"""-35 dBFS: telephone speech lies 10 to 20 dB above it, line noise below."""
MOST_EVENTS = 64
"""Events that wait for a conversation that is behind."""
UNSURE_LANGUAGE = 0.6
"""Below this the recogniser's choice of language is tried against the language of the call so far."""


NONE_GUESSED = Guesses()


@dataclass(frozen=True, slots=True)
class Heard:
    """The words of a finished turn, with how long each stage made the caller wait."""

    utterance: Utterance
    stages_ms: dict[str, int]
    guesses: Guesses = NONE_GUESSED
    """Recognitions begun at the turn's pauses."""


@dataclass(frozen=True, slots=True)
class Likely:
    """Probably the words of the whole turn: only for work that can be thrown away, until `Heard` or more speech."""

    utterance: Utterance


@dataclass(frozen=True, slots=True)
class Interim:
    text: str
    language: Language


@dataclass(frozen=True, slots=True)
class Missed:
    """Speech that could not be turned into words; `failed` when the recogniser broke, not the caller."""

    started_ms: int
    ended_ms: int
    failed: bool


@dataclass(frozen=True, slots=True)
class Noise:
    """A sound that took the floor and had no words in it."""

    ended_ms: int


Event = (
    Heard
    | Likely
    | Interim
    | Missed
    | Noise
    | TurnStarted
    | TurnResumed
    | BargeIn
    | Contested
    | Yielded
    | Reclaimed
    | Backchannel
    | CallerSilent
    | Floor
)


@dataclass(slots=True)
class _Attempt:
    """A transcription of a turn up to `ended_ms`, which may turn out to be the whole turn."""

    ended_ms: int
    task: asyncio.Task[Transcript]
    pcm: bytes


class Ear:
    """One call's ear: `listen` consumes the frames, `events` tells what was heard in them."""

    def __init__(
        self,
        vad: VoiceActivityStream,
        chunk_samples: int,
        recogniser: Recogniser,
        language: Language | None,
        turn_end: TurnEndModel | None = None,
    ) -> None:
        """`turn_end` judges the sound of a pause; without it words and silence decide alone."""
        self._vad = vad
        self._chunk_bytes = chunk_samples * 2
        self._chunk_ms = chunk_samples * 1000 // SAMPLE_RATE_HZ
        self._recogniser = recogniser
        self._language = language
        self._turn_end = turn_end
        self._machine = TurnTaking()
        self._echo = EchoGuard()
        self._audio = bytearray()
        self._audio_from_ms = 0
        self._attempt: _Attempt | None = None
        self._attempts = 0
        # Bounded by `_tell`: what is only for the eye is dropped beyond MOST_EVENTS, and turns are seconds apart.
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._at_work: set[asyncio.Task[Any]] = set()
        self._in_turn = False
        self._told_floor = Floor.OPEN

    @property
    def floor(self) -> Floor:
        return self._machine.floor

    async def events(self) -> AsyncIterator[Event]:
        """Everything that was heard, in order; ends after `listen` has ended."""
        while (event := await self._events.get()) is not None:
            yield event

    async def listen(self, frames: AsyncIterator[AudioFrame]) -> None:
        """Consume the line until it is gone."""
        pending = bytearray()
        pending_ms = 0
        try:
            async for frame in frames:
                if not pending:
                    pending_ms = frame.at_ms
                pending += frame.pcm
                self._audio += frame.pcm
                while len(pending) >= self._chunk_bytes:
                    chunk = bytes(pending[: self._chunk_bytes])
                    del pending[: self._chunk_bytes]
                    probability = self._unechoed(await self._probability(chunk))
                    self._decided(self._machine.sound(pending_ms, probability), pending_ms + self._chunk_ms)
                    pending_ms += self._chunk_ms
                self._forget(frame.at_ms)
        finally:
            for task in self._at_work:
                task.cancel()
            await asyncio.gather(*self._at_work, return_exceptions=True)
            self._events.put_nowait(None)

    def sent(self, pcm: bytes, at_ms: int) -> None:
        """20 ms left for the caller, whoever speaks in it: it may come back through their microphone."""
        self._echo.sent(pcm, at_ms)

    def agent_started(self, at_ms: int) -> None:
        self._decided(self._machine.agent_started(at_ms), at_ms)

    def agent_stopped(self, at_ms: int) -> None:
        self._decided(self._machine.agent_stopped(at_ms), at_ms)

    def agent_says(self, text: str) -> None:
        """A sentence of the agent's begins to be heard: what it asks for tells how long its answer may take."""
        self._machine.asked(asked_by(text))

    def caller_acted(self, at_ms: int) -> None:
        self._decided(self._machine.caller_acted(at_ms), at_ms)

    async def _probability(self, chunk: bytes) -> float:
        """Speech by the model, or by loudness where the model fails: a deaf line would be worse."""
        try:
            return await self._vad.probability(chunk)
        except EngineError as error:
            log.warning("vad_failed", error=type(error).__name__)
            samples = array("h", chunk)
            return float(sum(s * s for s in samples) > LOUD_RMS * LOUD_RMS * len(samples))

    def _unechoed(self, probability: float) -> float:
        """No speech of the caller's where it is only ours that comes back."""
        if probability < self._machine.limits.silence_probability:
            return probability
        until_ms = self._audio_from_ms + len(self._audio) // BYTES_PER_MS
        return 0.0 if self._echo.is_echo(bytes(self._audio[-HEARD_MS * BYTES_PER_MS :]), until_ms) else probability

    # ------------------------------------------------------------ decisions

    def _decided(self, decisions: list[Decision], now_ms: int) -> None:
        for decision in decisions:
            match decision:
                case TurnStarted() | BargeIn() | Contested():
                    self._in_turn = True
                    self._tell(decision)
                case TurnPaused(started_ms=started_ms, at_ms=at_ms):
                    self._guess(started_ms, at_ms)
                case TurnLikelyOver(started_ms=started_ms, at_ms=at_ms):
                    self._tell_likely(started_ms, at_ms)
                case TurnResumed() | Yielded() | Reclaimed() | CallerSilent():
                    self._tell(decision)
                case TurnEnded():
                    self._in_turn = False
                    self._finish(decision, now_ms)
                case Backchannel():
                    self._in_turn = False
                    self._attempt, self._attempts = None, 0
                    self._tell(decision)
        if self._machine.floor is not self._told_floor:
            self._told_floor = self._machine.floor
            self._tell(self._told_floor)

    def _tell(self, event: Event) -> None:
        if isinstance(event, Interim | Floor) and self._events.qsize() >= MOST_EVENTS:
            return
        self._events.put_nowait(event)

    # ------------------------------------------------------------ what was said

    def _guess(self, started_ms: int, ended_ms: int) -> _Attempt:
        """Have words and sound of the turn up to here judged, in case it is over."""
        if self._attempt is not None and not self._attempt.task.done():
            self._attempt.task.cancel()  # the turn has outgrown it; what waits in the recogniser's lane never runs
        pcm = self._cut(started_ms)
        over_agent = self._machine.floor is Floor.CONTESTED
        task = self._work(self._understand(pcm, ended_ms, over_agent=over_agent))
        task.add_done_callback(self._interim)
        self._attempt = _Attempt(ended_ms, task, pcm)
        self._attempts += 1
        if not over_agent:
            self._work(self._judge_sound(pcm, ended_ms))
        return self._attempt

    async def _understand(self, pcm: bytes, ended_ms: int, *, over_agent: bool) -> Transcript:
        try:
            transcript = await self._transcribe(pcm, over_agent=over_agent)
        except EngineError:
            self._machine.understood(ended_ms, "")
            raise
        self._machine.understood(ended_ms, transcript.text, transcript.confidence)
        if over_agent and not _murmured(transcript):
            # Only now: it would have taken time from the recogniser while the agent is silent.
            self._work(self._judge_sound(pcm, ended_ms))
        return transcript

    async def _judge_sound(self, pcm: bytes, ended_ms: int) -> None:
        if self._turn_end is None:
            return
        try:
            self._machine.sounded(ended_ms, await self._turn_end.ended(pcm))
        except EngineError as error:
            log.warning("end_of_turn_unjudged", error=type(error).__name__)

    def _interim(self, task: asyncio.Task[Transcript]) -> None:
        if task.cancelled() or task.exception() is not None or not self._in_turn:
            return
        if task.result().text and self._machine.floor is Floor.CALLER:  # over the agent it may be no turn at all
            self._tell(Interim(task.result().text, task.result().language))

    def _tell_likely(self, started_ms: int, ended_ms: int) -> None:
        attempt = self._attempt
        if attempt is None or not attempt.task.done() or attempt.task.cancelled() or attempt.task.exception():
            return
        if (transcript := attempt.task.result()).text:
            self._tell(Likely(_utterance(transcript, started_ms, ended_ms)))

    def _finish(self, ended: TurnEnded, now_ms: int) -> None:
        attempt = self._attempt
        if attempt is None or attempt.ended_ms < ended.ended_ms:
            attempt = self._guess(ended.started_ms, ended.ended_ms)
        guesses = Guesses(begun=self._attempts, thrown_away=self._attempts - 1)
        self._attempt, self._attempts = None, 0
        self._work(self._hear(ended, attempt, guesses, endpoint_ms=now_ms - ended.ended_ms))

    def _work(self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(coroutine)
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)
        return task

    async def _hear(self, ended: TurnEnded, attempt: _Attempt, guesses: Guesses, endpoint_ms: int) -> None:
        since_s = time.monotonic()
        try:
            transcript = await attempt.task
        except EngineError as error:
            log.warning("recogniser_failed", stage=error.stage, error=type(error).__name__)
            self._tell(Missed(ended.started_ms, ended.ended_ms, failed=True))
            return
        if not transcript.text:
            long = ended.ended_ms - ended.started_ms >= LEAST_SPEECH_MS
            self._tell(Missed(ended.started_ms, ended.ended_ms, failed=False) if long else Noise(ended.ended_ms))
            return
        self._language = transcript.language
        utterance = _utterance(transcript, ended.started_ms, ended.ended_ms, speech_level_db(attempt.pcm))
        asr_ms = round((time.monotonic() - since_s) * 1000)
        self._tell(Heard(utterance, {"endpoint": endpoint_ms, "asr": asr_ms}, guesses))

    async def _transcribe(self, pcm: bytes, *, over_agent: bool) -> Transcript:
        transcript = await self._recogniser.transcribe(pcm)
        known = self._language
        if known is None or transcript.language is known or transcript.language_confidence >= UNSURE_LANGUAGE:
            return transcript
        if over_agent and _murmured(transcript):
            return transcript  # in whatever language
        again = await self._recogniser.transcribe(pcm, language=known)
        return again if again.confidence > transcript.confidence else transcript

    # ------------------------------------------------------------ audio kept for the recogniser

    def _cut(self, started_ms: int) -> bytes:
        start = max(0, started_ms - LEAD_IN_MS - self._audio_from_ms) * BYTES_PER_MS
        return bytes(self._audio[start:])

    def _forget(self, now_ms: int) -> None:
        """Outside a turn keep only what a turn's beginning may need."""
        if self._in_turn or self._machine.floor is Floor.CALLER:
            return
        keep_ms = 2 * LEAD_IN_MS + 500
        surplus_ms = now_ms - self._audio_from_ms - keep_ms
        if surplus_ms > keep_ms:
            del self._audio[: surplus_ms * BYTES_PER_MS]
            self._audio_from_ms += surplus_ms


def _murmured(transcript: Transcript) -> bool:
    return judge_overlap(Sound(words=transcript.text), Asked.ANYTHING) is not Overlap.INTERRUPTION


def _utterance(transcript: Transcript, started_ms: int, ended_ms: int, level_db: float | None = None) -> Utterance:
    return Utterance(
        text=transcript.text,
        language=transcript.language,
        started_ms=started_ms,
        ended_ms=ended_ms,
        language_confidence=transcript.language_confidence,
        confidence=transcript.confidence,
        level_db=level_db,
    )
