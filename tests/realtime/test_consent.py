"""A call is recorded only after a heard yes, each voice apart, and never a moment longer than the caller agrees."""

from dataclasses import dataclass, field, replace

import pytest

from domain.desk import hold_sentences
from domain.errors import Unavailable
from domain.line import Party, PartyRole, Phase, PhaseKind, SessionDescription
from domain.media.recording import ConsentChanged, ConsentState, RecordingLeg
from domain.speech import Language, Speaker, Turn
from realtime.organs import Tapes
from tests.realtime.offline import OfflineLine
from tests.realtime.plain import PROFILE
from tests.realtime.talking import Call, greeted
from tests.realtime.test_people import tone, until

pytestmark = pytest.mark.models

EN = Language.EN
RECORDED = replace(PROFILE, recording=True)


@dataclass
class Shelf:
    """Recordings and Consents in memory; the proofs can be away."""

    facts: list[ConsentChanged] = field(default_factory=list[ConsentChanged])
    voices: dict[RecordingLeg, bytearray] = field(default_factory=dict[RecordingLeg, bytearray])
    open_tapes: int = 0
    away: bool = False

    async def open(self, tenant_id: str, call_id: str, lease: int, clock_zero_at: float) -> "Shelf":
        self.open_tapes += 1
        return self

    def write(self, leg: RecordingLeg, at_ms: int, pcm: bytes) -> None:
        self.voices.setdefault(leg, bytearray()).extend(pcm)

    def close(self) -> None:
        self.open_tapes -= 1

    async def record_consent(self, tenant_id: str, call_id: str, fact: ConsentChanged) -> None:
        if self.away:
            raise Unavailable("postgres", "away")
        self.facts.append(fact)

    async def consents(self, tenant_id: str, call_id: str) -> list[ConsentChanged]:
        if self.away:
            raise Unavailable("postgres", "away")
        return list(self.facts)

    @property
    def states(self) -> list[ConsentState]:
        return [fact.state for fact in self.facts]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def tapes(shelf: Shelf) -> Tapes:
    return Tapes(recordings=shelf, consents=shelf)


async def asked(call: Call) -> None:
    await greeted(call)
    await call.line.told("turn", intent="recording")


async def says(call: Call, text: str) -> str:
    """The agent's next whole turn."""
    start = len(call.line.sent)
    call.line.client({"type": "text", "text": text})
    await call.line.told("answered", after=start)
    return call.of(Speaker.AGENT)[-1].text


async def test_after_a_yes_each_voice_is_kept_until_the_caller_says_stop(calling, shelf: Shelf) -> None:
    async with calling(profile=RECORDED, tapes=tapes(shelf), speed=16) as call:
        await asked(call)
        assert call.of(Speaker.AGENT)[-1].text == hold_sentences.ASK_CONSENT[EN]
        assert shelf.open_tapes == 0
        assert await says(call, "yes please") == hold_sentences.RECORDING_ON[EN]
        await call.line.told("recording", on=True)
        call.line.speak(tone(1000) * 60)
        await call.line.spoken_out()
        assert await says(call, "stop recording") == hold_sentences.RECORDING_STOPPED[EN]
        await call.line.told("recording", on=False)
        kept = {leg: len(pcm) for leg, pcm in shelf.voices.items()}
        call.line.speak(tone(1000) * 60)
        await call.line.spoken_out()
    assert shelf.states == [ConsentState.ASKED, ConsentState.GRANTED, ConsentState.STOPPED]
    assert [fact.seq for fact in shelf.facts] == [2, 3, 5]
    assert tone(1000)[:640] * 20 in bytes(shelf.voices[RecordingLeg.CALLER])
    assert any(shelf.voices[RecordingLeg.AGENT])
    assert {leg: len(pcm) for leg, pcm in shelf.voices.items()} == kept
    assert shelf.open_tapes == 0
    assert call.brain.asked == []


async def test_the_page_can_stop_it_too(calling, shelf: Shelf) -> None:
    async with calling(profile=RECORDED, tapes=tapes(shelf), speed=16) as call:
        await asked(call)
        await says(call, "yes")
        call.line.client({"type": "recording", "on": False})
        await call.line.told("recording", on=False)
        assert shelf.open_tapes == 0
    assert shelf.states[-1] is ConsentState.STOPPED


async def test_a_no_is_kept_and_nothing_else(calling, shelf: Shelf) -> None:
    async with calling(profile=RECORDED, tapes=tapes(shelf), speed=16) as call:
        await asked(call)
        assert await says(call, "no") == hold_sentences.RECORDING_DECLINED[EN]
        assert await says(call, "opening hours") == "you said opening hours"
    assert shelf.states == [ConsentState.ASKED, ConsentState.DECLINED]
    assert shelf.voices == {}


async def test_who_answers_something_else_is_answered_and_asked_once_more(calling, shelf: Shelf) -> None:
    async with calling(profile=RECORDED, tapes=tapes(shelf), speed=16) as call:
        await asked(call)
        start = len(call.line.sent)
        call.line.client({"type": "text", "text": "when do you open"})
        await call.line.told("turn", after=start, intent="recording")
        assert [turn.text for turn in call.of(Speaker.AGENT)][-2:] == [
            "you said when do you open",
            hold_sentences.ASK_CONSENT_AGAIN[EN],
        ]
        assert await says(call, "where are you") == "you said where are you"
        await says(call, "and where do I park")
    assert shelf.states == [ConsentState.ASKED, ConsentState.DECLINED]
    assert [turn.intent for turn in call.of(Speaker.AGENT)].count("recording") == 2


async def test_without_its_proof_nothing_is_recorded(calling, shelf: Shelf) -> None:
    async with calling(profile=RECORDED, tapes=tapes(shelf), speed=16) as call:
        await asked(call)
        shelf.away = True
        assert await says(call, "yes") == hold_sentences.RECORDING_DECLINED[EN]
    assert shelf.voices == {}
    assert shelf.open_tapes == 0


async def test_a_line_that_comes_back_is_recorded_on_and_says_so(calling, shelf: Shelf) -> None:
    shelf.facts = [
        ConsentChanged(number=n, state=state, seq=n, at_ms=0, lease=1, language=EN)
        for n, state in enumerate((ConsentState.ASKED, ConsentState.GRANTED), start=1)
    ]
    history = [Turn(seq=1, speaker=Speaker.AGENT, text="hello", language=EN, started_ms=0, ended_ms=9)]
    async with calling(profile=RECORDED, tapes=tapes(shelf), history=history, speed=16) as call:
        await call.line.told("recording", on=True)
        await call.line.told("turn", intent="recording")
        assert shelf.open_tapes == 1
    assert call.of(Speaker.AGENT)[-1].text == hold_sentences.STILL_RECORDED[EN]
    assert shelf.open_tapes == 0


async def test_what_people_say_to_the_caller_is_a_voice_of_its_own(calling, shelf: Shelf) -> None:
    async with calling(profile=RECORDED, tapes=tapes(shelf)) as call:
        await asked(call)
        await says(call, "yes")
        await call.conversation.set_phase(Phase(kind=PhaseKind.BRIDGED, number=1))
        advisor = OfflineLine()
        offer = SessionDescription(type="offer", sdp="v=0")
        await call.people.join(Party(party_id="maha", role=PartyRole.ADVISOR), offer, advisor)
        await advisor.told("recording", on=True)
        advisor.speak(tone(2000) * 100)
        await until(call.line, lambda: RecordingLeg.ADVISOR in shelf.voices)
    assert tone(2000)[:640] in bytes(shelf.voices[RecordingLeg.ADVISOR])
    assert tone(2000)[:640] not in bytes(shelf.voices[RecordingLeg.AGENT])


async def test_a_tenant_who_records_nothing_asks_nothing(calling, shelf: Shelf) -> None:
    async with calling(tapes=tapes(shelf), speed=16) as call:
        await greeted(call)
        assert await says(call, "yes") == "you said yes"
        call.line.client({"type": "recording", "on": False})
        assert await says(call, "stop recording") == "you said stop recording"
    assert (shelf.facts, shelf.voices) == ([], {})
