"""A voice that keeps whole sentences, and only those."""

from collections.abc import AsyncIterator

import pytest

from domain.errors import EngineFailed
from domain.speech import Language
from engines.kept_voice import KeptVoice


class CountingVoice:
    """Speaks ten bytes a character and counts its sentences; breaks on "!"."""

    languages = frozenset({Language.EN})

    def __init__(self) -> None:
        self.spoken: list[str] = []

    async def speak(self, text: str, language: Language, *, voice: str | None = None) -> AsyncIterator[bytes]:
        self.spoken.append(text)
        for character in text:
            if character == "!":
                raise EngineFailed("tts", "gone")
            yield character.encode() * 10


async def said(voice: KeptVoice, text: str, name: str | None = None) -> bytes:
    return b"".join([piece async for piece in voice.speak(text, Language.EN, voice=name)])


async def test_a_sentence_is_made_once() -> None:
    inner = CountingVoice()
    voice = KeptVoice(inner, 1000)
    assert await said(voice, "hello") == await said(voice, "hello") == b"".join(c.encode() * 10 for c in "hello")
    assert inner.spoken == ["hello"]


async def test_another_voice_is_another_sentence() -> None:
    inner = CountingVoice()
    voice = KeptVoice(inner, 1000)
    await said(voice, "hello", "a")
    await said(voice, "hello", "b")
    assert len(inner.spoken) == 2


async def test_the_least_used_goes_first_and_the_bound_holds() -> None:
    inner = CountingVoice()
    voice = KeptVoice(inner, 100)
    for text in ("aaaa", "bbbb", "aaaa", "cccc", "aaaa", "bbbb"):
        await said(voice, text)
    assert inner.spoken == ["aaaa", "bbbb", "cccc", "bbbb"]


async def test_a_sentence_that_broke_or_was_stopped_is_not_kept() -> None:
    inner = CountingVoice()
    voice = KeptVoice(inner, 1000)
    for _ in range(2):
        with pytest.raises(EngineFailed):
            await said(voice, "he!lo")
    stopped = voice.speak("goodbye", Language.EN)
    await anext(stopped)
    await stopped.aclose()
    assert await said(voice, "goodbye") == b"".join(c.encode() * 10 for c in "goodbye")
    assert inner.spoken == ["he!lo", "he!lo", "goodbye", "goodbye"]


async def test_nothing_is_kept_without_room() -> None:
    inner = CountingVoice()
    voice = KeptVoice(inner, 0)
    await said(voice, "a")
    await said(voice, "a")
    assert len(inner.spoken) == 2
