"""A conversation over an offline line: real ears, plain answers, and what the caller is left with."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from domain import sentences
from domain.answering import sayings
from domain.call import Outcome
from domain.moves import Goodbye, Handoff, Move, Say
from domain.speech import FRAME_BYTES, Language, Speaker, Transcript, Turn, TurnKind, Utterance
from domain.turn_taking.floor import Floor
from domain.wording.politeness import Politeness
from realtime.keypad import ENTRY_ENDS_MS
from realtime.line import LOST_MS
from tests.loop_watch import LoopWatch
from tests.realtime.conftest import recording
from tests.realtime.plain import PROFILE, PlainBrain
from tests.realtime.talking import greeted
from tests.realtime.test_ear import BrokenRecogniser

pytestmark = pytest.mark.models

SHORT_EN = "en-lj042-0094.wav"


async def test_a_call_from_greeting_to_hang_up(calling, unblocked_loop: LoopWatch) -> None:
    async with calling() as call:
        await greeted(call)
        call.line.speak(recording(SHORT_EN))
        asked = await call.line.told("transcript", speaker=Speaker.CALLER, final=True)
        await call.line.told("answered", seq=asked["seq"])
        call.line.client({"type": "hangup"})
        assert await call.outcome() is Outcome.CALLER_HUNG_UP
    assert [t.speaker for t in call.kept.turns] == [Speaker.AGENT, Speaker.CALLER, Speaker.AGENT]
    assert [t.seq for t in call.kept.turns] == [1, 2, 3]
    greeting, question, answer = call.kept.turns
    assert greeting.text == "hello"
    assert "Oswald" in question.text or "Soviet" in question.text
    assert answer.text == f"you said {question.text}"
    assert answer.kind is TurnKind.ANSWER
    assert not answer.interrupted
    assert set(answer.stages_ms) == {"brain", "tts", "playout"}
    assert set(question.stages_ms) == {"endpoint", "asr"}
    assert question.started_ms < question.ended_ms < answer.started_ms < answer.ended_ms
    assert call.line.sent[-1] == {"type": "ended", "outcome": Outcome.CALLER_HUNG_UP}


async def test_an_interruption_stops_the_agent_and_keeps_what_was_heard(calling, unblocked_loop: LoopWatch) -> None:
    async def long(utterance: Utterance) -> AsyncIterator[Move]:
        yield Say(text="word " * 200, language=Language.EN)

    async with calling(PlainBrain(long)) as call:
        await greeted(call)
        call.line.client({"type": "text", "text": "tell me everything"})
        await call.line.told("speaking", kind=TurnKind.ANSWER)
        call.line.silence(1000)
        call.line.speak(recording(SHORT_EN))
        stopped = await call.line.told("turn", speaker=Speaker.AGENT, interrupted=True)
        sent_until_then = len(call.line.agent)
        turn = next(t for t in call.kept.turns if t.seq == stopped["seq"])
        await call.line.told("transcript", after=call.line.sent.index(stopped), speaker=Speaker.CALLER, final=True)
        assert len(call.line.agent) > sent_until_then + 30 * FRAME_BYTES
        assert not any(call.line.agent[sent_until_then + FRAME_BYTES : sent_until_then + 30 * FRAME_BYTES])
    assert 0 < len(turn.text.split()) < 100


class HearsOkay:
    async def transcribe(self, pcm: bytes, *, language: Language | None = None) -> Transcript:
        return Transcript(text="Okay.", language=Language.EN, language_confidence=1.0, confidence=0.6)


async def test_an_okay_over_the_agent_does_not_stop_it(calling) -> None:
    async def answer(utterance: Utterance) -> AsyncIterator[Move]:
        yield Say(text="a fairly long answer that goes on for a while", language=Language.EN)

    async with calling(PlainBrain(answer), ears=HearsOkay()) as call:
        await greeted(call)
        call.line.client({"type": "text", "text": "go"})
        await call.line.told("speaking", kind=TurnKind.ANSWER)
        call.line.speak(recording(SHORT_EN)[: 32 * 500][-32 * 300 :])
        contested = await call.line.told("floor", floor=Floor.CONTESTED)
        await call.line.told("floor", floor=Floor.AGENT, after=call.line.sent.index(contested))
        turn = await call.line.told("turn", kind=TurnKind.ANSWER)
        assert not turn["interrupted"]


async def test_silence_is_asked_about_and_then_ends_the_call(calling) -> None:
    async with calling(speed=16) as call:
        assert await call.outcome() is Outcome.CALLER_SILENT
    spoken = [t.text for t in call.of(Speaker.AGENT)]
    assert spoken == [
        "hello",
        sentences.STILL_THERE[Language.EN],
        sentences.SILENT_GOODBYE[Language.EN],
    ]


async def test_the_agents_words_are_shown_as_each_sentence_begins(calling) -> None:
    async def two(utterance: Utterance) -> AsyncIterator[Move]:
        yield Say(text="first sentence.", language=Language.EN)
        yield Say(text="and the second.", language=Language.EN)

    async with calling(PlainBrain(two)) as call:
        await greeted(call)
        start = len(call.line.sent)
        call.line.client({"type": "text", "text": "go"})
        await call.line.told("answered")
    shown = [
        (m["text"], m["final"])
        for m in call.line.sent[start:]
        if m["type"] == "transcript" and m["speaker"] == Speaker.AGENT
    ]
    whole = "first sentence. and the second."
    assert shown == [("first sentence.", False), (whole, False), (whole, True)]


async def test_goodbye_ends_the_call_after_its_last_word(calling) -> None:
    async def leave(utterance: Utterance) -> AsyncIterator[Move]:
        yield Goodbye(text="bye now", language=Language.EN)

    async with calling(PlainBrain(leave)) as call:
        await greeted(call)
        call.line.client({"type": "text", "text": "bye"})
        assert await call.outcome() is Outcome.AGENT_SAID_GOODBYE
    assert call.kept.turns[-1].text == "bye now"
    assert not call.kept.turns[-1].interrupted


async def test_a_formal_company_is_formal_from_the_first_word_to_the_last(calling) -> None:
    async def leave(utterance: Utterance) -> AsyncIterator[Move]:
        yield Say(text=sentences.MISSED[Language.EN], language=Language.EN)
        yield Goodbye(text=sayings.GOODBYE[Language.EN], language=Language.EN)

    greeting = {language: f"Plain. {sayings.GREETING[language]}" for language in Language}
    formal = replace(PROFILE, greeting=greeting, politeness=Politeness.FORMAL)
    async with calling(PlainBrain(leave), profile=formal, speed=16) as call:
        await greeted(call)
        call.line.client({"type": "text", "text": "bye"})
        assert await call.outcome() is Outcome.AGENT_SAID_GOODBYE
    assert [turn.text for turn in call.of(Speaker.AGENT)] == [
        "Plain. Welcome. How may I help you?",
        "I apologise, I did not hear that. May I ask you to say it again? Thank you very much for your call. Goodbye.",
    ]


async def test_a_handoff_is_told_and_put_on_record(calling) -> None:
    async def hand_off(utterance: Utterance) -> AsyncIterator[Move]:
        yield Handoff(reason="emergency", text="a person comes", language=Language.EN, urgent=True)

    async with calling(PlainBrain(hand_off)) as call:
        await greeted(call)
        call.line.client({"type": "text", "text": "fire"})
        await call.line.told("answered")
    assert call.kept.turns[-1].intent == "handoff:emergency"
    assert call.audit.lines == [("agent", "handoff_requested", "c1", {"reason": "emergency"})]


async def test_arabic_text_is_answered_in_arabic(calling) -> None:
    async with calling() as call:
        await greeted(call)
        call.line.client({"type": "text", "text": "متى تفتحون؟"})
        await call.line.told("answered")
    assert [t.language for t in call.kept.turns] == [Language.EN, Language.AR, Language.AR]


async def test_a_broken_recogniser_is_an_apology(calling) -> None:
    async with calling(ears=BrokenRecogniser()) as call:
        await greeted(call)
        call.line.speak(recording(SHORT_EN))
        turn = await call.line.told("turn", kind=TurnKind.APOLOGY)
    assert call.kept.turns[-1].seq == turn["seq"]
    assert call.kept.turns[-1].text == sentences.TROUBLE[Language.EN]


async def test_a_brain_that_breaks_is_an_apology_and_the_call_goes_on(calling) -> None:
    async def broken(utterance: Utterance) -> AsyncIterator[Move]:
        if utterance.text == "first":
            raise KeyError("a bug")
        yield Say(text="fine", language=Language.EN)

    async with calling(PlainBrain(broken)) as call:
        await greeted(call)
        call.line.client({"type": "text", "text": "first"})
        await call.line.told("turn", kind=TurnKind.APOLOGY)
        call.line.client({"type": "text", "text": "second"})
        await call.line.told("turn", kind=TurnKind.ANSWER)
    assert call.kept.turns[-1].text == "fine"


async def test_going_on_before_the_answer_began_is_answered_together(calling) -> None:
    thinking = asyncio.Event()

    async def slow(utterance: Utterance) -> AsyncIterator[Move]:
        if utterance.text == "first":
            thinking.set()
            await asyncio.Event().wait()
        yield Say(text="both", language=Language.EN)

    async with calling(PlainBrain(slow)) as call:
        await greeted(call)
        call.line.client({"type": "text", "text": "first"})
        await asyncio.wait_for(thinking.wait(), 20)
        call.line.client({"type": "text", "text": "second"})
        await call.line.told("turn", kind=TurnKind.ANSWER)
    assert [u.text for u in call.brain.asked] == ["first", "first second"]
    assert [t.text for t in call.of(Speaker.CALLER)] == ["first", "second"]
    assert [t.seq for t in call.kept.turns] == [1, 2, 3, 4]


async def test_keys_make_an_entry_and_zero_asks_for_a_person(calling) -> None:
    async with calling() as call:
        await greeted(call)
        for key in "4572#":
            call.line.client({"type": "dtmf", "digit": key})
        await call.line.told("answered")
        call.line.client({"type": "dtmf", "digit": "0"})
        await call.line.told("answered", after=len(call.line.sent))
    assert [u.text for u in call.brain.asked] == ["4572", sentences.KEY_ZERO[Language.EN]]


async def test_a_key_stops_the_agent_before_its_entry_is_over(calling) -> None:
    async def long(utterance: Utterance) -> AsyncIterator[Move]:
        yield Say(text="word " * 200, language=Language.EN)

    async with calling(PlainBrain(long)) as call:
        await greeted(call)
        call.line.client({"type": "text", "text": "tell me everything"})
        answering = await call.line.told("floor", floor=Floor.AGENT, after=len(call.line.sent))
        call.line.client({"type": "dtmf", "digit": "4"})
        stopped = await call.line.told("floor", floor=Floor.OPEN, after=call.line.sent.index(answering))
        again = await call.line.told("speaking", after=call.line.sent.index(stopped))
    assert stopped["at_ms"] - answering["at_ms"] < ENTRY_ENDS_MS
    assert again["at_ms"] - answering["at_ms"] >= ENTRY_ENDS_MS
    assert call.brain.asked[-1].text.endswith("4")


async def test_a_line_that_comes_back_goes_on_at_the_open_question(calling) -> None:
    history = [
        Turn(seq=1, speaker=Speaker.AGENT, text="hello", language=Language.EN, started_ms=0, ended_ms=500),
        Turn(seq=2, speaker=Speaker.CALLER, text="where is it", language=Language.EN, started_ms=900, ended_ms=1500),
    ]
    async with calling(history=history) as call:
        await call.line.told("turn", speaker=Speaker.AGENT)
    assert call.kept.turns[0].text == f"{sentences.CUT_OFF[Language.EN]} You said: where is it. you said where is it"
    assert call.kept.turns[0].seq == 3
    assert call.brain.history[:2] == history


async def test_a_line_that_goes_away_ends_the_call(calling) -> None:
    async with calling() as call:
        await greeted(call)
        await call.line.close()
        assert await call.outcome() is Outcome.CALLER_HUNG_UP


async def test_a_line_that_fell_silent_before_it_went_away_is_lost_and_not_hung_up(calling) -> None:
    async with calling() as call:
        await greeted(call)
        call.line.quiet_ms = LOST_MS + 1
        await call.line.close()
        assert await call.outcome() is Outcome.LOST


async def test_a_client_whose_line_is_lost_is_asked_back_rather_than_told_of_an_end(calling) -> None:
    async with calling() as call:
        await greeted(call)
        call.conversation.end(Outcome.LOST)
        assert await call.outcome() is Outcome.LOST
        assert call.line.sent[-1] == {"type": "move"}


async def test_an_end_from_outside_wins_over_everything(calling) -> None:
    async with calling() as call:
        await greeted(call)
        call.conversation.end(Outcome.ENDED_BY_OPERATOR)
        assert await call.outcome() is Outcome.ENDED_BY_OPERATOR
