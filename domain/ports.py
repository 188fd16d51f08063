"""The ports: what the hot path and the activities need of models, stores and the world outside.

Audio crosses every port as mono int16 little-endian PCM at 16 kHz in `bytes`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from domain.call import CallRow, Outcome
from domain.line import LineEnded, LineProgress, LineRequest, SessionDescription
from domain.moves import Move, Say
from domain.speech import Language, Transcript, Turn, Utterance
from domain.tenant import TenantProfile

# ---------------------------------------------------------------- engines


class VoiceActivityStream(Protocol):
    """Speech detection over one call's audio; it keeps the model's state between chunks."""

    async def probability(self, pcm: bytes) -> float:
        """0..1 that this chunk of exactly `chunk_samples` samples is speech."""
        ...


class VoiceActivity(Protocol):
    chunk_samples: int

    def open(self) -> VoiceActivityStream: ...


class TurnEndModel(Protocol):
    async def ended(self, pcm: bytes) -> float:
        """0..1 that an utterance, with the silence that it has come to, sounds finished.

        Raises EngineSlow or EngineFailed with stage "end_of_turn".
        """
        ...


class Recogniser(Protocol):
    async def transcribe(self, pcm: bytes, *, language: Language | None = None) -> Transcript:
        """The words of one utterance; `language` forces one instead of detecting it.

        Raises EngineSlow or EngineFailed with stage "asr".
        """
        ...


class Voice(Protocol):
    """Text to speech. Text must already be words: no digits, dates or symbols (see SpokenValues)."""

    languages: frozenset[Language]

    def speak(self, text: str, language: Language, *, voice: str | None = None) -> AsyncIterator[bytes]:
        """Audio of one sentence or clause, in pieces of any whole number of samples, as early as possible.

        Closing the iterator stops the synthesis. Raises EngineSlow or EngineFailed with stage "tts".
        """
        ...


@dataclass(frozen=True, slots=True)
class ChatMessage:
    role: Literal["system", "user", "assistant"]
    content: str


class LanguageModel(Protocol):
    def complete(
        self, messages: Sequence[ChatMessage], *, schema: dict[str, Any] | None = None, max_tokens: int = 160
    ) -> AsyncIterator[str]:
        """The answer's text in pieces as it is written; `schema` constrains it to JSON of that shape.

        Closing the iterator cancels the generation. Raises EngineSlow or EngineFailed with stage "llm".
        """
        ...


class SpokenValues(Protocol):
    """Between text and values: what was dictated into values, and values into words to be read aloud."""

    def heard(self, text: str, language: Language) -> str:
        """Spoken numbers, phones, times and money written as digits; Arabic-Indic digits as ASCII ones."""
        ...

    def read_aloud(self, text: str, language: Language) -> str:
        """Digits, dates, times and money written as words of `language`."""
        ...


# ---------------------------------------------------------------- conversation


class Brain(Protocol):
    """One call's mind: policy, then the model, then policy again."""

    def answer(self, utterance: Utterance) -> AsyncIterator[Move]:
        """The moves that answer one utterance, each as soon as it is decided.

        Closing the iterator abandons the answer. Never raises for a failing model: it apologises instead.
        """
        ...

    def expect(self, utterance: Utterance) -> Say | None:
        """These are probably the caller's next words, and `answer` may be asked about them in a moment.

        Whatever is begun here is thrown away when the caller goes on, so it has no effect anywhere. Returns the first
        sentence of the answer where rules know it by now, so that its sound can be made meanwhile.
        """
        ...

    def forget(self) -> None:
        """The caller goes on: what was begun on a guess is for nobody."""
        ...

    def close(self) -> None:
        """The conversation is over: nothing that was begun for it goes on."""
        ...

    def heard(self, turn: Turn) -> None:
        """Take a finished turn, whoever said it, into the history, as it was really heard."""
        ...

    def advised(self, text: str) -> None:
        """Take a word from the people at work, an advisor's note or a supervisor's guidance, into the next answers.

        It informs; what rules decide they go on deciding, and the caller never hears it as it stands.
        """
        ...


# ---------------------------------------------------------------- the line and its workflow


class LineHost(Protocol):
    """The registry of living calls in one media worker; the durable side holds leases on it."""

    slots: int

    async def open(self, request: LineRequest) -> SessionDescription:
        """Take a slot, win the lease in the store, start the call, and answer its offer.

        Raises LineBusy without a free slot, LineLost when the lease was overtaken, Refused("bad_offer") for nonsense.
        """
        ...

    async def adopt(self, request: LineRequest) -> bool:
        """Put a living call under a higher lease; False when the call isn't here."""
        ...

    async def ended(self, call_id: str) -> LineEnded:
        """Wait until the line is gone. Raises LineLost when the call isn't here."""
        ...

    async def end(self, call_id: str, outcome: Outcome) -> None:
        """Hang up; unknown calls are ignored."""
        ...

    async def release(self, call_id: str) -> None:
        """Let go of a line that lost its lease's activity, if a higher lease holds the call elsewhere by now."""
        ...

    def move(self) -> None:
        """Ask everybody on every line here to connect again elsewhere, while these lines still live."""
        ...


class LineFacts(Protocol):
    """Where a line puts the facts that its workflow wants to know. Never blocks, keeps order, delivers once."""

    def progressed(self, call_id: str, fact: LineProgress) -> None: ...


class TurnRecorder(Protocol):
    """Where a line puts its finished turns. Never blocks the audio; spools to disk while the store is away."""

    def record(self, tenant_id: str, call_id: str, turn: Turn, safe: Callable[[], None] = lambda: None) -> None:
        """Raises nothing for a store that is away; a spool that can't be written is a notice to operations.

        `safe` is called once the turn will not be lost whatever dies: stored, or on the spool's disk.
        """
        ...

    async def flush(self, call_id: str, deadline_ms: int) -> bool:
        """Wait until every turn of the call is stored; False when the deadline passed first."""
        ...


# ---------------------------------------------------------------- storage


class CallStore(Protocol):
    """Calls, turns and leases. Every method acts inside one tenant; raises Unavailable("postgres", ...)."""

    async def create_call(self, tenant_id: str, call_id: str, channel: str, site_key_id: str | None) -> bool:
        """Idempotent. Whether it was not there before."""
        ...

    async def take_lease(self, tenant_id: str, call_id: str, lease: int, worker: str) -> bool:
        """Compare-and-set: True if `lease` is higher than the row's, or equal and already this worker's."""
        ...

    async def current_lease(self, tenant_id: str, call_id: str) -> int: ...

    async def record_turn(self, tenant_id: str, call_id: str, turn: Turn) -> None:
        """Idempotent by `(call_id, lease, seq)`, and by `text_id`: a text that was typed once is stored once.

        A turn of an outdated lease is welcome, however late it comes: somebody said it and somebody heard it.
        """
        ...

    async def turns(self, tenant_id: str, call_id: str) -> list[Turn]:
        """In order of lease and seq."""
        ...

    async def set_state(self, tenant_id: str, call_id: str, state: str, language: str | None = None) -> None: ...

    async def end_call(self, tenant_id: str, call_id: str, outcome: Outcome) -> None:
        """Idempotent: the first outcome stays."""
        ...

    async def set_summary(self, tenant_id: str, call_id: str, summary: str, disposition: str) -> None: ...

    async def rate(self, tenant_id: str, call_id: str, stars: int, comment: str | None) -> None: ...

    async def call(self, tenant_id: str, call_id: str) -> CallRow | None: ...

    async def recent(self, tenant_id: str, limit: int) -> list[CallRow]:
        """Newest first."""
        ...


class Tenants(Protocol):
    async def profile(self, tenant_id: str) -> TenantProfile | None: ...

    async def save(self, profile: TenantProfile, *, undo_changes: bool = False) -> None:
        """Create the tenant or replace its profile, and make its wrapping key when it has none.

        What the team changed since stays changed, unless `undo_changes`.
        """
        ...

    async def change(self, profile: TenantProfile, fields: Collection[str]) -> None:
        """Keep these fields of `profile` as the team's own words; a profile that is saved later does not undo them."""
        ...

    async def changed(self, tenant_id: str) -> frozenset[str]:
        """The fields that the team has changed."""
        ...


class KeyRing(Protocol):
    """Data keys per call, each wrapped by its tenant's key; deleting one is the erasure of its call."""

    async def create_key(self, tenant_id: str, call_id: str) -> None:
        """Idempotent."""
        ...

    async def key(self, tenant_id: str, call_id: str) -> bytes | None:
        """32 bytes, or None when the key was erased. Remembered for the life of the process's cache."""
        ...

    async def erase_key(self, tenant_id: str, call_id: str) -> None: ...


class Audit(Protocol):
    async def record(self, tenant_id: str, actor: str, action: str, subject: str, detail: dict[str, str]) -> None:
        """Append one line; `detail` holds codes and ids, never words that a caller said."""
        ...


class ReadingAudit(Audit, Protocol):
    """Also of pages that stay open, and read the same thing again every few seconds."""

    async def record_once(self, tenant_id: str, actor: str, action: str, subject: str, within_s: float) -> None:
        """Append one line unless the same actor has one about the same, not older than `within_s`."""
        ...


class LiveFeed(Protocol):
    """Live events from media workers to gateway sockets: ids and codes only."""

    async def publish(self, tenant_id: str, call_id: str, event: str) -> None: ...

    def subscribe(self, tenant_id: str) -> AsyncGenerator[tuple[str, str], None]:
        """Pairs of an id, mostly a call's, and an event. Begins with "feed.listening" about nothing, once it is so."""
        ...
