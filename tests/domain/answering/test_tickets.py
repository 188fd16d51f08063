"""Which words ask for a ticket, and which requests are the same one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.acting.action import ActionState, ActResult
from domain.answering import tickets
from domain.answering.dialogue import Dialogue
from domain.answering.spelling import fold
from domain.moves import Act
from domain.speech import Language
from tests.domain.profiles import SHOP

EN, AR = Language.EN, Language.AR
PROFILE = replace(SHOP, actions=("create_ticket",))
START = Dialogue(default_language=EN)


@pytest.mark.parametrize(
    "text",
    [
        "Open a ticket, my fridge is leaking.",
        "Please raise a ticket for the oven.",
        "I have a complaint about the delivery",
        "افتح لي تذكرة الثلاجة تسرب",
        "أبغى أشتكي على التوصيل",
        "سجلوا شكوى، المكيف خربان",
        "عايز افتح تذكرة",
    ],
)
def test_a_ticket_is_asked_for(text: str) -> None:
    assert tickets.asked_for(fold(text))


@pytest.mark.parametrize(
    "text",
    ["How much is a ticket to the museum?", "Is the shop open?", "متى تفتحون؟", "my fridge is leaking", "بكم الثلاجة؟"],
)
def test_other_words_ask_for_none(text: str) -> None:
    assert not tickets.asked_for(fold(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Open a ticket, my fridge is leaking.", "I said open a ticket please, the fridge is leaking!"),
        ("Open a ticket, my fridge is leaking.", "Yes, my fridge leaks. Open a ticket now."),
        ("افتح لي تذكرة، الثلاجة تسرب", "قلت لك افتح تذكرة الثلاجة تسرب لو سمحت"),
    ],
)
def test_the_same_trouble_is_the_same_subject(one: str, other: str) -> None:
    assert tickets.subject_of(one) == tickets.subject_of(other) != ""


def test_another_trouble_is_another_subject() -> None:
    assert tickets.subject_of("open a ticket, my fridge is leaking") != tickets.subject_of(
        "open a ticket, my oven is leaking"
    )


def test_the_action_carries_its_subject_and_the_callers_words() -> None:
    act = tickets.act("Open a ticket, my fridge is leaking.", START, PROFILE)
    assert act == Act(
        action="create_ticket", slots={"subject": "fridg leak", "trouble": "Open a ticket, my fridge is leaking."}
    )


def test_without_a_trouble_or_the_right_there_is_no_action() -> None:
    assert tickets.act("Open a ticket please.", START, PROFILE) is None
    assert tickets.act("Open a ticket, my fridge is leaking.", START, SHOP) is None


def test_what_was_asked_back_is_the_trouble() -> None:
    asked = replace(START, last_intent=tickets.ASK_TROUBLE)
    act = tickets.act("The washing machine does not spin", asked, PROFILE)
    assert act is not None
    assert act.slots["trouble"] == "The washing machine does not spin"


def test_another_one_that_was_confirmed_is_a_repetition() -> None:
    known = replace(START, last_intent=tickets.TICKET_KNOWN, answered_question="Open a ticket, my fridge is leaking.")
    act = tickets.act("yes please", known, PROFILE)
    assert act is not None
    assert (act.slots["subject"], act.slots["repeat"]) == ("fridg leak", "1")


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("state", list(ActionState))
def test_every_end_has_its_words(state: ActionState, language: Language) -> None:
    result = ActResult(key="k", action="create_ticket", state=state, reference="4711")
    text, intent = tickets.told(result, language)
    assert text
    assert intent
    assert ("4711" in text) == (state is ActionState.DONE)
    assert "{" not in text
