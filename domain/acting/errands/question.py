"""A question of an errand: what is missing before it can be done."""

from __future__ import annotations

import re

from domain.answering import policy
from domain.answering.dialogue import ERRAND, ERRAND_AGAIN, Dialogue
from domain.moves import Move, Say
from domain.speech import Language, TurnKind
from domain.tenant import Words

_PHONE = re.compile(r"\+?\d[\d -]{7,}")


def question(kind: str, step: str, words: Words, dialogue: Dialogue, language: Language, **values: str) -> Move:
    """Asked for the first time it is a step forward; asked again it is a failure, and the third one gets a person."""
    again = dialogue.errand_step == (kind, step)
    if again and dialogue.failures + 1 >= policy.FAILURES_BEFORE_PERSON:
        return policy.fail(dialogue, language, "")[0]
    intent = f"{ERRAND_AGAIN if again else ERRAND}{kind}:{step}"
    return Say(text=words[language].format(**values), language=language, kind=TurnKind.CLARIFY, intent=intent)


def words_of(kind: str, text: str, dialogue: Dialogue) -> str:
    """What the caller said of this errand so far, a line for each answer, these words last."""
    earlier = dialogue.errand if dialogue.errand_step is not None and dialogue.errand_step[0] == kind else ""
    return f"{earlier}\n{text}".strip()


def without_phones(words: str) -> str:
    """The same words without telephone numbers, so that neither a day nor a time is read out of one."""
    return _PHONE.sub(" ", words)
