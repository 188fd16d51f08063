"""A sentence that is made ahead is the sentence that is said, and one that is not wanted is not made."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from domain.errors import EngineFailed
from domain.speech import Guesses, Language
from realtime.ahead.voice import VoiceAhead
from tests.realtime.plain import BrokenVoice, ToneVoice


class CountedVoice(ToneVoice):
    """Waits to be let go before each piece, and counts what was begun and closed."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.closed = 0
        self.done = asyncio.Event()
        self.go = asyncio.Event()

    async def speak(self, text: str, language: Language, *, voice: str | None = None) -> AsyncIterator[bytes]:
        self.begun.append(text)
        try:
            await self.go.wait()
            async for piece in ToneVoice().speak(text, language):
                yield piece
        finally:
            self.closed += 1
            self.done.set()


async def said(voice: VoiceAhead, text: str) -> bytes:
    return b"".join([piece async for piece in voice.speak(text, Language.EN)])


async def test_what_was_expected_is_made_once_and_said_whole() -> None:
    under = CountedVoice()
    voice = VoiceAhead(under)
    voice.prepare("hello", Language.EN)
    voice.prepare("hello", Language.EN)
    speaking = asyncio.create_task(said(voice, "hello"))
    await asyncio.sleep(0)
    under.go.set()
    assert await speaking == await said(VoiceAhead(ToneVoice()), "hello")
    assert under.begun == ["hello"]
    assert voice.guesses() == Guesses(begun=1)
    assert voice.guesses() == Guesses()


async def test_a_sentence_that_is_ready_is_there_at_once() -> None:
    under = CountedVoice()
    under.go.set()
    voice = VoiceAhead(under)
    voice.prepare("hello", Language.EN)
    async with asyncio.timeout(20):
        await under.done.wait()
    under.go.clear()  # nothing more can be made
    assert await said(voice, "hello")


async def test_another_sentence_is_made_afresh_and_the_guess_is_dropped() -> None:
    under = CountedVoice()
    voice = VoiceAhead(under)
    voice.prepare("hello", Language.EN)
    await asyncio.sleep(0)
    assert voice.guesses() == Guesses(), "it may still be said"
    voice.forget()
    assert voice.guesses() == Guesses(begun=1, thrown_away=1)
    under.go.set()
    assert await said(voice, "hello") == await said(voice, "hello")
    assert under.begun == ["hello"] * 3
    assert under.closed == 3


async def test_a_voice_that_breaks_ahead_breaks_when_it_is_wanted() -> None:
    voice = VoiceAhead(BrokenVoice(after=2))
    voice.prepare("hello", Language.EN)
    with pytest.raises(EngineFailed):
        await said(voice, "hello")
