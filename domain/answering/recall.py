"""What a caller was asking about when the line broke, from the turns before."""

from __future__ import annotations

from collections.abc import Sequence

from domain.speech import Language, Speaker, Turn
from domain.tenant import TenantProfile, Words

ASKED_ABOUT: Words = {Language.EN: "You were asking about {about}.", Language.AR: "كنت تسأل: {about}"}
SAID: Words = {Language.EN: "You said: {words}.", Language.AR: "كنت تقول: {words}."}
LONGEST_WORDS = 80
"""Characters of the caller's own words that are said back: about 5 s; more is not listened to."""


def asked_about(history: Sequence[Turn], profile: TenantProfile, language: Language) -> str | None:
    """One sentence: the caller's own words while nobody has answered them, else what was answered last; None at first.

    An Arabic sentence quotes the tenant's first example of the question, which is written as it is said.
    """
    last = history[-1] if history else None
    if last is not None and last.speaker is Speaker.CALLER:
        words = last.text.strip().rstrip(".؟?!،,")
        return SAID[language].format(words=words) if 0 < len(words) <= LONGEST_WORDS else None
    intent = next((turn.intent for turn in reversed(history) if turn.speaker is Speaker.AGENT and turn.intent), None)
    for fact in profile.facts:
        if fact.intent == intent:
            if language is Language.EN:
                return ASKED_ABOUT[language].format(about=fact.about)
            examples = fact.examples.get(language)
            return ASKED_ABOUT[language].format(about=examples[0]) if examples else None
    return None
