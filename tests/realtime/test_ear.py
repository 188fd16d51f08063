"""The ear on real speech, with the real voice activity model and recogniser."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest

from domain.errors import EngineFailed
from domain.ports import Recogniser, VoiceActivityStream
from domain.speech import SAMPLE_RATE_HZ, Language, Transcript
from domain.turn_taking.end_of_turn import PATIENCE
from domain.turn_taking.floor import BargeIn, CallerSilent, Contested, Floor, TurnStarted
from engines.silero import SileroActivity
from engines.whisper import WhisperRecogniser
from realtime.ear import Ear, Event, Heard, Interim, Missed
from tests.realtime.conftest import recording
from tests.realtime.offline import OfflineLine

pytestmark = pytest.mark.models


class Listening:
    """An ear at work on an offline line, and all that it told."""

    def __init__(self, ear: Ear, line: OfflineLine) -> None:
        self.ear = ear
        self.line = line
        self.events: list[Event] = []
        self._changed = asyncio.Event()

    async def collect(self) -> None:
        async for event in self.ear.events():
            self.events.append(event)
            self._changed.set()

    async def until(self, wanted: type | Callable[[Event], bool], count: int = 1) -> list[Event]:
        def match(event: Event) -> bool:
            return isinstance(event, wanted) if isinstance(wanted, type) else wanted(event)

        async with asyncio.timeout(60):
            while len(found := [e for e in self.events if match(e)]) < count:
                self._changed.clear()
                await self._changed.wait()
        return found


@asynccontextmanager
async def listening(
    vad: VoiceActivityStream, recogniser: Recogniser, language: Language | None = None, speed: float = 4
) -> AsyncIterator[Listening]:
    line = OfflineLine(speed)
    ear = Ear(vad, SileroActivity.chunk_samples, recogniser, language)
    state = Listening(ear, line)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ear.listen(line.frames()))
        tasks.create_task(state.collect())
        yield state
        await line.close()


async def test_english_words_with_their_times(vad: SileroActivity, recogniser: WhisperRecogniser) -> None:
    pcm = recording("en-lj011-0202.wav")
    async with listening(vad.open(), recogniser) as state:
        state.line.silence(1000)
        state.line.speak(pcm)
        heard = (await state.until(Heard))[0]
        if "resisted" not in heard.utterance.text:  # its two sentences have a pause between them
            heard = (await state.until(Heard, 2))[1]
    assert isinstance(heard, Heard)
    assert "resisted" in heard.utterance.text
    assert heard.utterance.language is Language.EN
    assert abs(heard.utterance.ended_ms - (1000 + len(pcm) // 32)) < 600
    assert heard.stages_ms["endpoint"] >= PATIENCE.quick_ms
    assert heard.guesses.begun > heard.guesses.thrown_away
    assert TurnStarted in [type(e) for e in state.events]


async def test_how_loud_a_turn_was_is_told_with_it(vad: SileroActivity, recogniser: WhisperRecogniser) -> None:
    pcm = recording("en-lj011-0202.wav")[: 3 * SAMPLE_RATE_HZ * 2]
    softer = (np.frombuffer(pcm, "<i2") * 0.25).astype("<i2").tobytes()
    async with listening(vad.open(), recogniser, Language.EN) as state:
        state.line.silence(500)
        state.line.speak(softer)
        state.line.silence(2_500)
        state.line.speak(pcm)
        state.line.silence(2_500)
        soft, loud = [e.utterance.level_db for e in await state.until(Heard, 2) if isinstance(e, Heard)][:2]
    assert soft is not None
    assert loud is not None
    assert loud - soft == pytest.approx(12, abs=1.5)


async def test_gulf_arabic_is_heard_as_arabic(vad: SileroActivity, recogniser: WhisperRecogniser) -> None:
    async with listening(vad.open(), recogniser) as state:
        state.line.speak(recording("ar-gulf.wav"))
        heard = (await state.until(Heard))[-1]
    assert isinstance(heard, Heard)
    assert heard.utterance.language is Language.AR
    assert any("\u0600" <= c <= "\u06ff" for c in heard.utterance.text)


async def test_noise_alone_is_never_answered(vad: SileroActivity, recogniser: WhisperRecogniser) -> None:
    noise = np.random.default_rng(7).normal(0, 1500, 12 * SAMPLE_RATE_HZ).astype("<i2").tobytes()
    async with listening(vad.open(), recogniser) as state:
        state.line.speak(noise)
        await state.until(CallerSilent)
    assert not [e for e in state.events if isinstance(e, Heard)]


async def test_speech_over_the_agent_is_a_contest_and_then_a_barge_in(
    vad: SileroActivity, recogniser: WhisperRecogniser
) -> None:
    async with listening(vad.open(), recogniser) as state:
        state.ear.agent_started(0)
        state.line.speak(recording("en-lj042-0094.wav"))
        await state.until(BargeIn)
        state.ear.agent_stopped(state.line.now_ms)
        await state.until(Heard)
    kinds = [type(e) for e in state.events]
    assert kinds.index(Contested) < kinds.index(BargeIn) < kinds.index(Heard)
    assert Floor.CONTESTED in state.events


class BrokenRecogniser:
    async def transcribe(self, pcm: bytes, *, language: Language | None = None) -> Transcript:
        raise EngineFailed("asr", "out of memory")


async def test_a_broken_recogniser_is_told_and_does_not_end_the_call(vad: SileroActivity) -> None:
    async with listening(vad.open(), BrokenRecogniser()) as state:
        state.line.speak(recording("en-lj042-0094.wav"))
        missed = (await state.until(Missed))[0]
        state.line.speak(recording("en-lj042-0094.wav"))
        await state.until(Missed, 2)
    assert isinstance(missed, Missed)
    assert missed.failed


class BrokenVoiceActivity:
    async def probability(self, pcm: bytes) -> float:
        raise EngineFailed("vad", "gone")


async def test_without_voice_activity_loudness_decides(recogniser: WhisperRecogniser) -> None:
    async with listening(BrokenVoiceActivity(), recogniser, Language.EN) as state:
        state.line.silence(500)
        state.line.speak(recording("en-lj042-0094.wav"))
        heard = (await state.until(Heard))[0]
    assert isinstance(heard, Heard)
    assert "Soviet" in heard.utterance.text or "Oswald" in heard.utterance.text


async def test_words_are_shown_before_the_turn_ends(vad: SileroActivity, recogniser: WhisperRecogniser) -> None:
    # The recogniser is as slow as on a real line, so the audio must be too.
    async with listening(vad.open(), recogniser, speed=1) as state:
        state.line.speak(recording("en-lj001-0012.wav"))
        await state.until(Interim)
        await state.until(Heard)
    kinds = [type(e) for e in state.events]
    assert kinds.index(Interim) < kinds.index(Heard)
