"""Waits of callers, drawn as turns of a call."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.desk.waits import Figures, Need, figures, guessed, in_order, source_of, waits
from domain.speech import Guesses, Language, Speaker, Turn, TurnKind


def turn(speaker: Speaker, at_ms: int, stages_ms: dict[str, int], intent: str | None = None, kind=TurnKind.ANSWER):
    turn.seq += 1
    return Turn(
        seq=turn.seq,
        speaker=speaker,
        text="…",
        language=Language.EN,
        started_ms=at_ms,
        ended_ms=at_ms + 1_000,
        kind=kind if speaker is Speaker.AGENT else None,
        intent=intent,
        stages_ms=stages_ms,
    )


turn.seq = 0


def asked(at_ms: int, **stages_ms: int) -> Turn:
    return turn(Speaker.CALLER, at_ms, stages_ms)


def told(at_ms: int, intent: str, kind=TurnKind.ANSWER, **stages_ms: int) -> Turn:
    return turn(Speaker.AGENT, at_ms, stages_ms, intent, kind)


CALL = [
    told(0, "greeting", TurnKind.GREETING, brain=5, tts=40),
    asked(2_000, asr=100, endpoint=600),
    told(3_900, "hours", tts=200, brain=0, playout=10),
    asked(6_000, endpoint=640),
    told(7_800, "knowledge:terms.pdf · Returns", brain=5, retrieval=90, tts=100, playout=15),
    asked(10_000, endpoint=620),
    told(11_700, "ticket_made", brain=3, tool=900, tts=60, filler=1_200),
]


def test_an_answer_is_waited_for_stage_by_stage_from_the_end_of_the_callers_turn() -> None:
    _, hours, document, ticket = waits(CALL)
    assert list(hours.stages_ms.items()) == [
        ("endpoint", 600),
        ("asr", 100),
        ("brain", 0),
        ("tts", 200),
        ("playout", 10),
    ]
    assert (hours.first_sound_ms, hours.answer_ms, hours.need) == (900, 910, Need.NOTHING)
    assert (document.need, source_of(document.turn)) == (Need.DOCUMENT, "terms.pdf · Returns")
    assert list(ticket.stages_ms) == ["endpoint", "brain", "tool", "tts", "filler"]
    assert (ticket.need, ticket.first_sound_ms, ticket.answer_ms) == (Need.TOOL, 700, 2_783)


def test_the_figures_are_apart_by_what_the_answers_needed_and_leave_the_greeting_out() -> None:
    more = [asked(20_000, endpoint=640), told(22_000, "where", brain=0, tts=400), told(24_000, "aside", tts=50)]
    by_need = figures(waits([*CALL, *more]))
    assert list(by_need) == [Need.NOTHING, Need.DOCUMENT, Need.TOOL]
    assert by_need[Need.NOTHING] == Figures(
        answers=2, first_sound_p50_ms=950, first_sound_p95_ms=1_000, answer_p50_ms=975, answer_p95_ms=1_040
    )
    assert by_need[Need.TOOL].first_sound_p95_ms == 700


def test_a_need_that_no_answer_had_is_left_out() -> None:
    assert figures(waits(CALL[:1])) == {}
    assert list(figures(waits(CALL[:3]))) == [Need.NOTHING]


def test_a_person_between_question_and_answer_took_the_question() -> None:
    advisor = turn(Speaker.ADVISOR, 5_000, {"asr": 10})
    (wait,) = waits([asked(0, endpoint=600), advisor, told(9_000, "hours", tts=10)])
    assert (wait.stages_ms, wait.first_sound_ms) == ({"tts": 10}, None)


@pytest.mark.parametrize(("intent", "source"), [(None, None), ("hours", None), ("knowledge:a.md", "a.md")])
def test_only_a_quote_has_a_source(intent: str | None, source: str | None) -> None:
    assert source_of(turn(Speaker.AGENT, 0, {}, intent)) == source


def test_what_was_begun_ahead_is_counted_apart_for_words_and_sentences() -> None:
    turns = [
        replace(asked(0), guesses=Guesses(begun=3, thrown_away=2)),
        replace(told(2_000, "hours"), guesses=Guesses(begun=2, thrown_away=1)),
        replace(asked(9_000), guesses=Guesses(begun=1)),
    ]
    assert guessed(turns, Speaker.CALLER) == Guesses(begun=4, thrown_away=2)
    assert guessed(turns, Speaker.AGENT) == Guesses(begun=2, thrown_away=1)


def test_stages_that_nobody_knows_come_last() -> None:
    assert list(in_order({"zoo": 1, "tts": 2, "abc": 3, "retrieval": 4})) == ["retrieval", "tts", "abc", "zoo"]
