"""Recordings: whose voice, whether it may be kept, and the ports of those who keep it and play it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.errors import Refused
from domain.speech import Language


class RecordingLeg(StrEnum):
    """A voice that is kept apart from the others. Advisor is what the caller heard of the people at work."""

    CALLER = "caller"
    AGENT = "agent"
    ADVISOR = "advisor"


class ConsentState(StrEnum):
    """What the caller said to being recorded."""

    NOT_ASKED = "not_asked"
    ASKED = "asked"
    GRANTED = "granted"
    DECLINED = "declined"
    STOPPED = "stopped"
    """Granted, and taken back later in the call."""


_FOLLOWS: dict[ConsentState, frozenset[ConsentState]] = {
    ConsentState.NOT_ASKED: frozenset({ConsentState.ASKED}),
    ConsentState.ASKED: frozenset({ConsentState.GRANTED, ConsentState.DECLINED}),
    ConsentState.GRANTED: frozenset({ConsentState.STOPPED}),
    # Who declined or stopped may change their mind, and is asked again then.
    ConsentState.DECLINED: frozenset({ConsentState.ASKED}),
    ConsentState.STOPPED: frozenset({ConsentState.ASKED}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentChanged:
    """A fact, and where its proof is: the turn `seq` in which it was asked, answered or taken back."""

    number: int
    """Counts from 1 within the call."""
    state: ConsentState
    seq: int
    at_ms: int
    lease: int
    language: Language
    """In which the caller was asked."""


def consent(facts: Sequence[ConsentChanged]) -> ConsentState:
    """Where a call stands after its facts, in their order."""
    return facts[-1].state if facts else ConsentState.NOT_ASKED


def change_consent(
    facts: Sequence[ConsentChanged], state: ConsentState, *, seq: int, at_ms: int, lease: int, language: Language
) -> ConsentChanged:
    """The next fact. Raises Refused("bad_consent") where `state` can't follow, such as a yes to no question.

    `language` counts for a question; what follows it keeps the question's own.
    """
    before = consent(facts)
    if state not in _FOLLOWS[before]:
        raise Refused("bad_consent", f"Consent can't become {state.value} after {before.value}.")
    asked_in = language if state is ConsentState.ASKED else facts[-1].language
    return ConsentChanged(number=len(facts) + 1, state=state, seq=seq, at_ms=at_ms, lease=lease, language=asked_in)


def may_record(tenant_on: bool, state: ConsentState) -> bool:
    """Only where the tenant turned it on, and only while a yes stands."""
    return tenant_on and state is ConsentState.GRANTED


# ---------------------------------------------------------------- what is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPart:
    """One leg under one lease, from a start to a stop: one file."""

    tenant_id: str
    call_id: str
    lease: int
    leg: RecordingLeg
    part_id: str
    clock_zero_at: float
    """Unix seconds at which the line's clock stood at 0: `at_ms` of every leg of the line counts from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRow:
    """A part as the store knows it. `chunks` and `lost` are known once it has `ended_at`, in Unix seconds."""

    part: RecordingPart
    path: str
    """Relative to the folder of recordings."""
    started_at: float
    chunks: int = 0
    lost: int = 0
    """Chunks that the disk did not take."""
    ended_at: float | None = None


class RecordingRows(Protocol):
    """Every method acts inside one tenant; raises Unavailable("postgres", ...)."""

    async def save_recording(self, row: RecordingRow) -> None:
        """Idempotent; a row that has ended stays ended."""
        ...

    async def recordings(self, tenant_id: str, call_id: str) -> list[RecordingRow]:
        """In order of their start."""
        ...


class Consents(Protocol):
    async def record_consent(self, tenant_id: str, call_id: str, fact: ConsentChanged) -> None:
        """Append-only and idempotent. Raises Rejected when another fact has its number."""
        ...

    async def consents(self, tenant_id: str, call_id: str) -> list[ConsentChanged]:
        """In their order."""
        ...


class Tape(Protocol):
    """One call's recording from a start to a stop."""

    def write(self, leg: RecordingLeg, at_ms: int, pcm: bytes) -> None:
        """Keep at most a second of one voice. Never blocks, and raises nothing for a disk that doesn't take it."""
        ...

    def close(self) -> None: ...


class Recordings(Protocol):
    """Where a living call puts its recording."""

    async def open(self, tenant_id: str, call_id: str, lease: int, clock_zero_at: float) -> Tape | None:
        """None when the call's key was erased: nothing may be kept of it. Raises Unavailable("postgres", ...)."""
        ...


class Playback(Protocol):
    """One call's recording on one timeline, all legs aligned; silence where nothing was recorded."""

    samples: int
    """Per channel, at 16 kHz."""
    starts_ms: int
    """Where the first sample stands on the clock of the call's first recorded line."""
    complete: bool
    """Every part was ended in order, and nothing was lost."""
    legs: frozenset[RecordingLeg]

    def stereo(self, first: int, end: int) -> Iterator[bytes]:
        """Samples from `first` up to `end`, int16, interleaved: the caller left, agent and advisor right.

        Blocking. Raises Rejected for audio that was altered.
        """
        ...


class VoiceMessages(Protocol):
    async def voice_message(self, tenant_id: str, call_id: str, lease: int, from_ms: int, to_ms: int) -> bytes:
        """What a line kept of its caller between two moments of its clock, mono int16 at 16 kHz; what is missing is
        left out, and all of it once it was erased.

        Raises Rejected for files that were cut or altered, Unavailable("postgres", ...).
        """
        ...


class RecordingShelf(Protocol):
    """Where recordings are taken from to be played."""

    async def find(self, tenant_id: str, call_id: str) -> Playback | None:
        """None when there is none, or it was erased. Raises Rejected for files that were cut or exchanged."""
        ...

    async def erase(self, tenant_id: str, call_id: str) -> int:
        """Delete the call's files; returns how many there were. Its key, erased elsewhere, is what counts."""
        ...
