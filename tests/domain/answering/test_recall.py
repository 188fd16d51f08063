from __future__ import annotations

from dataclasses import replace

import pytest

from domain.answering.recall import LONGEST_WORDS, asked_about
from domain.speech import Language, Speaker, Turn
from domain.tenant import Fact
from tests.realtime.plain import PROFILE

EN, AR = Language.EN, Language.AR
SHOP = replace(
    PROFILE,
    facts=(
        Fact(
            intent="hours",
            about="opening hours",
            examples={EN: ("When do you open?",), AR: ("متى تفتحون؟",)},
            answer={EN: "At nine.", AR: "في التاسعة."},
        ),
    ),
)


def turn(speaker: Speaker, text: str, intent: str | None = None) -> Turn:
    return Turn(seq=1, speaker=speaker, text=text, language=EN, started_ms=0, ended_ms=0, intent=intent)


ANSWERED = [turn(Speaker.CALLER, "when do you open"), turn(Speaker.AGENT, "At nine.", "hours")]


@pytest.mark.parametrize(
    ("history", "language", "said"),
    [
        (ANSWERED, EN, "You were asking about opening hours."),
        (ANSWERED, AR, "كنت تسأل: متى تفتحون؟"),
        ([turn(Speaker.CALLER, "where is my order?")], EN, "You said: where is my order."),
        ([turn(Speaker.CALLER, "وين طلبي؟")], AR, "كنت تقول: وين طلبي."),
        ([turn(Speaker.AGENT, "hello")], EN, None),
        ([turn(Speaker.CALLER, "x" * (LONGEST_WORDS + 1))], EN, None),
        ([turn(Speaker.CALLER, "?")], EN, None),
        ([*ANSWERED, turn(Speaker.AGENT, "Well.", "smalltalk")], EN, None),
        ([], EN, None),
    ],
)
def test_what_was_asked_is_said_back(history: list[Turn], language: Language, said: str | None) -> None:
    assert asked_about(history, SHOP, language) == said
