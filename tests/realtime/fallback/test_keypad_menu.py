"""A line goes on by keys while speech fails, and by words as soon as one is understood."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain import sentences as line_sentences
from domain.answering.policy import KEY_ZERO
from domain.call import Outcome
from domain.desk.callbacks import CallbackReason
from domain.errors import EngineFailed
from domain.line import HandoffRequested, Phase, PhaseKind
from domain.menu import sentences
from domain.menu.kept import fixed, of_tenant
from domain.speech import Language, Speaker, Transcript, TurnKind
from domain.tenant import OpenHours
from realtime.course.context import DeskSide
from realtime.fallback.health import Health
from realtime.organs import Tapes
from realtime.recorded import Recorded, beep
from tests.realtime.conftest import recording
from tests.realtime.plain import PROFILE, BrokenVoice, OneDesk, PlainValues, ToneVoice
from tests.realtime.talking import Call, greeted
from tests.realtime.test_consent import Shelf
from tests.realtime.test_ear import BrokenRecogniser

pytestmark = pytest.mark.models

EN, AR = Language.EN, Language.AR
SHORT_EN = "en-lj042-0094.wav"
OPEN = replace(PROFILE, hours=tuple(OpenHours(weekday=day, opens="00:00", closes="24:00") for day in range(7)))


class RecoveringRecogniser:
    """Breaks until it is whole."""

    def __init__(self, recogniser) -> None:
        self.whole = False
        self._recogniser = recogniser

    async def transcribe(self, pcm: bytes, *, language: Language | None = None) -> Transcript:
        if not self.whole:
            raise EngineFailed("asr", "out of memory")
        return await self._recogniser.transcribe(pcm, language=language)


@pytest.fixture
async def recorded(tmp_path: Path) -> Recorded:
    """As a process finds it that starts while the voice is down: on disk, from an earlier one."""
    assert await Recorded(tmp_path).prepare(ToneVoice(), PlainValues(), fixed()) == []
    return Recorded(tmp_path)


def down() -> Health:
    health = Health()
    for _ in range(3):
        health.failed()
    return health


def press(call: Call, key: str) -> int:
    call.line.client({"type": "dtmf", "digit": key})
    return len(call.line.sent)


async def says(call: Call, text: str, after: int = 0) -> None:
    """Wait until the agent has begun this sentence."""
    while not any(
        m["type"] == "transcript" and m["speaker"] == Speaker.AGENT and text in m["text"]
        for m in call.line.sent[after:]
    ):
        await call.line.passed()


async def test_who_is_not_understood_twice_goes_on_by_keys(calling, recorded: Recorded) -> None:
    async with calling(ears=BrokenRecogniser(), recorded=recorded, profile=OPEN, speed=16) as call:
        await greeted(call)
        call.line.speak(recording(SHORT_EN))
        await call.line.told("turn", kind=TurnKind.APOLOGY)
        call.line.speak(recording(SHORT_EN))
        await says(call, sentences.PRESS_FOR_LANGUAGE[AR])
        at = press(call, "2")
        await says(call, sentences.PRESS_FOR_HOURS[AR], at)
        at = press(call, "7")
        await says(call, sentences.WRONG_KEY[AR], at)
        at = press(call, "1")
        await says(call, "نحن فاتحون", at)
        press(call, "0")
        while not call.kept.facts:
            await call.line.passed()
        [asked] = call.kept.facts
    assert isinstance(asked, HandoffRequested)
    assert (asked.reason, asked.language) == (KEY_ZERO, AR)
    keys = [turn.text for turn in call.of(Speaker.CALLER)]
    assert keys == ["2", "7", "1", line_sentences.KEY_ZERO[AR]]


async def test_words_are_answered_as_soon_as_one_is_understood(calling, recogniser, recorded: Recorded) -> None:
    ears = RecoveringRecogniser(recogniser)
    async with calling(ears=ears, recorded=recorded, hearing=down(), language=EN, speed=16) as call:
        await says(call, sentences.PRESS_FOR_AGAIN[EN])
        ears.whole = True
        call.line.speak(recording(SHORT_EN))
        heard = await call.line.told("transcript", speaker=Speaker.CALLER, final=True)
        await call.line.told("answered", seq=heard["seq"])
    assert call.of(Speaker.AGENT)[-1].text.startswith("you said")


@pytest.mark.parametrize("number", ["+971501234567", None], ids=["with a number", "without a number"])
async def test_nobody_who_presses_anything_is_promised_a_call_only_on_a_number(
    calling, recorded: Recorded, number: str | None
) -> None:
    desk = OneDesk()
    desk.numbers += [number] if number else []
    opened = {"hearing": down(), "language": AR, "desk": DeskSide(contacts=desk), "speed": 0}
    async with calling(recorded=recorded, **opened) as call:
        assert await call.outcome() is Outcome.AGENT_SAID_GOODBYE
    said = [turn.text for turn in call.of(Speaker.AGENT)]
    assert said[0].startswith(sentences.DOWN[AR])
    goodbye = sentences.GOODBYE_WE_CALL if number else sentences.GOODBYE
    assert (len(said), said[-1]) == (4, goodbye[AR])
    wanted = CallbackReason.NOT_UNDERSTOOD if number else None
    assert call.conversation.menu.wants_callback is wanted


async def test_without_a_voice_the_menu_and_the_hours_are_heard_from_disk(
    calling, recorded: Recorded, tmp_path: Path
) -> None:
    async with calling(voice=BrokenVoice(after=0), recorded=recorded, profile=OPEN, language=EN, speed=16) as call:
        await call.line.told("turn", kind=TurnKind.APOLOGY)
        call.line.client({"type": "text", "text": "hello?"})
        await says(call, sentences.PRESS_FOR_AGAIN[EN])
        at = press(call, "1")
        await says(call, sentences.NO_HOURS[EN], at)
        hours = of_tenant(OPEN, datetime.now(UTC))
        assert await Recorded(tmp_path).prepare(ToneVoice(), PlainValues(), hours) == []
        at = press(call, "1")
        await says(call, "We are open now", at)
        at = press(call, "0")
        await call.line.told("turn", intent=f"handoff:{KEY_ZERO}", after=at)
        await call.conversation.set_phase(Phase(kind=PhaseKind.HELD, number=1, position=2, wait_s=120))
        await says(call, "Please hold on", at)
    apologies = [turn for turn in call.of(Speaker.AGENT) if line_sentences.VOICE_FAILED[EN] in turn.text]
    assert len(apologies) >= 2


@pytest.mark.parametrize("ends", ["#", "silence", "hangup"])
async def test_a_message_is_kept_from_the_tone_on(calling, recorded: Recorded, ends: str) -> None:
    shelf, desk = Shelf(), OneDesk()
    desk.numbers.append("+971501234567")
    opened = {"hearing": down(), "language": EN, "desk": DeskSide(contacts=desk)}
    tapes = Tapes(recordings=shelf, consents=shelf)
    async with calling(ears=BrokenRecogniser(), recorded=recorded, tapes=tapes, speed=16, **opened) as call:
        await says(call, sentences.PRESS_FOR_MESSAGE[EN])
        at = press(call, "2")
        await says(call, sentences.TONE[EN], at)
        await call.line.told("turn", speaker=Speaker.AGENT, interrupted=False, after=at)
        assert beep()[:640] in bytes(call.line.agent)
        call.line.speak(recording(SHORT_EN))
        await call.line.spoken_out()
        if ends == "#":
            press(call, "#")
        elif ends == "hangup":
            call.line.client({"type": "hangup"})
        outcome = await call.outcome()
    assert outcome is (Outcome.CALLER_HUNG_UP if ends == "hangup" else Outcome.AGENT_SAID_GOODBYE)
    [message] = [turn for turn in call.of(Speaker.CALLER) if turn.intent == "voice_message"]
    assert message.text == sentences.VOICE_MESSAGE[EN]
    assert recording(SHORT_EN)[32_000:33_280] in b"".join(shelf.voices.values())
    assert (shelf.open_tapes, len(shelf.voices)) == (0, 1)
    assert call.conversation.menu.wants_callback is CallbackReason.MESSAGE_LEFT
    if ends != "hangup":
        assert call.of(Speaker.AGENT)[-1].text == sentences.THANKS_WE_CALL[EN]


async def test_a_message_without_a_word_is_none(calling, recorded: Recorded) -> None:
    shelf = Shelf()
    opened = {"hearing": down(), "language": EN, "tapes": Tapes(recordings=shelf, consents=shelf)}
    async with calling(recorded=recorded, speed=0, **opened) as call:
        await says(call, sentences.PRESS_FOR_MESSAGE[EN])
        at = press(call, "2")
        await says(call, sentences.ENTER_NUMBER[EN], at)
        press(call, "#")
        await says(call, sentences.NO_MESSAGE[EN], at)
        assert await call.outcome() is Outcome.AGENT_SAID_GOODBYE
    assert shelf.open_tapes == 0
    assert call.conversation.menu.wants_callback is None
