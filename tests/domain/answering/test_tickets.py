"""Which words ask for a ticket, and which requests are the same one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.acting.action import ActionState, ActResult
from domain.answering import tickets
from domain.answering.dialogue import ASK_TROUBLE, Dialogue
from domain.answering.spelling import fold
from domain.moves import Act, Say
from domain.speech import Language, TurnKind
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
        ("Open a ticket, my fridge is leaking.", "Is there parking? Open a ticket, my fridge is leaking."),
        ("My fridge is leaking. Please open a ticket.", "Open a ticket, my fridge is leaking. Where is your shop?"),
        ("افتح لي تذكرة، الثلاجة تسرب", "متى تفتحون؟ افتح لي تذكرة، الثلاجة تسرب."),
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
    moves = tickets.moves("Open a ticket, my fridge is leaking.", START, PROFILE, EN)
    assert moves is not None
    assert moves[0] == Say(text=tickets.OPENING[EN], language=EN, kind=TurnKind.FILLER)
    assert moves[1:] == [
        Act(action="create_ticket", slots={"subject": "fridg leak", "trouble": "Open a ticket, my fridge is leaking."})
    ]


def test_without_a_trouble_it_is_asked_for() -> None:
    (asked,) = tickets.moves("Open a ticket please.", START, PROFILE, EN) or []
    assert isinstance(asked, Say)
    assert asked.intent == tickets.ASK_TROUBLE
    asking = replace(START, last_intent=tickets.ASK_TROUBLE)
    _, act = tickets.moves("The washing machine does not spin", asking, PROFILE, EN) or []
    assert isinstance(act, Act)
    assert act.slots["trouble"] == "The washing machine does not spin"


def test_where_the_agent_may_open_none_it_is_not_about_tickets() -> None:
    assert tickets.moves("Open a ticket, my fridge is leaking.", START, SHOP, EN) is None
    known = replace(START, last_intent=tickets.TICKET_KNOWN, answered_question="Open a ticket, my fridge is leaking.")
    assert tickets.confirmed("yes please", known, SHOP, EN) is None


def test_another_one_that_was_confirmed_is_a_repetition() -> None:
    known = replace(START, last_intent=tickets.TICKET_KNOWN, answered_question="Open a ticket, my fridge is leaking.")
    _, act = tickets.confirmed("yes please", known, PROFILE, EN) or []
    assert isinstance(act, Act)
    assert (act.slots["subject"], act.slots["repeat"]) == ("fridg leak", "1")
    (kept,) = tickets.confirmed("no thank you", known, PROFILE, EN) or []
    assert isinstance(kept, Say)
    assert tickets.confirmed("When do you open?", known, PROFILE, EN) is None
    assert tickets.confirmed("yes", START, PROFILE, EN) is None


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("state", list(ActionState))
def test_every_end_has_its_words(state: ActionState, language: Language) -> None:
    result = ActResult(key="k", action="create_ticket", state=state, reference="4711")
    text, intent = tickets.told(result, language)
    assert text
    assert intent
    assert ("4711" in text) == (state is ActionState.DONE)
    assert "{" not in text


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("Open a ticket, my fridge is leaking. My number is 050 123 4567.", "My fridge is leaking"),
        ("I said a ticket please, the fridge leaks!", "The fridge leaks"),
        ("افتح لي تذكرة، الثلاجة تسرب ماي، رقمي ٠٥٠١٢٣٤٥٦٧", "الثلاجة تسرب ماي"),
        ("the door is broken, and it smells", "The door is broken, and it smells"),
        ("a ticket please", "A ticket please"),
    ],
)
def test_the_headline_of_a_ticket_says_what_is_wrong(said: str, line: str) -> None:
    assert tickets.headline(said) == line


@pytest.mark.parametrize(
    ("said", "opens"),
    [
        ("How much is delivery?", False),
        ("كم سعر التوصيل", False),
        ("what happened is that it broke", True),
        ("the delivery man broke the door", True),
    ],
)
def test_a_question_in_answer_to_what_is_the_trouble_is_no_trouble(said: str, opens: bool) -> None:
    asked = replace(START, last_intent=ASK_TROUBLE)
    moves = tickets.moves(said, asked, PROFILE, EN, lambda text: True)
    assert bool(moves) == opens
