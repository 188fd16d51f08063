from __future__ import annotations

from domain.answering.decision import CANDIDATES, Doubt, settle
from domain.answering.likeness import Likely


def ranked(**scores: float) -> list[Likely]:
    return [Likely(intent, score) for intent, score in scores.items()]


def test_a_clear_winner_needs_no_model():
    assert settle(ranked(hours=0.8, fee=0.5), model_leads=False) == "hours"


def test_a_tie_is_for_the_model_and_nothing_else_is_offered():
    doubt = settle(ranked(hours=0.8, fee=0.75, parking=0.3), model_leads=False)
    assert doubt == Doubt(("hours", "fee"), "hours")


def test_a_weak_winner_may_be_nothing():
    doubt = settle(ranked(hours=0.3, fee=0.2, parking=0.1), model_leads=False)
    assert doubt == Doubt(("hours", "fee", "smalltalk", "unknown"), "hours")


def test_a_weaker_one_is_nothing_without_a_model():
    doubt = settle(ranked(hours=0.2, fee=0.15), model_leads=False)
    assert doubt == Doubt(("hours", "fee", "smalltalk", "unknown"), "unknown")


def test_nothing_alike_offers_no_topic():
    assert settle(ranked(hours=0.05), model_leads=False) == Doubt(("smalltalk", "unknown"), "unknown")
    assert settle([], model_leads=False) == Doubt(("smalltalk", "unknown"), "unknown")


def test_only_a_few_are_offered():
    many = ranked(a=0.8, b=0.79, c=0.78, d=0.77, e=0.76)
    doubt = settle(many, model_leads=False)
    assert isinstance(doubt, Doubt)
    assert doubt.intents == ("a", "b", "c")[:CANDIDATES]


def test_a_model_that_leads_is_always_asked_about_everything():
    doubt = settle(ranked(hours=0.9, fee=0.1), model_leads=True)
    assert doubt == Doubt(("hours", "fee", "person", "smalltalk", "unknown"), "hours")
