"""How to go on with a caller whose line broke, from the turns before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain import sentences
from domain.answering.dialogue import HANDOFF_PREFIX
from domain.speech import Language, Speaker, Turn, TurnKind
from domain.tenant import TenantProfile, Words

ASKED_ABOUT: Words = {Language.EN: "You were asking about {about}.", Language.AR: "كنت تسأل: {about}"}
SAID: Words = {Language.EN: "You said: {words}.", Language.AR: "كنت تقول: {words}."}
LONGEST_WORDS = 80
"""Characters of the caller's own words that are said back: about 5 s; more is not listened to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopening:
    """What the agent does on a line that comes back in the middle of a conversation with it."""

    said: tuple[str, ...]
    """What is said first. Fixed sentences stand by themselves: they are kept as audio, and heard at once."""
    unanswered: Turn | None = None
    """What the caller said last, to be answered next."""
    promised: str | None = None
    """A person was promised for this reason, and the promise may have died with the line."""
    from_advisor: bool = False
    """It was an advisor who spoke with the caller."""


def reopening(history: Sequence[Turn], profile: TenantProfile, language: Language) -> Reopening:
    """`history` has at least one turn."""
    # A filler answers nothing: what was asked before it still waits.
    history = [turn for turn in history if turn.kind is not TurnKind.FILLER] or history
    last, cut_off = history[-1], sentences.CUT_OFF[language]
    if last.speaker is Speaker.ADVISOR:
        return Reopening(said=(cut_off,), from_advisor=True)
    if last.intent is not None and last.intent.startswith(HANDOFF_PREFIX):
        return Reopening(said=(cut_off,), promised=last.intent.removeprefix(HANDOFF_PREFIX))
    about = asked_about(history, profile, language)
    said = (cut_off,) if about is None else (cut_off, about)
    if last.speaker is Speaker.CALLER:
        return Reopening(said=said, unanswered=last)
    return Reopening(said=(*said, sentences.GO_ON[language]))


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
