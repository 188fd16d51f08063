"""The conversation that every target has: what the caller says, when, and the facts that answer it."""

from __future__ import annotations

import asyncio
import hashlib
import tomllib
import wave
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from domain.speech import SAMPLE_RATE_HZ, Language
from engines.remote_speech import RemoteSpeech
from tests.bench.peers.measuring import Mark, Said
from tests.bench.turn_taking import sounds
from tests.bench.turn_taking.studio import studio
from workers.caller.audio_file import Pcm
from workers.caller.recording import Recording, to_samples
from workers.provision import TENANTS_DIR

AROUND_MS = 200
"""Of silence before and after what is said."""
INTO_ANSWER_MS = 1_500
"""The caller speaks over the agent so long after its first sound."""
AFTER_MURMUR_MS = 3_000
"""So long the agent is listened to after a backchannel."""
RESUMES_WITHIN_S = 5.0
QUIET_MS = 1_300
"""An answer is over after so long: by then the next sentence of a small model has come."""
GREETED_S = 40.0
"""With the loading of models."""
STOPPED_MS = 200
"""Of silence after which an agent that was interrupted is taken to be listening; a sentence's pause is shorter."""
BEGINS_S = 15.0
ENDS_S = 25.0
LOOK_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The caller asks; may murmur into the answer, and may then interrupt it."""

    asks: tuple[str | int, ...]
    """Words, and pauses in ms."""
    murmurs: str | None = None
    interrupts: str | None = None


CONVERSATION = (
    Turn(asks=("How much does delivery cost?",)),
    Turn(asks=("I would like to know", 700, "how long the warranty is.")),
    Turn(asks=("What are your opening hours?",), interrupts="Excuse me, how can I pay?"),
    Turn(asks=("I have a washing machine from you.", 600, "Do you repair it at home?")),
    Turn(asks=("What are your opening hours?",), murmurs="Uh huh.", interrupts="Excuse me, is there parking?"),
    Turn(asks=("Do I have to pay for parking?",)),
    Turn(asks=("Can you tell me,", 800, "is delivery free?")),
    Turn(asks=("What are your opening hours?",), interrupts="Excuse me, where can I park my car?"),
    Turn(asks=("What are your opening hours?",), murmurs="Okay.", interrupts="Sorry, how long is the warranty?"),
)
SHOP = "demo-shop"
_SHOP_FILE = tomllib.loads((TENANTS_DIR / f"{SHOP}.toml").read_text(encoding="utf-8"))
GREETING: str = _SHOP_FILE["greeting"]["en"]
FACTS: dict[str, str] = {fact["intent"]: fact["answer"]["en"] for fact in _SHOP_FILE["facts"]}
PROMPT = " ".join(
    [
        _SHOP_FILE["persona"]["en"],
        "You are on the telephone: answer in one or two short spoken sentences, without lists, from these facts only.",
        *FACTS.values(),
    ]
)
KEYWORDS = {
    "deliver": "delivery_fee",
    "warrant": "warranty",
    "park": "parking",
    "pay": "payment",
    "washing": "repair",
    "hours": "hours",
    "open": "hours",
}
"""By what a question is recognised where a stand-in answers; the first that fits."""


class Line(Protocol):
    """A call as the caller has it."""

    recording: Recording

    @property
    def now(self) -> int:
        """Samples at 16 kHz since the recording began."""
        ...

    @property
    def ended(self) -> bool: ...

    def start_speaking(self, pcm: Pcm, rate_hz: int = SAMPLE_RATE_HZ) -> asyncio.Future[None]: ...


class CallEnded(Exception):
    """The target hung up, or lost the connection."""


def answer_to(question: str) -> str:
    """What a stand-in for a model says, in the words of the shop's facts."""
    lower = question.lower()
    return FACTS[next((intent for word, intent in KEYWORDS.items() if word in lower), "contact")]


async def recorded(folder: Path, turns: Sequence[Turn]) -> dict[tuple[str | int, ...], Pcm]:
    """The caller's sounds by their parts. They are spoken once and kept, so that every run hears the same ones."""
    wanted: set[tuple[str | int, ...]] = set()
    for turn in turns:
        wanted |= {turn.asks, *((words,) for words in (turn.murmurs, turn.interrupts) if words)}
    paths = {parts: folder / f"{hashlib.sha256(repr(parts).encode()).hexdigest()[:12]}.wav" for parts in wanted}
    missing = {parts: path for parts, path in paths.items() if not path.exists()}
    if missing:
        with studio() as voices:
            for parts, path in missing.items():
                _write(path, await _spoken(voices.url, parts))
    return {parts: _read(path) for parts, path in paths.items()}


async def greeted(line: Line) -> None:
    """Raises CallEnded where no greeting came."""
    if not await _until(line, lambda: line.recording.received.loud_until > 0, GREETED_S):
        raise CallEnded
    await _until(line, lambda: _quiet(line), ENDS_S)


async def converse(line: Line, turns: Sequence[Turn], said: dict[tuple[str | int, ...], Pcm]) -> list[Mark]:
    """Have the conversation. Raises CallEnded."""
    marks: list[Mark] = []
    for turn in turns:
        marks.append(await _say(line, Said.ASKED, said[turn.asks]))
        if turn.interrupts is not None:
            began = await _begun(line)
            await _until(line, lambda began=began: line.now - began > to_samples(INTO_ANSWER_MS), BEGINS_S)
            if turn.murmurs is not None:
                marks.append(await _say(line, Said.MURMURED, said[turn.murmurs,]))
                spoken = line.now
                await _until(line, lambda spoken=spoken: line.now - spoken > to_samples(AFTER_MURMUR_MS), ENDS_S)
                await _until(line, lambda: not _quiet(line, 300), RESUMES_WITHIN_S)
            marks.append(await _say(line, Said.INTERRUPTED, said[turn.interrupts,]))
        await _begun(line)
        await _until(line, lambda: _quiet(line), ENDS_S)
    return marks


async def _say(line: Line, what: Said, pcm: Pcm) -> Mark:
    if line.ended:
        raise CallEnded
    mark = Mark(said=what, at=line.now)
    saying = line.start_speaking(pcm)
    await _until(line, saying.done, 3 * len(pcm) / SAMPLE_RATE_HZ + 1)
    return mark


async def _begun(line: Line) -> int:
    """Where the agent's answer begins, after what it may still be saying; the place now, where none comes in time."""
    await _until(line, lambda: _quiet(line, STOPPED_MS), BEGINS_S)
    since = line.now
    await _until(line, lambda: line.recording.received.loud_until > since, BEGINS_S)
    return line.now


def _quiet(line: Line, ms: int = QUIET_MS) -> bool:
    return line.now - line.recording.received.loud_until > to_samples(ms)


async def _until(line: Line, condition: Callable[[], bool], limit_s: float) -> bool:
    """Raises CallEnded."""
    deadline_s = asyncio.get_running_loop().time() + limit_s
    while not condition():
        if line.ended:
            raise CallEnded
        if asyncio.get_running_loop().time() > deadline_s:
            return False
        await asyncio.sleep(LOOK_S)
    return True


async def _spoken(url: str, parts: tuple[str | int, ...]) -> Pcm:
    voice = RemoteSpeech(url, first_byte_ms=60_000, next_bytes_ms=60_000)
    track = [sounds.silence(AROUND_MS)]
    for part in parts:
        if isinstance(part, int):
            track.append(sounds.silence(part))
            continue
        async with aclosing(voice.speak(part, Language.EN)) as pieces:
            pcm = b"".join([piece async for piece in pieces])
        track.append(sounds.at_level(sounds.trimmed(sounds.from_pcm(pcm))))
    await voice.close()
    return np.concatenate([*track, sounds.silence(AROUND_MS)]).astype(np.int16)


def _write(path: Path, pcm: Pcm) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes(pcm.tobytes())


def _read(path: Path) -> Pcm:
    with wave.open(str(path), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)
