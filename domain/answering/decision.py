"""Which topic a question is about: the likeness to the examples, and the model where that leaves a doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.answering.dialogue import PERSON, SMALLTALK, UNKNOWN
from domain.answering.likeness import Likely

HOPELESS = 0.12
"""Below this no topic is even offered to the model: 17 of 36 questions outside the facts score less, none inside."""
NOTHING_ALIKE = 0.25
"""Below this no topic is meant where there is no model to ask: 28 of 36 outside score less, 5 of 259 inside."""
DOUBTFUL = 0.36
"""Below this the model may say that no topic is meant: 30 of 36 outside, 10 of 259 inside. Up to 0.42 there are nine
more inside and two outside, and the 0.5B model took several of the nine for nothing."""
CERTAIN = 0.7
"""From here on a topic is meant beyond doubt, and no document is looked at: 117 of 243 right ones score more, 2 of 16
wrong ones. Below it a document that is sure enough speaks first."""
TIED = 0.08
"""Topics this close together are for the model to choose from. Of 36 questions in any doubt it got 28 right, and the
order by likeness 24."""
CANDIDATES = 3
"""Topics that the model sees with an example each, which cost about 0.3 s apiece on two cores."""
_WORTH_A_LOOK = 0.5
"""Share of the best score that a topic needs to be offered beside it."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is left for the model to decide."""

    intents: tuple[str, ...]
    """Those it may choose, the likeliest first."""
    fallback: str
    """The decision without it."""


def settle(ranked: Sequence[Likely], *, model_leads: bool) -> str | Doubt:
    """The topic where no answer of the model could change it, else what to ask.

    `model_leads` is for models that are better than the likeness: they are always asked, and believed. Only they may
    propose a person: who asks for one is heard before any model, and a small one hands over on a whim.
    """
    top = ranked[0] if ranked else Likely(UNKNOWN, 0.0)
    fallback = top.intent if top.score >= NOTHING_ALIKE else UNKNOWN
    if model_leads:
        return Doubt((*(likely.intent for likely in ranked), PERSON, SMALLTALK, UNKNOWN), fallback)
    if top.score < HOPELESS:
        return Doubt((SMALLTALK, UNKNOWN), UNKNOWN)
    if top.score < DOUBTFUL:
        offered = tuple(likely.intent for likely in ranked[:CANDIDATES] if likely.score >= top.score * _WORTH_A_LOOK)
        return Doubt((*offered, SMALLTALK, UNKNOWN), fallback)
    close = tuple(likely.intent for likely in ranked[:CANDIDATES] if likely.score >= top.score - TIED)
    return top.intent if len(close) == 1 else Doubt(close, top.intent)
