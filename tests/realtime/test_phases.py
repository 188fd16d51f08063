"""Held, bridged and back over an offline line: what the caller hears, and what the workflow is told."""

import array
import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from domain import sentences
from domain.answering import sayings
from domain.desk import hold_sentences
from domain.errors import Unavailable
from domain.line import (
    HandoffRequested,
    HeldChoice,
    HeldChoiceMade,
    Party,
    PartyRole,
    Phase,
    PhaseKind,
    ResumeReason,
)
from domain.moves import Handoff, Say
from domain.outbound.opening import Opening
from domain.speech import FRAME_BYTES, Language, Speaker, Turn, TurnKind, Utterance
from realtime.course.context import DeskSide
from realtime.course.phases import COMFORT_EVERY_MS, HANDOFF_MS
from realtime.ear import Heard
from tests.realtime.conftest import recording
from tests.realtime.plain import PROFILE, OneDesk, PlainBrain, ToneVoice
from tests.realtime.talking import Call, greeted

pytestmark = pytest.mark.models

EN = Language.EN
HELD = Phase(kind=PhaseKind.HELD, number=1, handoff_id="c1-1", position=2, wait_s=120)


async def hand_off(utterance):
    if utterance.text == "person":
        yield Handoff(reason="caller_asked", text="I will get somebody", language=EN)
    else:
        yield Say(text=f"you said {utterance.text}", language=EN)


def agent_said(call: Call) -> list[str]:
    return [turn.text for turn in call.of(Speaker.AGENT)]


def is_music(call: Call, start: int, end: int) -> bool:
    heard = array.array("h", bytes(call.line.agent[start * FRAME_BYTES : end * FRAME_BYTES]))
    return any(heard)


async def held(call: Call) -> None:
    await greeted(call)
    await call.conversation.set_phase(HELD)
    await call.line.told("turn", kind=TurnKind.PROMPT)


async def test_a_person_who_is_asked_for_is_told_to_the_workflow_and_waited_for(calling) -> None:
    async with calling(PlainBrain(hand_off), speed=16) as call:
        await greeted(call)
        call.line.client({"type": "text", "text": "person"})
        await call.line.told("answered")
        assert call.kept.facts == [HandoffRequested(lease=1, seq=2, reason="caller_asked", language=EN)]
        call.line.client({"type": "text", "text": "hello?"})
        await call.line.told("turn", speaker=Speaker.CALLER, seq=4)
        await call.conversation.set_phase(HELD)
        await call.line.told("turn", kind=TurnKind.PROMPT)
    assert agent_said(call)[1:] == ["I will get somebody", hold_sentences.comfort(HELD, EN)]


async def test_a_person_who_does_not_come_is_apologised_for_and_the_agent_goes_on(calling) -> None:
    async with calling(PlainBrain(hand_off), speed=16) as call:
        await greeted(call)
        call.line.client({"type": "text", "text": "person"})
        asked = await call.line.told("turn", intent="handoff:caller_asked")
        call.line.client({"type": "text", "text": "anybody?"})
        apology = await call.line.told("turn", kind=TurnKind.ANSWER, after=call.line.sent.index(asked) + 1)
        assert apology["started_ms"] - asked["started_ms"] >= HANDOFF_MS - 1000
    assert agent_said(call)[-1] == f"{hold_sentences.REFUSED[EN]} you said anybody?"


async def test_a_held_caller_hears_music_and_again_and_again_where_they_stand(calling) -> None:
    async with calling(speed=32) as call:
        await held(call)
        first = await call.line.told("speaking", kind=TurnKind.PROMPT)
        again = await call.line.told("speaking", kind=TurnKind.PROMPT, after=call.line.sent.index(first) + 1)
        assert again["at_ms"] - first["at_ms"] >= COMFORT_EVERY_MS
        frame = first["at_ms"] // 20
        assert all(is_music(call, n, n + 5) for n in range(frame + 10, again["at_ms"] // 20, 50))
    assert set(agent_said(call)[1:]) == {hold_sentences.comfort(HELD, EN)}
    assert not any(turn.text == sentences.STILL_THERE[EN] for turn in call.kept.turns)


async def test_an_interrupted_comfort_message_is_not_begun_again(calling) -> None:
    async with calling() as call:
        await greeted(call)
        await call.conversation.set_phase(HELD)
        await call.line.told("speaking", kind=TurnKind.PROMPT)
        call.line.silence(200)
        call.line.speak(recording("en-lj042-0094.wav"))
        stopped = await call.line.told("turn", interrupted=True)
        heard = await call.line.told("turn", speaker=Speaker.CALLER)
        reply = await call.line.told("turn", kind=TurnKind.PROMPT, after=call.line.sent.index(heard))
        between = call.line.sent[call.line.sent.index(stopped) : call.line.sent.index(heard)]
        assert not any(message["type"] == "speaking" for message in between)
        assert reply["seq"] > heard["seq"]


@pytest.mark.parametrize(
    ("said", "choice"),
    [
        ("call me back", HeldChoice.CALL_BACK),
        ("never mind", HeldChoice.NEVER_MIND),
        ("خلاص ما ابي", HeldChoice.NEVER_MIND),
    ],
)
async def test_a_held_callers_choice_is_told_once(calling, said: str, choice: HeldChoice) -> None:
    async with calling(speed=16) as call:
        await held(call)
        for _ in range(2):
            start = len(call.line.sent)
            call.line.client({"type": "text", "text": said})
            await call.line.told("answered", after=start)
        start = len(call.line.sent)
        call.line.client({"type": "text", "text": "Where is your shop?"})
        await call.line.told("answered", after=start)
    assert call.kept.facts == [HeldChoiceMade(lease=1, phase_number=1, choice=choice)]
    assert call.brain.asked == []
    assert call.kept.turns[-1].text == hold_sentences.CHOSEN[call.kept.turns[-1].language]


async def test_who_is_called_back_by_nobody_is_told_so_and_waits_on(calling) -> None:
    async with calling(profile=replace(PROFILE, callbacks=False), speed=16) as call:
        await held(call)
        call.line.client({"type": "text", "text": "call me back"})
        await call.line.told("answered")
        assert [m.get("callbacks") for m in call.line.sent if m["type"] == "phase"] == [None, False]
    assert call.kept.facts == []
    first, refused = agent_said(call)[1:]
    assert first == hold_sentences.comfort(HELD, EN, callbacks=False)
    assert refused == f"{hold_sentences.NO_CALLBACKS[EN]} {first}"


async def test_keys_choose_as_well(calling) -> None:
    async with calling(speed=16) as call:
        await held(call)
        call.line.client({"type": "dtmf", "digit": "1"})
        await call.line.told("answered")
    assert call.kept.facts == [HeldChoiceMade(lease=1, phase_number=1, choice=HeldChoice.CALL_BACK)]


async def test_an_emergency_on_hold_is_urgent(calling) -> None:
    async with calling(speed=16) as call:
        await held(call)
        call.line.client({"type": "text", "text": "there is a fire in my kitchen"})
        await call.line.told("answered")
        seq = call.of(Speaker.CALLER)[-1].seq
    assert call.kept.facts == [
        HandoffRequested(lease=1, seq=seq, reason="emergency", language=EN, urgent=True),
    ]
    assert "999" in agent_said(call)[-1]


async def test_a_bridged_caller_is_written_down_and_not_answered(calling) -> None:
    async with calling(speed=16) as call:
        await held(call)
        await call.conversation.set_phase(Phase(kind=PhaseKind.BRIDGED, number=2, handoff_id="c1-1"))
        call.conversation.people_changed(talking=True, supervised=False)
        start = len(call.line.agent)
        call.line.client({"type": "text", "text": "my fridge leaks"})
        await call.line.told("turn", speaker=Speaker.CALLER)
        said = Utterance(text="we will send somebody", language=EN, started_ms=0, ended_ms=0)
        call.conversation.heard_person(Heard(said, {}), by=Party(party_id="maha", role=PartyRole.ADVISOR))
        await call.line.told("turn", speaker=Speaker.ADVISOR)
        call.line.silence(12_000)
        await call.line.spoken_out()
        assert not any(call.line.agent[start + 5 * FRAME_BYTES :])
        await call.conversation.set_phase(
            Phase(kind=PhaseKind.CONVERSE, number=3, handoff_id="c1-1", resumed=ResumeReason.GIVEN_BACK)
        )
        await call.line.told("turn", speaker=Speaker.AGENT, after=len(call.line.sent))
        assert [(t.speaker, t.text) for t in call.brain.history[-3:]] == [
            (Speaker.CALLER, "my fridge leaks"),
            (Speaker.ADVISOR, "we will send somebody"),
            (Speaker.AGENT, hold_sentences.GIVEN_BACK[EN]),
        ]
        call.line.client({"type": "text", "text": "thanks"})
        await call.line.told("answered", after=len(call.line.sent) - 1)
    assert [asked.text for asked in call.brain.asked] == ["thanks"]


@pytest.mark.parametrize("away", [False, True])
async def test_what_the_advisor_noted_is_known_when_the_agent_goes_on(calling, away: bool) -> None:
    async with calling(desk=DeskSide(notes=OneDesk(away)), speed=16) as call:
        await greeted(call)
        resumed = Phase(kind=PhaseKind.CONVERSE, number=1, handoff_id="c1-1", resumed=ResumeReason.GIVEN_BACK)
        await call.conversation.set_phase(resumed)
        await call.line.told("turn", kind=TurnKind.PROMPT)
    assert call.brain.advice == ([] if away else ["note of c1-1"])
    assert agent_said(call)[-1] == hold_sentences.GIVEN_BACK[EN]


class OneOpening:
    """Openings with one of them, or away."""

    def __init__(self, away: bool) -> None:
        self._away = away

    async def opening(self, tenant_id: str, call_id: str) -> Opening | None:
        if self._away:
            raise Unavailable("postgres", "away")
        return Opening(language=Language.AR, text="طلبت منا أن نعاود الاتصال بك", about="Their washing machine.")


@pytest.mark.parametrize("away", [False, True])
async def test_somebody_whom_we_call_hears_why_and_the_agent_knows_it(calling, away: bool) -> None:
    async with calling(desk=DeskSide(openings=OneOpening(away)), speed=16) as call:
        await greeted(call)
    greeting = PROFILE.greeting[PROFILE.default_language]
    assert agent_said(call) == [greeting if away else "طلبت منا أن نعاود الاتصال بك"]
    assert call.brain.advice == ([] if away else ["Their washing machine."])
    assert call.conversation.language is (PROFILE.default_language if away else Language.AR)


async def test_a_phase_that_is_not_newer_is_ignored(calling) -> None:
    async with calling(speed=16) as call:
        await held(call)
        await call.conversation.set_phase(Phase(number=1))
        await call.conversation.set_phase(Phase(number=0))
        assert [m["phase"] for m in call.line.sent if m["type"] == "phase"] == [PhaseKind.CONVERSE, PhaseKind.HELD]


ASKED = [
    Turn(seq=1, speaker=Speaker.AGENT, text="hello", language=EN, started_ms=0, ended_ms=500),
    Turn(seq=2, speaker=Speaker.CALLER, text="person", language=EN, started_ms=900, ended_ms=1500),
    Turn(
        seq=3,
        speaker=Speaker.AGENT,
        text="I will get somebody",
        language=EN,
        started_ms=1600,
        ended_ms=1900,
        kind=TurnKind.ANSWER,
        intent="handoff:caller_asked",
    ),
]


async def test_a_line_that_comes_back_while_held_is_held_in_the_same_place(calling) -> None:
    async with calling(history=ASKED, phase=HELD, speed=16) as call:
        await call.line.told("phase", phase=PhaseKind.HELD, position=2, wait_s=120)
        await call.line.told("turn", kind=TurnKind.PROMPT)
        assert is_music(call, 5, 10)
    assert agent_said(call) == [f"{sentences.CUT_OFF[EN]} {hold_sentences.comfort(HELD, EN)}"]


async def test_a_line_that_comes_back_while_bridged_waits_for_the_advisor(calling) -> None:
    async with calling(
        history=ASKED, phase=Phase(kind=PhaseKind.BRIDGED, number=4, handoff_id="c1-1"), speed=16
    ) as call:
        await call.line.told("turn", kind=TurnKind.PROMPT)
    assert agent_said(call) == [f"{sentences.CUT_OFF[EN]} {hold_sentences.RETURNS[EN]}"]


async def test_a_promise_of_a_person_outlives_the_line_that_gave_it(calling) -> None:
    async with calling(history=ASKED, speed=16) as call:
        await call.line.told("turn", kind=TurnKind.PROMPT)
    assert call.kept.facts == [HandoffRequested(lease=1, seq=2, reason="caller_asked", language=EN)]


async def test_guidance_is_for_the_agent_alone(calling) -> None:
    async with calling(speed=16) as call:
        await greeted(call)
        call.conversation.guide("offer the free visit")
        call.line.client({"type": "text", "text": "and now?"})
        await call.line.told("answered")
    assert call.brain.advice == ["offer the free visit"]
    assert not any("free visit" in turn.text for turn in call.kept.turns)


async def test_pressing_zero_asks_for_a_person(calling) -> None:
    async def policy(utterance):
        yield Handoff(reason="caller_asked", text=sayings.PERSON[EN], language=EN)

    async with calling(PlainBrain(policy), speed=16) as call:
        await greeted(call)
        call.line.client({"type": "dtmf", "digit": "0"})
        await call.line.told("answered")
    assert call.kept.facts == [HandoffRequested(lease=1, seq=2, reason="key_zero", language=EN)]


class _Lingering(ToneVoice):
    """Hushed, it takes until it is let go: the moments in which a caller's words and the next phase overtake."""

    def __init__(self) -> None:
        self.hushed, self.let_go = asyncio.Event(), asyncio.Event()

    async def speak(self, text: str, language: Language, *, voice: str | None = None) -> AsyncIterator[bytes]:
        pieces = super().speak(text, language)
        if text != hold_sentences.comfort(HELD, EN):
            async for piece in pieces:
                yield piece
            return
        yield await anext(pieces)
        try:
            await asyncio.Event().wait()
        finally:
            self.hushed.set()
            await self.let_go.wait()


async def test_a_question_asked_as_the_agent_comes_back_is_answered(calling) -> None:
    voice = _Lingering()
    async with calling(voice=voice, speed=16) as call, asyncio.timeout(60):
        await greeted(call)
        await call.conversation.set_phase(HELD)
        await call.line.told("speaking", kind=TurnKind.PROMPT)
        call.line.client({"type": "text", "text": "Where is your shop?"})
        await voice.hushed.wait()
        # The caller's words wait for the silence already, and so are minded before the agent says that it is back.
        back = Phase(kind=PhaseKind.CONVERSE, number=2, handoff_id="c1-1", resumed=ResumeReason.NEVER_MIND)
        coming = asyncio.create_task(call.conversation.set_phase(back))
        start = len(call.line.sent)
        await call.line.told("phase", phase=PhaseKind.CONVERSE, after=start)
        voice.let_go.set()
        await coming
        await call.line.told("turn", speaker=Speaker.AGENT, after=start)
    assert agent_said(call)[-1] == f"{hold_sentences.NEVER_MIND[EN]} you said Where is your shop?"
