"""Which topic a question is about: the likeness to the examples, and the model where that leaves a doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.dialogue import SMALLTALK, UNKNOWN
from domain.likeness import Likely

NOTHING_ALIKE = 0.25
"""Below this no topic is meant: tuned questions outside the facts score up to 0.26, the others from 0.29."""
DOUBTFUL = 0.42
"""Below this the model may say that no topic is meant: all but one real question reached 0.47."""
TIED = 0.06
"""Topics this close together are for the model to choose from."""
CANDIDATES = 4
"""Topics that the model sees: the right one was among the first four for 52 of 52 tuned questions."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is left for the model to decide."""

    intents: tuple[str, ...]
    """Those it may choose, the likeliest first."""
    fallback: str
    """The decision without it."""


def settle(ranked: Sequence[Likely], *, model_leads: bool) -> str | Doubt:
    """The topic where no answer of the model could change it, else what to ask.

    `model_leads` is for models that are better than the likeness: they are always asked, and believed.
    """
    top = ranked[0] if ranked else Likely(UNKNOWN, 0.0)
    fallback = top.intent if top.score >= NOTHING_ALIKE else UNKNOWN
    if model_leads:
        return Doubt((*(likely.intent for likely in ranked), SMALLTALK, UNKNOWN), fallback)
    if top.score < NOTHING_ALIKE:
        return Doubt((SMALLTALK, UNKNOWN), UNKNOWN)
    close = tuple(likely.intent for likely in ranked[:CANDIDATES] if likely.score >= top.score - TIED)
    if top.score < DOUBTFUL:
        return Doubt((*close, UNKNOWN), top.intent)
    return top.intent if len(close) == 1 else Doubt(close, top.intent)
