"""An engine is down after failures in a row, whichever calls they are of, and is tried again after a while."""

import contextlib

import pytest

from domain.errors import EngineFailed
from domain.speech import Language, Transcript
from realtime.fallback.health import DOWN_S, FAILURES, Health, WatchedRecogniser, WatchedVoice, healths
from tests.realtime.plain import BrokenVoice, ToneVoice

HEARD = Transcript(text="hello", language=Language.EN, language_confidence=1, confidence=1)


class Recogniser:
    broken = True

    async def transcribe(self, pcm: bytes, *, language: Language | None = None) -> Transcript:
        if self.broken:
            raise EngineFailed("asr", "out of memory")
        return HEARD


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


async def test_a_recogniser_is_down_until_it_works_or_time_has_passed() -> None:
    recogniser, clock = Recogniser(), Clock()
    health = Health(clock)
    watched = WatchedRecogniser(recogniser, health)
    for _ in range(FAILURES):
        assert not health.down
        with pytest.raises(EngineFailed):
            await watched.transcribe(b"")
    assert health.down
    clock.now_s += DOWN_S
    assert not health.down
    with pytest.raises(EngineFailed):
        await watched.transcribe(b"")
    assert health.down
    recogniser.broken = False
    assert await watched.transcribe(b"") is HEARD
    assert not health.down


async def test_a_voice_is_down_only_after_failures_in_a_row() -> None:
    every = healths()
    health = every[Language.EN]
    broken, whole = WatchedVoice(BrokenVoice(after=0), every), WatchedVoice(ToneVoice(), every)
    for voice in (broken, broken, whole, broken, broken):
        with contextlib.suppress(EngineFailed):
            assert [piece async for piece in voice.speak("a", Language.EN)]
        assert not health.down
    with pytest.raises(EngineFailed):
        assert [piece async for piece in broken.speak("a", Language.EN)]
    assert health.down
    assert not every[Language.AR].down
