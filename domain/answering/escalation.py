"""When the agent gives a call to a person of its own accord: a mood that turned, a tool that is down, a high amount."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from domain.answering import sayings
from domain.answering.dialogue import PERSON
from domain.mood.estimate import Mood, MoodReading, turned
from domain.moves import Handoff, Say
from domain.speech import Language, TurnKind

TOOL_DOWN = "tool_down"
AMOUNT = "amount"
"""Reasons of a Handoff."""


def offer_person(readings: Sequence[MoodReading], language: Language) -> Say | None:
    """The offer of a person to a caller whose mood has turned with the last reading.

    An estimate may be wrong, so it is a question: "yes" to it is the caller's own wish for a person.
    """
    if not turned(readings):
        return None
    words = sayings.OFFER_DISTRESSED if readings[-1].mood is Mood.DISTRESSED else sayings.OFFER_UPSET
    return Say(text=words[language], language=language, kind=TurnKind.CLARIFY, intent=PERSON)


def tool_down(language: Language) -> Handoff:
    """For a system that an action needs and that doesn't answer, once its own tries are used up."""
    return Handoff(reason=TOOL_DOWN, text=sayings.TOOL_DOWN[language], language=language)


def above_limit(amount: Decimal, limit: Decimal | int | None, language: Language) -> Handoff | None:
    """The handoff of an action that moves more money than the agent may; refunds count like payments.

    Without a limit nothing is too much. What is no number is too much for any limit.
    """
    if limit is None or (amount.is_finite() and abs(amount) <= limit):
        return None
    return Handoff(reason=AMOUNT, text=sayings.ABOVE_LIMIT[language], language=language)
