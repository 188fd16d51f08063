"""XTTS: what it refuses; and, where coqui-tts is installed, the whole path over a tiny model with random weights."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from domain.errors import EngineFailed, SetupError
from domain.speech import SAMPLE_RATE_HZ, Language
from domain.voices.manners import PLAIN, Manner
from engines.xtts import voice as xtts
from engines.xtts.rate import Rate
from engines.xtts.voice import LICENCE, XttsSpeech
from tests.engines.xtts import tiny

EN, AR = Language.EN, Language.AR
SURE = Manner(energy=0.001)
"""The likeliest sound each time, so that the same text is the same sound."""
here = pytest.mark.skipif(
    importlib.util.find_spec("TTS") is None,
    reason="coqui-tts is not installed: docs/speech.md says how to run this",
)


def test_its_licence_has_to_be_accepted(tmp_path: Path):
    with pytest.raises(SetupError, match="may not be used commercially"):
        XttsSpeech(tmp_path, licence="", device="cpu")


def test_a_folder_without_its_files_is_one_sentence(tmp_path: Path):
    with pytest.raises(SetupError, match=r"is no XTTS v2 model: config\.json is missing"):
        XttsSpeech(tmp_path, licence=LICENCE, device="cpu")


def test_chunks_at_another_rate_have_no_seam():
    at_24 = np.sin(2 * np.pi * 440 * np.arange(24_000) / 24_000).astype(np.float32) / 2
    rate = Rate(24_000, SAMPLE_RATE_HZ)
    pcm = b"".join(rate.fed(at_24[at : at + 1_000]) for at in range(0, 24_000, 1_000)) + rate.flushed()
    made = np.frombuffer(pcm, np.int16)
    assert len(made) == pytest.approx(SAMPLE_RATE_HZ, abs=64)
    # A seam would be a step: a tone of 440 Hz at half of full scale never moves more than this from one to the next.
    assert np.abs(np.diff(made[200:-200].astype(int))).max() < 3_000


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> XttsSpeech:
    folder = tmp_path_factory.mktemp("xtts")
    tiny.make(folder)
    return XttsSpeech(folder, licence=LICENCE, device="cpu", chunk_tokens=8, deadline_ms=120_000)


async def said(pieces: AsyncIterator[bytes]) -> list[bytes]:
    return [pcm async for pcm in pieces]


def sample(seconds: float) -> bytes:
    return np.random.default_rng(5).normal(0, 3_000, int(seconds * SAMPLE_RATE_HZ)).astype(np.int16).tobytes()


@here
@pytest.mark.parametrize(("text", "language"), [("Hello there.", EN), ("مرحبا بك", AR)])
async def test_a_clause_comes_in_chunks(voice: XttsSpeech, text: str, language: Language):
    pieces = await said(voice.speak(text, language))
    assert len(pieces) > 1
    assert all(pcm and len(pcm) % 2 == 0 for pcm in pieces)
    assert voice.own_voices == ["Ana_Florence"]


@here
async def test_a_voice_is_learnt_from_thirteen_seconds(voice: XttsSpeech):
    assert not voice.has_voice("own.shop.sara")
    with pytest.raises(EngineFailed):
        await said(voice.speak("Hello.", EN, voice="own.shop.sara"))
    await voice.learn("own.shop.sara", sample(13))
    assert voice.has_voice("own.shop.sara")
    learnt = await said(voice.speak("Hello.", EN, voice="own.shop.sara", manner=SURE))
    own = await said(voice.speak("Hello.", EN, manner=SURE))
    assert learnt != own


@here
async def test_a_voice_whose_time_is_over_has_to_be_taught_again(voice: XttsSpeech, monkeypatch: pytest.MonkeyPatch):
    await voice.learn("own.shop.omar", sample(6))
    monkeypatch.setattr(xtts, "LEARNT_FOR_S", 0.0)
    assert not voice.has_voice("own.shop.omar")


@here
async def test_calls_take_turns_and_each_gets_its_own_words(voice: XttsSpeech):
    """The model keeps the clause that it is at in itself: two at once would be mixed up."""
    texts = [("Hello there, how are you today my friend?", EN), ("مرحبا", AR)]
    alone = [b"".join(await said(voice.speak(text, language, manner=SURE))) for text, language in texts]
    together = await asyncio.gather(*(said(voice.speak(text, language, manner=SURE)) for text, language in texts))
    assert [b"".join(pieces) for pieces in together] == alone


@here
async def test_speed_changes_the_length(voice: XttsSpeech):
    lengths = [
        len(b"".join(await said(voice.speak("Hello.", EN, manner=Manner(speed=speed, energy=SURE.energy)))))
        for speed in (0.8, PLAIN.speed, 1.25)
    ]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] > 1.3 * lengths[2]


@here
async def test_a_left_voice_serves_the_next_caller(voice: XttsSpeech):
    async with aclosing(voice.speak("Hello there. " * 20, EN)) as pieces:  # type: ignore[type-var]
        assert await anext(pieces)
    assert await said(voice.speak("Hello.", EN))
