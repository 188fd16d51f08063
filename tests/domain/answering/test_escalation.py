"""What the agent gives to a person of its own accord."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.answering import sayings
from domain.answering.dialogue import PERSON
from domain.answering.escalation import above_limit, offer_person, tool_down
from domain.answering.policy import overrule
from domain.mood.estimate import CallerTurn
from domain.mood.reader import estimate
from domain.moves import Handoff, Say
from domain.speech import TurnKind
from tests.domain.profiles import AR, EN, FRESH, SHOP, agent_said, said


def readings(*texts: str):
    turns = [CallerTurn(text=text) for text in texts]
    return [estimate(turns[: end + 1]) for end in range(len(turns))]


def test_a_person_is_offered_once_when_the_mood_turns():
    told = ["When do you open?", "This is unacceptable, you liars", "I am furious"]
    offers = [offer_person(readings(*told[: end + 1]), EN) for end in range(len(told))]
    assert [offer is not None for offer in offers] == [False, True, False]
    offer = offers[1]
    assert offer is not None
    assert (offer.text, offer.kind, offer.intent) == (sayings.OFFER_UPSET[EN], TurnKind.CLARIFY, PERSON)


def test_somebody_in_distress_is_offered_a_person_in_other_words():
    offer = offer_person(readings("ساعدوني الله يخليكم انا خايفة"), AR)
    assert offer is not None
    assert (offer.text, offer.language) == (sayings.OFFER_DISTRESSED[AR], AR)


@pytest.mark.parametrize(
    ("reply", "language"),
    [("yes please", EN), ("ok", EN), ("تمام", AR), ("ايوه حولني", AR), ("ماشي", AR), ("No, I don't mind", EN)],
)
def test_yes_to_the_offer_is_a_handoff(reply, language):
    offered = FRESH.after(agent_said(sayings.OFFER_UPSET[language], TurnKind.CLARIFY, PERSON, language))
    (move,) = overrule(said(reply, language), offered, SHOP) or [None]
    assert isinstance(move, Handoff)
    assert move.reason == "caller_asked"


@pytest.mark.parametrize(("reply", "language"), [("no", EN), ("no thanks", EN), ("لا", AR), ("لا شكرا", AR)])
def test_no_to_the_offer_goes_on(reply, language):
    offered = FRESH.after(agent_said(sayings.OFFER_UPSET[language], TurnKind.CLARIFY, PERSON, language))
    (move,) = overrule(said(reply, language), offered, SHOP) or [None]
    assert isinstance(move, Say)
    assert move.intent != PERSON


def test_a_question_instead_of_a_reply_is_answered():
    offered = FRESH.after(agent_said(sayings.OFFER_UPSET[EN], TurnKind.CLARIFY, PERSON))
    assert overrule(said("I don't want that, where is my order"), offered, SHOP) is None


def test_a_tool_that_is_down():
    move = tool_down(AR)
    assert (move.reason, move.text, move.language) == ("tool_down", sayings.TOOL_DOWN[AR], AR)


@pytest.mark.parametrize(
    ("amount", "limit", "handed"),
    [
        ("500", 500, False),
        ("500.01", 500, True),
        ("-500.01", 500, True),
        ("0", 0, False),
        ("1", 0, True),
        ("99999999", None, False),
        ("NaN", 500, True),
        ("Infinity", 500, True),
    ],
)
def test_an_amount_above_the_limit(amount, limit, handed):
    move = above_limit(Decimal(amount), limit, EN)
    assert (move is not None) is handed
    if move is not None:
        assert (move.reason, move.text) == ("amount", sayings.ABOVE_LIMIT[EN])
