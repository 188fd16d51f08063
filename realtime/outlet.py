"""One turn of the agent on its way out: sentences become frames, and it knows which words were heard."""

from __future__ import annotations

import asyncio
import time
from array import array
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog

from domain.errors import HatifError
from domain.moves import Say
from domain.ports import SpokenValues, Voice
from domain.speech import FRAME_BYTES, FRAME_MS, Language, TurnKind
from domain.wording.politeness import Politeness
from realtime.recorded import Recorded

log = structlog.get_logger()

OUTLET_FRAMES = 400
"""8 s of audio ready to be played; synthesis waits beyond it."""
ON_ITS_WAY_MS = 100
"""What has left here but not yet reached the caller's ear: packets, jitter buffer, sound card."""
REWOUND_FRAMES = 25
"""Half a second: the beginning of the word that was broken off lies in it."""
SPOKEN_MS_PER_CHAR = 65
"""Length of a sentence whose synthesis was cut short: both default voices speak 14 to 17 characters a second."""


@dataclass(slots=True)
class _Sentence:
    say: Say
    made: int = 0
    played: int = 0
    """Frames."""
    added_s: float = field(default_factory=time.monotonic)
    audio_s: float | None = None
    pulled_s: float | None = None
    complete: bool = False
    begun: bool = False

    def heard(self) -> str:
        """The words that reached the caller, all of them when the sentence was played to its end."""
        if self.complete and self.played >= self.made:
            return self.say.text
        total = self.made if self.complete else max(self.made, len(self.say.text) * SPOKEN_MS_PER_CHAR // FRAME_MS)
        played = self.played - ON_ITS_WAY_MS // FRAME_MS
        words = self.say.text.split()
        return " ".join(words[: max(0, played * len(words) // max(1, total))])


@dataclass(slots=True, kw_only=True)
class Spoken:
    """What became of an outlet: what the caller heard of it, and when."""

    text: str
    language: Language
    kind: TurnKind
    intent: str | None
    started_ms: int
    ended_ms: int
    interrupted: bool


TELLING_FIRST = (
    TurnKind.ANSWER,
    TurnKind.CLARIFY,
    TurnKind.GREETING,
    TurnKind.GOODBYE,
    TurnKind.APOLOGY,
    TurnKind.PROMPT,
    TurnKind.FILLER,
)
"""A turn is of the kind of its most telling sentence."""


@dataclass(slots=True, kw_only=True)
class Outlet:
    """Fill it with `add`, run `synthesise` beside it, let the line `pull`; drop it to be silent."""

    voice: Voice
    values: SpokenValues
    recorded: Recorded
    voices: dict[Language, str]
    on_sentence: Callable[[Say, int], None]
    """Called as the first frame of each sentence leaves, with the line's time in ms."""
    politeness: Politeness = Politeness.EVERYDAY
    """Of the apology that is heard where the voice fails; what is added is worded already."""
    voiced: bool | None = None
    """Whether the voice spoke; None while it wasn't needed, because all that was said is recorded."""
    _sentences: list[_Sentence] = field(default_factory=list[_Sentence])
    _frames: deque[tuple[bytes, _Sentence]] = field(default_factory=deque[tuple[bytes, _Sentence]])
    _gone: deque[tuple[bytes, _Sentence]] = field(
        default_factory=lambda: deque[tuple[bytes, _Sentence]](maxlen=REWOUND_FRAMES)
    )
    """The latest frames that left."""
    _added: asyncio.Event = field(default_factory=asyncio.Event)
    _room: asyncio.Event = field(default_factory=asyncio.Event)
    _played: asyncio.Event = field(default_factory=asyncio.Event)
    _finished: bool = False
    _synthesised: bool = False
    _started_ms: int = 0
    _ended_ms: int = 0

    def add(self, say: Say) -> None:
        """Text is never dropped: the brain's answers are bounded, so this list is."""
        self._sentences.append(_Sentence(say))
        self._added.set()

    def finish(self) -> None:
        """Nothing will be added any more."""
        self._finished = True
        self._added.set()

    async def played(self) -> None:
        """Wait until all that was added has left."""
        await self._played.wait()

    async def synthesise(self) -> None:
        """Make audio of each sentence in turn; a voice that fails is replaced by a recorded apology."""
        index = 0
        while True:
            while index == len(self._sentences):
                if self._finished:
                    self._synthesised = True
                    if not self._frames:
                        self._played.set()
                    return
                self._added.clear()
                await self._added.wait()
            sentence = self._sentences[index]
            index += 1
            try:
                await self._make(sentence)
            except Exception as error:  # whatever broke, the caller must not be left in silence
                reason = str(error) if isinstance(error, HatifError) else None  # ours says nothing that was said
                log.warning("voice_failed", error=type(error).__name__, reason=reason)
                self.voiced = False
                await self._apologise(sentence)
                self.finish()
                index = len(self._sentences)
            else:
                sentence.complete = True

    async def _make(self, sentence: _Sentence) -> None:
        say = sentence.say
        if (pcm := self.recorded.find(say.text, say.language)) is not None:
            await self._put(pcm, sentence)
            return
        pending = bytearray()
        words = self.values.read_aloud(say.text, say.language)
        async for piece in self.voice.speak(words, say.language, voice=self.voices.get(say.language)):
            pending += piece
            whole = len(pending) // FRAME_BYTES * FRAME_BYTES
            await self._put(bytes(pending[:whole]), sentence)
            del pending[:whole]
        if pending:
            await self._put(bytes(pending), sentence)
        self.voiced = True

    async def _apologise(self, failed: _Sentence) -> None:
        language = failed.say.language
        failed.say = replace(failed.say, kind=TurnKind.APOLOGY)  # what breaks off in mid-word answers nobody
        del self._sentences[self._sentences.index(failed) + 1 :]
        text, pcm = self.recorded.voice_failed(language, self.politeness)
        apology = _Sentence(Say(text=text, language=language, kind=TurnKind.APOLOGY))
        self._sentences.append(apology)
        await self._put(pcm, apology)
        apology.complete = True

    async def _put(self, pcm: bytes, sentence: _Sentence) -> None:
        for start in range(0, len(pcm), FRAME_BYTES):
            while len(self._frames) >= OUTLET_FRAMES:
                self._room.clear()
                await self._room.wait()
            if sentence.audio_s is None:
                sentence.audio_s = time.monotonic()
            self._frames.append((pcm[start : start + FRAME_BYTES].ljust(FRAME_BYTES, b"\0"), sentence))
            sentence.made += 1

    def pull(self, now_ms: int) -> bytes | None:
        """The next 20 ms, or None while there is none."""
        if not self._frames:
            return None
        pcm, sentence = self._frames.popleft()
        self._gone.append((pcm, sentence))
        self._room.set()
        if not sentence.begun:
            if not any(each.begun for each in self._sentences):
                self._started_ms = now_ms
            sentence.begun = True
            sentence.pulled_s = time.monotonic()
            self.on_sentence(sentence.say, now_ms)
        sentence.played += 1
        self._ended_ms = now_ms + FRAME_MS
        if self._synthesised and not self._frames:
            self._played.set()
        return pcm

    def begun_text(self) -> str:
        """The sentences whose sound has begun, whole."""
        return " ".join(sentence.say.text for sentence in self._sentences if sentence.begun)

    def stages_ms(self, asked_s: float) -> dict[str, int]:
        """Waits of the caller, one after another from `asked_s` on, for the first sentence that answers.

        While an opener was still heard, an answer that was ready waited for its end: that is the stage "filler". Where
        nothing but an opener was heard, it is what the caller waited for.
        """
        begun = [sentence for sentence in self._sentences if sentence.begun]
        waited = next((sentence for sentence in begun if sentence.say.kind is not TurnKind.FILLER), None)
        waited = waited or next(iter(begun), None)
        if waited is None or waited.audio_s is None or waited.pulled_s is None:
            return {}
        stages = {"brain": _ms(waited.added_s - asked_s)}
        for stage, took_ms in waited.say.took_ms.items():
            stages[stage] = min(took_ms, stages["brain"])
            stages["brain"] -= stages[stage]
        stages["tts"] = _ms(waited.audio_s - waited.added_s)
        stages["playout" if waited is begun[0] else "filler"] = _ms(waited.pulled_s - waited.audio_s)
        return stages

    def rewind(self) -> None:
        """Go back to the quietest moment just before, which lies between two words: what follows is said again."""
        if self._played.is_set() or not self._gone:
            return
        loudness = [sum(map(abs, array("h", pcm))) for pcm, _ in self._gone]
        quietest = len(loudness) - 1 - loudness[::-1].index(min(loudness))
        while len(self._gone) > quietest + 1:
            pcm, sentence = self._gone.pop()
            sentence.played -= 1
            self._frames.appendleft((pcm, sentence))

    def fade(self) -> bytes | None:
        """The next 20 ms, falling to silence: a wave that is cut off in its middle is heard as a click."""
        if not self._frames:
            return None
        samples = array("h", self._frames[0][0])
        return array("h", (s * (len(samples) - n) // len(samples) for n, s in enumerate(samples))).tobytes()

    def spoken(self) -> Spoken | None:
        """What the caller has heard so far; None when no frame has left."""
        begun = [s for s in self._sentences if s.played > 0]
        if not begun:
            return None
        telling = min(begun, key=lambda s: TELLING_FIRST.index(s.say.kind))
        return Spoken(
            text=" ".join(filter(None, (s.heard() for s in begun))),
            language=telling.say.language,
            kind=telling.say.kind,
            intent=telling.say.intent,
            started_ms=self._started_ms,
            ended_ms=self._ended_ms,
            interrupted=not self._played.is_set(),
        )


def _ms(seconds: float) -> int:
    return max(0, round(seconds * 1000))
