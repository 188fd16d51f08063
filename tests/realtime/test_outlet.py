"""What leaves the mouth, and which words of it were heard. The voice here speaks one tone of 60 ms per character."""

import asyncio
import itertools
import time
from array import array
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from domain import sentences
from domain.moves import Say
from domain.speech import FRAME_BYTES, FRAME_MS, Language, TurnKind
from domain.wording.politeness import Politeness, worded
from realtime.outlet import ON_ITS_WAY_MS, OUTLET_FRAMES, Outlet
from realtime.recorded import Recorded
from tests.realtime.plain import CHAR_MS, BrokenVoice, PlainValues, ToneVoice

SENTENCE = "your order leaves tomorrow"


def say(text: str, kind: TurnKind = TurnKind.ANSWER) -> Say:
    return Say(text=text, language=Language.EN, kind=kind)


def outlet(voice: ToneVoice, recorded: Recorded | None = None, **more: Any) -> tuple[Outlet, list[tuple[str, int]]]:
    told: list[tuple[str, int]] = []
    made = Outlet(
        voice=voice,
        values=PlainValues(),
        recorded=recorded or Recorded(),
        voices={},
        on_sentence=lambda s, at_ms: told.append((s.text, at_ms)),
        **more,
    )
    return made, told


async def play(made: Outlet, ms: int | None = None) -> int:
    """Pull like a line does, up to `ms` of audio or to the end; returns what was pulled, in ms."""
    pulled = 0
    async with asyncio.timeout(20):
        while ms is None or pulled < ms:
            if made._played.is_set():
                break
            if made.pull(pulled) is not None:
                pulled += FRAME_MS
            await asyncio.sleep(0)
    return pulled


async def test_a_turn_is_played_to_its_last_word() -> None:
    made, told = outlet(ToneVoice())
    synthesis = asyncio.create_task(made.synthesise())
    made.add(say("one moment", TurnKind.FILLER))
    made.add(say(SENTENCE))
    made.finish()
    pulled = await play(made)
    await synthesis
    spoken = made.spoken()
    assert spoken is not None
    assert (spoken.text, spoken.kind, spoken.interrupted) == (f"one moment {SENTENCE}", TurnKind.ANSWER, False)
    assert pulled == (len("one moment") + len(SENTENCE)) * CHAR_MS
    assert told == [("one moment", 0), (SENTENCE, len("one moment") * CHAR_MS)]


async def test_the_wait_is_told_of_the_sentence_that_answers_with_what_its_author_knows() -> None:
    made, _ = outlet(ToneVoice())
    asked_s = time.monotonic() - 10
    synthesis = asyncio.create_task(made.synthesise())
    made.add(say("one moment", TurnKind.FILLER))
    assert made.stages_ms(asked_s) == {}
    await play(made, FRAME_MS)
    assert list(made.stages_ms(asked_s)) == ["brain", "tts", "playout"]
    made.add(Say(text=SENTENCE, language=Language.EN, took_ms={"retrieval": 4_000, "llm": 999_999}))
    made.finish()
    await play(made)
    await synthesis
    stages_ms = made.stages_ms(asked_s)
    assert list(stages_ms) == ["brain", "retrieval", "llm", "tts", "filler"]
    assert (stages_ms["brain"], stages_ms["retrieval"]) == (0, 4_000)
    assert 6_000 <= stages_ms["llm"] < 999_999


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (ON_ITS_WAY_MS, ""),
        (len(SENTENCE) * CHAR_MS // 2 + ON_ITS_WAY_MS + FRAME_MS, "your order"),
        (len(SENTENCE) * CHAR_MS, SENTENCE),
    ],
)
async def test_an_interrupted_turn_keeps_the_words_that_were_heard(ms: int, words: str) -> None:
    made, _ = outlet(ToneVoice())
    synthesis = asyncio.create_task(made.synthesise())
    made.add(say(SENTENCE))
    await play(made, ms)
    synthesis.cancel()
    spoken = made.spoken()
    assert spoken is not None
    assert spoken.text == words
    assert spoken.interrupted


async def test_nothing_pulled_is_nothing_said() -> None:
    made, _ = outlet(ToneVoice())
    made.add(say(SENTENCE))
    assert made.spoken() is None


async def test_a_voice_that_breaks_is_replaced_by_the_recorded_apology() -> None:
    recorded = Recorded()
    await recorded.prepare(ToneVoice(), PlainValues(), [(Language.EN, sentences.VOICE_FAILED[Language.EN])])
    made, _ = outlet(BrokenVoice(after=20), recorded)
    synthesis = asyncio.create_task(made.synthesise())
    made.add(say(SENTENCE))
    made.add(say("this is never said"))
    await play(made)
    await synthesis
    spoken = made.spoken()
    assert spoken is not None
    assert spoken.text.startswith("your order")
    assert spoken.kind is TurnKind.APOLOGY
    assert spoken.text.endswith(sentences.VOICE_FAILED[Language.EN])


async def test_a_formal_apology_is_heard_once_it_is_recorded_and_the_everyday_one_until_then() -> None:
    recorded, everyday = Recorded(), sentences.VOICE_FAILED[Language.EN]
    formal = worded(everyday, Language.EN, Politeness.FORMAL)
    for known in (everyday, formal):
        await recorded.prepare(ToneVoice(), PlainValues(), [(Language.EN, known)])
        made, _ = outlet(BrokenVoice(after=0), recorded, politeness=Politeness.FORMAL)
        synthesis = asyncio.create_task(made.synthesise())
        made.add(say(SENTENCE))
        await play(made)
        await synthesis
        spoken = made.spoken()
        assert spoken is not None
        assert spoken.text == known


async def test_without_any_recording_a_broken_voice_is_heard_as_tones() -> None:
    made, _ = outlet(BrokenVoice(after=0))
    synthesis = asyncio.create_task(made.synthesise())
    made.add(say(SENTENCE))
    assert await play(made) > 1000
    await synthesis


async def test_synthesis_waits_for_a_full_outlet_and_nothing_is_lost() -> None:
    made, _ = outlet(ToneVoice())
    synthesis = asyncio.create_task(made.synthesise())
    text = "x" * 300
    made.add(say(text))
    made.finish()
    for _ in range(2000):
        await asyncio.sleep(0)
    assert len(made._frames) <= OUTLET_FRAMES
    assert await play(made) == len(text) * CHAR_MS
    await synthesis


async def test_frames_are_whole_whatever_the_voice_yields() -> None:
    class RaggedVoice(ToneVoice):
        async def speak(self, text: str, language: Language, *, voice: str | None = None) -> AsyncIterator[bytes]:
            for size in (2, 638, 1000, 1282, 6):
                yield bytes(size)

    made, _ = outlet(RaggedVoice())
    synthesis = asyncio.create_task(made.synthesise())
    made.add(say("a"))
    made.finish()
    await synthesis
    sizes = []
    while (pcm := made.pull(0)) is not None:
        sizes.append(len(pcm))
    assert sizes == [FRAME_BYTES] * 5


async def test_a_recorded_sentence_needs_no_voice() -> None:
    recorded = Recorded()
    await recorded.prepare(ToneVoice(), PlainValues(), [(Language.EN, SENTENCE)])
    made, _ = outlet(BrokenVoice(after=0), recorded)
    synthesis = asyncio.create_task(made.synthesise())
    made.add(say(SENTENCE))
    made.finish()
    await play(made)
    await synthesis
    spoken = made.spoken()
    assert spoken is not None
    assert spoken.text == SENTENCE


async def test_recordings_are_kept_on_disk(tmp_path: Path) -> None:
    texts = [(Language.AR, sentences.MISSED[Language.AR])]
    assert await Recorded(tmp_path).prepare(ToneVoice(), PlainValues(), texts) == []
    again = Recorded(tmp_path)
    assert await again.prepare(BrokenVoice(after=0), PlainValues(), texts) == []
    assert again.find(sentences.MISSED[Language.AR], Language.AR)


async def test_a_stopped_turn_falls_to_silence_without_a_click() -> None:
    made, _ = outlet(ToneVoice())
    synthesis = asyncio.create_task(made.synthesise())
    made.add(say(SENTENCE))
    await play(made, 200)
    synthesis.cancel()
    fading = made.fade()
    assert fading is not None
    samples = array("h", fading)
    assert samples[0] == max(samples)
    assert all(0 <= before - after <= 32 for before, after in itertools.pairwise(samples))
    assert abs(samples[-1]) <= 32
