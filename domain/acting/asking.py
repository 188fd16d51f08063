"""How a caller is asked again for what an action can't take as it was said."""

from __future__ import annotations

from collections.abc import Mapping

from domain.answering import policy
from domain.answering.dialogue import ASK_NOTE, ASK_TROUBLE, UNKNOWN, Dialogue
from domain.moves import Move, Say
from domain.speech import Language, TurnKind
from domain.tenant import Words

EN, AR = Language.EN, Language.AR
TOO_LONG = "too_long"
FOREIGN = frozenset({"instruction", "not_said", "no_text", "no_such_slot", "no_such_tool"})
"""Reasons that are no slip of the tongue: the words are not the caller's, or not meant for us."""
SHORTER: Words = {
    EN: "That was a lot at once. Please tell me in one or two short sentences what I should write down.",
    AR: "كان هذا كثيراً دفعة واحدة. من فضلك قل لي في جملة أو جملتين ماذا أسجل.",
}
OWN_WORDS: Words = {
    EN: "I can't take that down as it is. Please tell me in your own words what it is about.",
    AR: "لا أستطيع تسجيل هذا كما هو. من فضلك قل لي بكلماتك ما هو الموضوع.",
}
ONCE_MORE: Words = {
    EN: "I didn't get that right. Please say it once more.",
    AR: "لم أفهم هذا جيداً. من فضلك قله مرة أخرى.",
}
_ASKED_FOR: Mapping[str, str] = {"create_ticket": ASK_TROUBLE, "update_ticket": ASK_NOTE}
"""The question that is open again, so that the next words are its answer."""


def again(action: str, why: str, dialogue: Dialogue, language: Language) -> Move:
    """Instead of an action whose slots were refused, `why` being the reason's code; the third time a person."""
    if dialogue.failures + 1 >= policy.FAILURES_BEFORE_PERSON:
        return policy.fail(dialogue, language, "")[0]
    words = SHORTER if why == TOO_LONG else OWN_WORDS if why in FOREIGN else ONCE_MORE
    intent = _ASKED_FOR.get(action, UNKNOWN)
    return Say(text=words[language], language=language, kind=TurnKind.CLARIFY, intent=intent)
