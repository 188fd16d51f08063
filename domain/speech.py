"""What travels along a line: audio frames, transcripts, utterances and turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

SAMPLE_RATE_HZ = 16_000
FRAME_MS = 20
FRAME_SAMPLES = SAMPLE_RATE_HZ * FRAME_MS // 1000
FRAME_BYTES = FRAME_SAMPLES * 2
BYTES_PER_MS = SAMPLE_RATE_HZ * 2 // 1000
SILENT_FRAME = bytes(FRAME_BYTES)


class Language(StrEnum):
    """A language that the product speaks, by its ISO 639-1 code."""

    EN = "en"
    AR = "ar"


def script_language(text: str) -> Language | None:
    """The language that most letters of a text are written in; None without Arabic or Latin letters."""
    arabic = sum("\u0600" <= c <= "\u06ff" and c.isalpha() for c in text)
    latin = sum(c.isascii() and c.isalpha() for c in text)
    if arabic == latin == 0:
        return None
    return Language.AR if arabic >= latin else Language.EN


class Speaker(StrEnum):
    """Whose voice a turn is. The agent is always the AI; the advisor is a person."""

    CALLER = "caller"
    AGENT = "agent"
    ADVISOR = "advisor"


class TurnKind(StrEnum):
    """What an agent's turn does for the caller. Only ANSWER and CLARIFY answer a request."""

    GREETING = "greeting"
    ANSWER = "answer"
    CLARIFY = "clarify"
    FILLER = "filler"
    APOLOGY = "apology"
    PROMPT = "prompt"
    GOODBYE = "goodbye"


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """20 ms of mono int16 little-endian PCM at 16 kHz: 640 bytes, stamped with the line's clock.

    `at_ms` is the position of the frame's first sample in audio received on the line.
    """

    pcm: bytes
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What a recogniser made of a stretch of audio; `text` is empty when it heard no speech."""

    text: str
    language: Language
    language_confidence: float
    """0..1, how sure the recogniser is of the language."""
    confidence: float
    """0..1, exp of the mean token log-probability."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One finished thing that the caller said or typed: what the brain answers."""

    text: str
    language: Language
    started_ms: int
    ended_ms: int
    language_confidence: float = 1.0
    confidence: float = 1.0
    typed: bool = False
    level_db: float | None = None
    """How loud the speech in it was, RMS in dBFS; None where nothing was heard."""


def typed(text: str, language: Language, at_ms: int) -> Utterance:
    """What came by keys rather than by voice."""
    return Utterance(text=text, language=language, started_ms=at_ms, ended_ms=at_ms, typed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesses:
    """What was begun before it was known whether it is needed, and how much of it was for nothing."""

    begun: int = 0
    thrown_away: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One finished turn of a call, as it is stored under `(call_id, lease, seq)`; a call is told in this order.

    `started_ms` and `ended_ms` are positions in the line's audio. An agent's `text` holds only the
    words that the caller heard. `stages_ms` holds one duration per stage name, in milliseconds: of a caller's turn
    those until it was understood, of an agent's those that followed, until the sound of its first answering sentence.
    """

    seq: int
    speaker: Speaker
    text: str
    language: Language
    started_ms: int
    ended_ms: int
    kind: TurnKind | None = None
    intent: str | None = None
    interrupted: bool = False
    lease: int = 1
    stages_ms: dict[str, int] = field(default_factory=dict[str, int])
    text_id: str | None = None
    """The id that the caller's client gave to a typed text: the same id again is the same text."""
    by_supervisor: bool = False
    """The advisor who said this was a supervisor who had come in."""
    said_by: str | None = None
    """The user's id of the advisor, or supervisor, who said this."""
    level_db: float | None = None
    """See Utterance."""
    guesses: Guesses = Guesses()
    """Of a caller's turn: recognitions begun at its pauses. Of an agent's: sentences begun before it was their turn."""
