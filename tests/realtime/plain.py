"""Plain implementations of ports for tests of the line's own logic: a voice of tones, values as they are written."""

import asyncio
from collections.abc import AsyncIterator, Callable

from domain.errors import EngineFailed, Unavailable
from domain.line import LineFact, LineProgress
from domain.moves import Move, Say
from domain.ports import Brain, Recogniser, Voice, VoiceActivity
from domain.speech import BYTES_PER_MS, FRAME_MS, Language, Turn, Utterance
from domain.tenant import TenantProfile
from realtime.fallback.health import Health
from realtime.organs import Organs
from realtime.recorded import Recorded

CHAR_MS = 60


class ToneVoice:
    """One tone of 60 ms per character."""

    languages = frozenset(Language)

    async def speak(self, text: str, language: Language, *, voice: str | None = None) -> AsyncIterator[bytes]:
        for _ in text:
            yield b"\x10\x10" * (CHAR_MS * BYTES_PER_MS // 2)
            await asyncio.sleep(0)


class BrokenVoice(ToneVoice):
    """Breaks after some characters."""

    def __init__(self, after: int) -> None:
        self.left = after

    async def speak(self, text: str, language: Language, *, voice: str | None = None) -> AsyncIterator[bytes]:
        async for piece in ToneVoice().speak(text, language):
            if self.left == 0:
                raise EngineFailed("tts", "gone")
            self.left -= 1
            yield piece


class PlainValues:
    def heard(self, text: str, language: Language) -> str:
        return text

    def read_aloud(self, text: str, language: Language) -> str:
        return text


Answerer = Callable[[Utterance], AsyncIterator[Move]]


class PlainBrain:
    """Answers by a function, "you said …" unless told otherwise, and keeps what it was told and asked."""

    def __init__(self, answer: Answerer | None = None) -> None:
        self.history: list[Turn] = []
        self.asked: list[Utterance] = []
        self.advice: list[str] = []
        self.expected: list[str | None] = []
        """What was likely, and None where the caller went on."""
        self.closed = False
        self._answer = answer or _echo

    async def answer(self, utterance: Utterance) -> AsyncIterator[Move]:
        self.asked.append(utterance)
        async for move in self._answer(utterance):
            yield move

    def expect(self, utterance: Utterance) -> Say | None:
        self.expected.append(utterance.text)
        return None

    def forget(self) -> None:
        self.expected.append(None)

    def close(self) -> None:
        self.closed = True

    def heard(self, turn: Turn) -> None:
        self.history.append(turn)

    def advised(self, text: str) -> None:
        self.advice.append(text)


async def _echo(utterance: Utterance) -> AsyncIterator[Move]:
    yield Say(text=f"you said {utterance.text}", language=utterance.language)


class KeptTurns:
    """A TurnRecorder, LineFacts and LineFactTeller in memory; turns are safe at once unless `unsafe` is a list."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.progress: list[LineProgress] = []
        self.facts: list[LineFact] = []
        self.unsafe: list[Callable[[], None]] | None = None

    def record(self, tenant_id: str, call_id: str, turn: Turn, safe: Callable[[], None] = lambda: None) -> None:
        self.turns.append(turn)
        if self.unsafe is None:
            safe()
        else:
            self.unsafe.append(safe)

    async def flush(self, call_id: str, deadline_ms: int) -> bool:
        return True

    def progressed(self, call_id: str, fact: LineProgress) -> None:
        self.progress.append(fact)

    def told(self, call_id: str, fact: LineFact) -> None:
        self.facts.append(fact)


MUSIC = b"\x01\x02" * (50 * FRAME_MS * BYTES_PER_MS // 2)
"""A second that is not silent and not a tone."""

PROFILE = TenantProfile(
    tenant_id="11111111-1111-1111-1111-111111111111",
    slug="plain",
    name={Language.EN: "Plain", Language.AR: "بلين"},
    persona={Language.EN: "an agent", Language.AR: "وكيل"},
    greeting={Language.EN: "hello", Language.AR: "مرحبا"},
    default_language=Language.EN,
    emergency_number="999",
    time_zone="Asia/Dubai",
)


def plain_organs(
    vad: VoiceActivity,
    recogniser: Recogniser,
    brain: Brain | None = None,
    *,
    voice: Voice | None = None,
    recorded: Recorded | None = None,
    hearing: Health | None = None,
) -> Organs:
    """Real hearing with a plain voice; each call has a brain of its own where none is given."""
    return Organs(
        vad=vad,
        recogniser=recogniser,
        voice=voice or ToneVoice(),
        values=PlainValues(),
        recorded=recorded or Recorded(),
        hearing=hearing or Health(),
        think=lambda _: brain or PlainBrain(),
        music=MUSIC,
    )


class KeptAudit:
    """An Audit in memory, that can be away for the first so many lines."""

    def __init__(self, away: int = 0) -> None:
        self.lines: list[tuple[str, str, str, dict[str, str]]] = []
        self.away = away

    async def record(self, tenant_id: str, actor: str, action: str, subject: str, detail: dict[str, str]) -> None:
        if self.away:
            self.away -= 1
            raise Unavailable("postgres", "away")
        self.lines.append((actor, action, subject, detail))


class OneDesk:
    """A HandoffNotes with one note, PeopleNames with one person and ContactNotes, that may be away."""

    def __init__(self, away: bool = False) -> None:
        self.away = away
        self.numbers: list[str] = []

    async def person_name(self, tenant_id: str, user_id: str) -> str | None:
        if self.away:
            raise Unavailable("postgres", "away")
        return {"aisha": "Aisha"}.get(user_id)

    async def note_contact(self, tenant_id: str, call_id: str, number: str, *, own: bool = True) -> None:
        if self.away:
            raise Unavailable("postgres", "away")
        self.numbers.append(number)

    async def own_number(self, tenant_id: str, call_id: str) -> str | None:
        if self.away:
            raise Unavailable("postgres", "away")
        return self.numbers[-1] if self.numbers else None

    async def note(self, tenant_id: str, handoff_id: str) -> str | None:
        if self.away:
            raise Unavailable("postgres", "away")
        return f"note of {handoff_id}"
