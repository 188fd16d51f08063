"""What is decided without a model, and what a model may not say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.answering import sayings, triggers
from domain.answering.dialogue import ANYTHING_ELSE, LANGUAGE, PERSON, SMALLTALK, UNKNOWN
from domain.answering.policy import FAILURES_BEFORE_PERSON, fail, language_of, overrule, permit
from domain.answering.spelling import fold
from domain.moves import Act, Goodbye, Handoff, Hold, Say
from domain.speech import TurnKind
from tests.domain.profiles import AR, EN, FRESH, SHOP, agent_said, said


def ruled(text, language=EN, dialogue=FRESH):
    return overrule(said(text, language), dialogue, SHOP)


# ---------------------------------------------------------------- emergency


@pytest.mark.parametrize(
    "text",
    [
        "Fire!",
        "gas",
        "There's a fire in my kitchen",
        "My oven is on fire",
        "I smell gas near the cooker",
        "The gas cooker is leaking gas",
        "smoke is coming out of my gas oven",
        "My father collapsed and he is not breathing",
        "I got an electric shock from the washer",
        "We need an ambulance",
    ],
)
def test_an_emergency_in_english(text):
    first, second = ruled(text)
    assert isinstance(first, Say)
    assert "997" in first.text
    assert (first.kind, first.language) == (TurnKind.ANSWER, EN)
    assert isinstance(second, Handoff)
    assert second.urgent
    assert second.reason == "emergency"


@pytest.mark.parametrize(
    "text",
    [
        "حريق!",
        "في حريق في المطبخ",
        "ريحة غاز قوية في البيت",
        "غاز",
        "دخان يطلع من الغسالة",
        "والدي مغمى عليه",
        "النار شبت",
        "الحقوني",
    ],
)
def test_an_emergency_in_arabic(text):
    first, second = ruled(text, AR)
    assert "997" in first.text
    assert first.language is AR
    assert second.urgent


@pytest.mark.parametrize(
    "text",
    [
        "Do you sell gas cookers?",
        "Is it a gas or electric oven?",
        "Do you have smoke detectors?",
        "عندكم طباخ غاز؟",
        "تبيعون طباخات غاز",
        "When do you open?",
        "I was fired up about the sale",
    ],
)
def test_what_is_sold_is_no_emergency(text):
    assert ruled(text) is None


# ---------------------------------------------------------------- a person


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I want to talk to a person", EN),
        ("get me a human", EN),
        ("Could I talk with one of your staff please", EN),
        ("Can I speak to the manager?", EN),
        ("agent please", EN),
        ("I need to talk to someone about my fridge", EN),
        ("أريد التحدث مع موظف", AR),
        ("ابا ارمس ويا حد من الموظفين", AR),
        ("ابغى اكلم موظف", AR),
        ("عايز اكلم حد", AR),
        ("بدي احكي مع حدا", AR),
        ("حولني على موظف الله يخليك", AR),
        ("موظف لو سمحت", AR),
        ("خدمة العملاء", AR),
    ],
)
def test_a_person_is_asked_for(text, language):
    (move,) = ruled(text, language)
    assert isinstance(move, Handoff)
    assert (move.reason, move.urgent, move.language) == ("caller_asked", False, language)
    assert move.text


@pytest.mark.parametrize(
    "text", ["I need someone to fix my fridge", "Can a person collect my order?", "المكيف خرب وابغي حد يصلحه"]
)
def test_a_person_is_mentioned(text):
    assert ruled(text) is None


def test_the_agent_says_that_it_is_a_machine():
    for text, language, word in (("Am I talking to a real person?", EN, "automated"), ("هل أنت إنسان؟", AR, "الآلي")):
        (move,) = ruled(text, language)
        assert isinstance(move, Say)
        assert word in move.text
        assert SHOP.name[language] in move.text


# ---------------------------------------------------------------- nothing, again, goodbye, courtesy


@pytest.mark.parametrize("text", ["", "   ", "…", "?!", "اشتركوا في القناة", "you"])
def test_nothing_was_said(text):
    (move,) = ruled(text)
    assert (move.kind, move.intent) == (TurnKind.CLARIFY, UNKNOWN)


def test_nothing_was_said_in_an_arabic_call():
    dialogue = FRESH.after(agent_said("أهلاً", TurnKind.GREETING, language=AR))
    (move,) = overrule(said("", EN, confidence=0.2), dialogue, SHOP)
    assert move.language is AR


@pytest.mark.parametrize(
    "text", ["Bye", "thanks, bye", "No thank you, that's all", "goodbye Noor", "مع السلامة", "شكرا باي"]
)
def test_goodbye(text):
    (move,) = ruled(text, AR if text > "z" else EN)
    assert isinstance(move, Goodbye)


@pytest.mark.parametrize(
    "text", ["By the way, what are your hours?", "Bye, but first: when do you open?", "please don't hang up"]
)
def test_no_goodbye_while_something_is_asked(text):
    assert ruled(text) is None


def test_no_is_goodbye_only_after_the_offer():
    assert ruled("no") is None
    (move,) = ruled("no", dialogue=FRESH.after(agent_said("Anything else?", intent=ANYTHING_ELSE)))
    assert isinstance(move, Goodbye)


def test_yes_to_a_colleague_is_a_handoff():
    offered = FRESH.after(agent_said("Would you like that?", TurnKind.CLARIFY, PERSON))
    (move,) = ruled("yes please", dialogue=offered)
    assert isinstance(move, Handoff)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Thank you!", ANYTHING_ELSE),
        ("شكرا جزيلا", ANYTHING_ELSE),
        ("Hello", SMALLTALK),
        ("السلام عليكم كيف حالك", SMALLTALK),
    ],
)
def test_courtesies_need_no_model(text, intent):
    (move,) = ruled(text)
    assert (move.kind, move.intent) == (TurnKind.ANSWER, intent)


def test_thanks_with_a_question_is_a_question():
    assert ruled("Thanks, and how much is delivery?") is None


@pytest.mark.parametrize("text", ["Please don't record me", "delete my data", "لا تسجلوا المكالمة", "احذفوا بياناتي"])
def test_opting_out_is_answered_by_rule(text):
    (move,) = ruled(text)
    assert move.intent == "opt_out"


@pytest.mark.parametrize(
    "text",
    [
        "Please don't call me again.",
        "Stop calling me!",
        "take me off your list",
        "Don't call me",
        "remove my number please",
        "لا تتصلوا بي مرة ثانية",
        "لا تتصل بي",
        "احذفوا رقمي من عندكم",
        "توقفوا عن الاتصال",
    ],
)
def test_who_asks_never_to_be_called_is_told_that_it_is_so(text):
    (move,) = ruled(text)
    assert move.intent == "opt_out"
    assert move.text in sayings.NEVER_CALLED.values()


@pytest.mark.parametrize(
    "text",
    ["Don't call me on Friday, call me on Sunday", "لا تتصل بي يوم الجمعة بل يوم الأحد", "call me again tomorrow"],
)
def test_a_time_at_which_not_to_be_called_is_not_for_ever(text):
    assert not triggers.asks_never_to_be_called(fold(text))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Can you speak Arabic?", AR),
        ("Arabic please", AR),
        ("ممكن نتكلم انجليزي", EN),
        ("English please", EN),
        ("احكي عربي", AR),
        ("الإنجليزية", EN),
    ],
)
def test_another_language_is_asked_for(text, wanted):
    (move,) = ruled(text)
    assert (move.language, move.intent) == (wanted, LANGUAGE)


def test_a_language_is_mentioned():
    assert ruled("Is the manual of the washing machine in Arabic or not?") is None


def test_the_wanted_language_stays():
    dialogue = FRESH.after(agent_said(sayings.LANGUAGE_CHANGED[AR], intent=LANGUAGE, language=AR))
    assert language_of(said("When do you open?"), dialogue) is AR


def test_letters_decide_the_language_before_the_recogniser():
    assert language_of(said("عندكم washing machine؟", EN), FRESH) is AR
    assert language_of(said("4572", AR, confidence=0.9), FRESH) is AR
    assert language_of(said("4572", AR, confidence=0.2), FRESH) is EN


# ---------------------------------------------------------------- again


def test_say_that_again():
    dialogue = FRESH.after(agent_said("Parking is free.", intent="parking"))
    for text in ("Could you say that again please?", "pardon?", "repeat"):
        (move,) = ruled(text, dialogue=dialogue)
        assert (move.text, move.intent) == ("Parking is free.", "parking")


def test_say_that_again_is_whole_after_an_interruption():
    dialogue = FRESH.after(replace(agent_said("Parking", intent="parking"), interrupted=True))
    (move,) = ruled("أعد لو سمحت", AR, dialogue)
    assert (move.text, move.language) == ("الموقف مجاني.", AR)


def test_say_that_again_before_anything_was_said():
    (move,) = ruled("say that again")
    assert move.text == sayings.NOTHING_SAID_YET[EN]


# ---------------------------------------------------------------- failures


def test_the_third_failure_goes_to_a_person():
    dialogue = FRESH
    for _ in range(FAILURES_BEFORE_PERSON - 1):
        (move,) = fail(dialogue, EN, "Sorry?")
        assert (move.kind, move.intent) == (TurnKind.CLARIFY, UNKNOWN)
        dialogue = dialogue.after(agent_said(move.text, move.kind, move.intent))
    (move,) = fail(dialogue, EN, "Sorry?")
    assert isinstance(move, Handoff)
    assert move.reason == "failures"


# ---------------------------------------------------------------- after the model


def own(text, language=EN, intent=SMALLTALK):
    return Say(text=text, language=language, intent=intent)


@pytest.mark.parametrize(
    "move",
    [
        own("Yes, it is a lovely day!"),
        own("نعم، الجو جميل!", AR),
        own("Parking is free.", intent="parking"),
        own("Delivery costs 35 dirhams.", intent="delivery_fee"),
        Act(action="book_repair"),
        Hold(text="One moment.", language=EN),
    ],
)
def test_permitted(move):
    assert permit(move, FRESH, SHOP) == [move]


@pytest.mark.parametrize(
    "move",
    [
        pytest.param(own(""), id="empty"),
        pytest.param(own("a" * 500), id="endless"),
        pytest.param(own("Delivery costs 20 dirhams."), id="hallucinated figure"),
        pytest.param(own("Delivery costs twenty dirhams."), id="figure in words"),
        pytest.param(own("It is all free for you."), id="promise"),
        pytest.param(own("التوصيل يكلف ٢٠ درهم", AR), id="figure in Arabic digits"),
        pytest.param(own("مرحبا بك"), id="wrong language"),
        pytest.param(own("Hello there", AR), id="wrong language in Arabic"),
        pytest.param(own("Fine.", intent="fly_to_the_moon"), id="intent of nobody"),
        pytest.param(Hold(text="لحظة", language=EN), id="hold in the wrong language"),
    ],
)
def test_refused_words_become_a_question(move):
    (instead,) = permit(move, FRESH, SHOP)
    assert isinstance(instead, Say)
    assert instead.kind is TurnKind.CLARIFY
    assert instead.language is move.language


def test_an_action_that_is_not_the_tenants():
    (instead,) = permit(Act(action="refund_everything"), FRESH, SHOP)
    assert isinstance(instead, Say)
    assert instead.intent == PERSON
