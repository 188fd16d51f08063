"""Which words ask for a text, what it says, and that it goes to no number but the caller's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from domain.acting import telling
from domain.acting.action import ActionState, ActResult
from domain.answering.dialogue import ANYTHING_ELSE, PERSON, RECORD_STATUS, Dialogue
from domain.answering.spelling import fold
from domain.desk import hold_sentences
from domain.messaging import OPTED_OUT
from domain.moves import Act, Move, Say
from domain.speech import Language, Speaker, TurnKind
from domain.texting import talk
from domain.texting.book import DO_NOT_CONTACT, SEND_SMS, TOO_MANY_TEXTS
from tests.domain.profiles import SHOP, agent_said, turn

EN, AR = Language.EN, Language.AR
PROFILE = replace(SHOP, actions=(SEND_SMS,))
START = Dialogue(default_language=EN)
FEE = START.after(agent_said("Delivery costs 35 dirhams.", intent="delivery_fee"))
NUMBER = "+971501234567"


def topic_of(words: str) -> str | None:
    known = {"parking": "parking", "الموقف": "parking", "موقف": "parking", "order": RECORD_STATUS}
    return next((topic for word, topic in known.items() if word in words.split()), None)


def asked(text: str, dialogue: Dialogue = FEE, language: Language = EN) -> list[Move] | None:
    """As the brain asks: first what is under way, then what is new."""
    ruled = talk.under_way(text, text, dialogue, PROFILE, language)
    return ruled or talk.moves(text, text, dialogue, PROFILE, language, topic_of)


def act_in(moves: Sequence[Move] | None) -> Act:
    return next(move for move in moves or () if isinstance(move, Act))


def say_in(moves: Sequence[Move] | None) -> Say:
    return next(move for move in moves or () if isinstance(move, Say) and move.kind is not TurnKind.FILLER)


def heard(dialogue: Dialogue, text: str, say: Say, *, interrupted: bool = False) -> Dialogue:
    after = dialogue.after(turn(Speaker.CALLER, text))
    return after.after(replace(agent_said(say.text, say.kind, say.intent), interrupted=interrupted))


@pytest.mark.parametrize(
    "text",
    [
        *("Send me the address by SMS.", "Can you text me the address please?", "text it to me", "Send me a message"),
        *("send it to my phone", "I want an SMS with the address"),
        *("ابعث لي رسالة", "ارسل لي الموقع برسالة نصية من فضلك", "ابعتلي العنوان مسج", "طرش لي مسج باللوكيشن"),
        *("ممكن ترسلين لي أوقات العمل على جوالي", "أبغى رسالة فيها العنوان"),
    ],
)
def test_a_text_is_asked_for(text: str) -> None:
    assert talk.asked_for(fold(text))


@pytest.mark.parametrize(
    "text",
    [
        *("I got a text from you", "did you send me a message?", "don't text me", "what is your address?"),
        *("can you send a technician", "I have a message for the manager"),
        *("وصلتني رسالة منكم", "لا ترسلوا لي رسائل", "ما وصلتني رسالة", "وين العنوان؟"),
    ],
)
def test_other_words_ask_for_none(text: str) -> None:
    assert not talk.asked_for(fold(text))


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("Text me where the parking is", EN, "Noor: Parking is free."),
        ("ابعث لي رسالة عن الموقف", AR, "نور: الموقف مجاني."),
        ("Send me that by SMS", EN, "Noor: Delivery costs 35 dirhams."),
        ("ابعث لي رسالة", AR, "Noor: Delivery costs 35 dirhams."),
    ],
)
def test_it_says_a_fact_or_what_was_told_last(text: str, language: Language, words: str) -> None:
    act = act_in(asked(text, language=language))
    assert (act.action, act.slots["text"]) == (SEND_SMS, words)
    assert "number" not in act.slots


def test_what_is_not_known_is_not_sent() -> None:
    assert say_in(asked("Text me the contract")).intent == talk.ASK_WHAT
    assert say_in(asked("Send me a text", START)).intent == talk.ASK_WHAT
    answered = heard(START, "Send me a text", say_in(asked("Send me a text", START)))
    assert act_in(asked("the parking", answered)).slots["topic"] == "parking"
    assert asked("how much is it?", answered) is None


def test_an_order_is_sent_only_once_it_was_read_out_to_whom_it_belongs() -> None:
    assert asked("text me my order") is None
    proven = START.after(agent_said("Your order comes on Monday.", intent=RECORD_STATUS))
    assert act_in(asked("text me my order", proven)).slots["text"] == "Noor: Your order comes on Monday."


def test_where_the_agent_may_send_none_it_is_not_about_texts() -> None:
    assert talk.moves("Send me a text", "Send me a text", FEE, SHOP, EN, topic_of) is None
    assert talk.under_way("yes", "yes", replace(FEE, last_intent=f"{talk.READ_BACK}told"), SHOP, EN) is None


# ---------------------------------------------------------------- to which number


def test_a_number_is_used_only_after_it_was_read_back_and_agreed_to() -> None:
    question = talk.which_number(act_in(asked("Text me that")), EN)
    dialogue = heard(FEE, "Text me that", question)
    read = say_in(asked("050 123 4567", dialogue))
    assert read.text == hold_sentences.NUMBER_HEARD[EN].format(number="0501234567")
    dialogue = heard(dialogue, "050 123 4567", read)
    assert act_in(asked("yes, that's right", dialogue)).slots["number"] == NUMBER
    again = say_in(asked("no", dialogue))
    assert again.intent == f"{talk.ASK_NUMBER}told"
    dialogue = heard(dialogue, "no", again)
    corrected = say_in(asked("055 765 4321", dialogue))
    dialogue = heard(dialogue, "055 765 4321", corrected)
    act = act_in(asked("yes", dialogue))
    assert (act.slots["number"], act.slots["text"]) == ("+971557654321", "Noor: Delivery costs 35 dirhams.")


def test_a_number_in_the_request_is_read_back_too() -> None:
    read = say_in(asked("Text me that to 050 123 4567"))
    assert read.intent == f"{talk.READ_BACK}told"


def test_a_yes_over_the_number_agrees_to_nothing() -> None:
    read = say_in(asked("Text me that to 050 123 4567"))
    cut = replace(read, text="I have the number")
    dialogue = heard(FEE, "Text me that to 050 123 4567", cut, interrupted=True)
    assert say_in(asked("yes", dialogue)).intent == f"{talk.ASK_NUMBER}told"


def test_half_a_number_no_number_and_other_words() -> None:
    dialogue = heard(FEE, "Text me that", talk.which_number(act_in(asked("Text me that")), EN))
    assert say_in(asked("050 12", dialogue)).text == hold_sentences.PART_OF_NUMBER[EN]
    assert say_in(asked("no thanks", dialogue)).intent == ANYTHING_ELSE
    assert asked("How much is delivery?", dialogue) is None
    assert asked("fire! call 997", dialogue) is None


def test_the_same_text_to_the_same_number_is_the_same_action() -> None:
    act = act_in(asked("Text me that"))
    one, again = talk.addressed(act, NUMBER), talk.addressed(act_in(asked("send me that by sms")), NUMBER)
    other = talk.addressed(act, "+971557654321")
    assert one.slots["to"] == NUMBER
    assert one.slots["subject"] == again.slots["subject"] != other.slots["subject"]
    assert "501234567" not in one.slots["subject"]


def test_once_more_is_asked_for_and_is_another() -> None:
    result = ActResult(key="k", action=SEND_SMS, state=ActionState.DONE, known=True)
    text, intent = telling.told(result, {"topic": "parking"}, EN)
    dialogue = heard(FEE, "Text me that", Say(text=text, language=EN, intent=intent))
    act = act_in(asked("yes please", dialogue))
    assert (act.slots["repeat"], act.slots["topic"]) == ("1", "parking")
    assert say_in(asked("no", dialogue)).intent == ANYTHING_ELSE


def test_what_is_said_about_a_text_is_nothing_that_could_be_texted() -> None:
    text, intent = telling.told(ActResult(key="k", action=SEND_SMS, state=ActionState.DONE), {}, EN)
    assert FEE.after(agent_said(text, intent=intent)).last_told == "Delivery costs 35 dirhams."


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("state", list(ActionState))
@pytest.mark.parametrize("reason", [None, OPTED_OUT, DO_NOT_CONTACT, TOO_MANY_TEXTS])
def test_every_end_has_its_words(state: ActionState, reason: str | None, language: Language) -> None:
    result = ActResult(key="k", action=SEND_SMS, state=state, reason=reason)
    text, intent = telling.told(result, {}, language)
    assert text
    assert (intent == PERSON) is (state is ActionState.REJECTED and reason is None)
