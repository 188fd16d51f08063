"""Who picked up, by real speech: the models hear an English voice, recordings of people, and tones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from domain.outbound.answering import PickedUp
from domain.ports import Recogniser
from domain.speech import FRAME_BYTES, FRAME_MS, SAMPLE_RATE_HZ, SILENT_FRAME, AudioFrame, Language, Transcript
from engines.model_files import verified
from engines.piper import PiperSpeech
from engines.silero import SileroActivity
from engines.whisper import WhisperRecogniser
from realtime.phone.line import PhoneLine
from realtime.phone.screening import Screening
from realtime.phone.tones import BeepWatch
from tests.realtime.conftest import recording
from tests.realtime.phone.test_line import OFFER, Wire
from workers.settings import Settings

pytestmark = pytest.mark.models

PERSON, MACHINE = PickedUp.PERSON, PickedUp.MACHINE
HALF_A_SECOND = SILENT_FRAME * 25
ANNOUNCEMENT = (
    "Thank you for calling our office, we are closed for the holidays, and open again on the first Monday of the new "
    "year from nine in the morning until five in the afternoon."
)
"""None of its words are a machine's alone."""


class Known:
    """The recogniser, and whether it has understood something."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser
        self.understood = asyncio.Event()

    async def transcribe(self, pcm: bytes, *, language: Language | None = None) -> Transcript:
        transcript = await self._recogniser.transcribe(pcm, language=language)
        self.understood.set()
        return transcript


@pytest.fixture(scope="module")
def voice() -> PiperSpeech:
    return PiperSpeech(verified("piper-en-joe", Settings().models_dir))


async def spoken(voice: PiperSpeech, text: str) -> bytes:
    return b"".join([piece async for piece in voice.speak(text, Language.EN)])


def tone(*hz: int, ms: int, level: int = 6_000) -> bytes:
    at = np.arange(ms * SAMPLE_RATE_HZ // 1000) / SAMPLE_RATE_HZ
    return sum(level * np.sin(2 * np.pi * each * at) for each in hz).astype("<i2").tobytes()


def frames_of(pcm: bytes) -> list[bytes]:
    return [pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES)]


async def line_of(pcm: bytes, until: asyncio.Event | None = None) -> AsyncIterator[AudioFrame]:
    """The sound, half a second of silence, and as soon as `until` is set silence for good."""
    frames = frames_of(pcm + HALF_A_SECOND)
    for number, frame in enumerate(frames):
        yield AudioFrame(frame, number * FRAME_MS)
    if until is not None:
        await until.wait()
        await asyncio.sleep(0)
    for number in range(len(frames), len(frames) + 500):
        yield AudioFrame(SILENT_FRAME, number * FRAME_MS)


async def test_a_hello_is_a_person_and_so_is_silence(
    vad: SileroActivity, recogniser: WhisperRecogniser, voice: PiperSpeech
) -> None:
    screening = Screening(vad, recogniser)
    assert await screening.who_speaks(line_of(HALF_A_SECOND + await spoken(voice, "Hello?"))) is PERSON
    assert await screening.who_speaks(line_of(b"")) is PERSON


async def test_a_long_announcement_is_a_machine(
    vad: SileroActivity, recogniser: WhisperRecogniser, voice: PiperSpeech
) -> None:
    frames = line_of(HALF_A_SECOND + await spoken(voice, ANNOUNCEMENT))
    assert await Screening(vad, recogniser).who_speaks(frames) is MACHINE


async def test_a_short_announcement_is_known_by_its_words(
    vad: SileroActivity, recogniser: WhisperRecogniser, voice: PiperSpeech
) -> None:
    known = Known(recogniser)
    frames = line_of(HALF_A_SECOND + await spoken(voice, "Please leave a message after the tone."), known.understood)
    assert await Screening(vad, known).who_speaks(frames) is MACHINE


async def test_a_beep_is_a_machine_and_a_key_is_none(vad: SileroActivity, recogniser: WhisperRecogniser) -> None:
    screening = Screening(vad, recogniser)
    for hz in (440, 1_000, 1_004, 1_415, 2_100):
        assert await screening.who_speaks(line_of(HALF_A_SECOND + tone(hz, ms=220))) is MACHINE
    for sound in (tone(697, 1_209, ms=500), tone(1_000, ms=100), tone(200, ms=500), tone(1_000, ms=500, level=100)):
        assert await screening.who_speaks(line_of(HALF_A_SECOND + sound)) is PERSON


@pytest.mark.parametrize(
    "name",
    ["en-lj001-0012.wav", "en-lj011-0202.wav", "ar-gulf.wav", "ar-najdi.wav", "ar-egy.mp3", "ar-msa.mp3"],
)
def test_no_voice_is_a_beep(name: str) -> None:
    beep = BeepWatch()
    assert not any(beep.heard(frame) for frame in frames_of(recording(name)))


async def test_the_call_begins_after_it_with_a_clock_of_its_own(
    vad: SileroActivity, recogniser: WhisperRecogniser
) -> None:
    line = PhoneLine(Wire())
    assert await Screening(vad, recogniser).who(line) is PERSON
    assert line.now_ms == 0
    await line.answer(OFFER)
    async for frame in line.frames():
        assert frame.at_ms == 0
        break
    await line.hang_up()
    assert await Screening(vad, recogniser).who(line) is PERSON
