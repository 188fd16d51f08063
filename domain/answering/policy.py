"""Policy around the model: `overrule` decides before it what it may not decide, `permit` checks what it proposes.

Both are pure: an utterance, the dialogue and the tenant's profile in, moves out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from domain import sentences
from domain.answering import escalation, sayings, triggers
from domain.answering.dialogue import (
    ANYTHING_ELSE,
    DOCUMENTS_AWAY,
    LANGUAGE,
    PERSON,
    SMALLTALK,
    UNKNOWN,
    Dialogue,
)
from domain.answering.person import wants_person
from domain.answering.replies import Reply, yes_or_no
from domain.answering.spelling import ascii_digits, fold, script_of
from domain.answering.wordlist import WordList
from domain.moves import Act, Goodbye, Handoff, Hold, Move, Say
from domain.speech import Language, Turn, TurnKind, Utterance
from domain.tenant import TenantProfile

FAILURES_BEFORE_PERSON = 3
"""The third failed answer in a row goes to a person instead: callers hang up after two more tries."""

LONGEST_OWN_SENTENCE = 200
"""Characters of a sentence in the model's own words: about 12 s of speech, more is rambling."""

UNCLEAR_CONFIDENCE = 0.55
"""Recognised below this, words are hardly the caller's: Whisper base gave unreadable Gulf and Najdi Arabic 0.42 and
0.49, readable Egyptian 0.58, English 0.81 and more."""
EMERGENCY = "emergency"
FAILURES = "failures"
CALLER_ASKED = "caller_asked"
KEY_ZERO = "key_zero"
MODEL_PROPOSED = "model"
"""Reasons of a Handoff."""


def language_of(utterance: Utterance, dialogue: Dialogue) -> Language:
    """The language to answer in: what the caller asked for, else the letters, else what the recogniser thinks."""
    certain = script_of(utterance.text)
    if certain is None and utterance.language_confidence >= _LANGUAGE_CERTAIN:
        certain = utterance.language
    return dialogue.language_for(certain)


_LANGUAGE_CERTAIN = 0.5
"""Real Arabic clips were recognised as Arabic at 0.87-1.00 by Whisper base, once only at 0.38."""


def overrule(utterance: Utterance, dialogue: Dialogue, profile: TenantProfile) -> list[Move] | None:
    """The moves that rules decide without a model, or None when it is the model's turn."""
    language = language_of(utterance, dialogue)
    folded = fold(utterance.text)
    if triggers.emergency(folded):
        return _emergency(profile, language)
    if triggers.is_empty(utterance.text):
        return fail(dialogue, language, sentences.MISSED[language])
    if triggers.asks_identity(folded):
        return [_say(sayings.identity(profile, language), language, SMALLTALK)]
    if triggers.asks_never_to_be_called(folded):
        return [_say(sayings.NEVER_CALLED[language], language, "opt_out")]
    if triggers.opts_out(folded):
        return [_say(sayings.OPT_OUT[language], language, "opt_out")]
    if wants_person(folded):
        return [to_person(CALLER_ASKED, sayings.PERSON[language], language)]
    wanted = triggers.language_asked_for(folded)
    if wanted is not None:
        return [_say(sayings.LANGUAGE_CHANGED[wanted], wanted, LANGUAGE)]
    if triggers.wants_repeat(folded):
        return [_again(dialogue, profile, language)]
    return _courtesy(folded, dialogue, language)


def _again(dialogue: Dialogue, profile: TenantProfile, language: Language) -> Say:
    """What was said last: a fact as a whole and in the caller's language, anything else as it was heard."""
    for fact in profile.facts:
        if fact.intent == dialogue.last_intent:
            return _say(fact.answer[language], language, fact.intent)
    if not dialogue.last_answer:
        return _say(sayings.NOTHING_SAID_YET[language], language, SMALLTALK)
    spoken_in = script_of(dialogue.last_answer) or language
    return _say(dialogue.last_answer, spoken_in, dialogue.last_intent or SMALLTALK)


def _courtesy(folded: str, dialogue: Dialogue, language: Language) -> list[Move] | None:
    """What people say around their request; anything that still asks something falls through."""
    if dialogue.awaits_more and triggers.says_no(folded):
        return [Goodbye(text=sayings.GOODBYE[language], language=language)]
    if dialogue.last_intent == PERSON and yes_or_no(folded) is Reply.YES:
        return [to_person(CALLER_ASKED, sayings.PERSON[language], language)]
    if dialogue.last_intent == DOCUMENTS_AWAY and yes_or_no(folded) is Reply.YES:
        return [to_person(escalation.TOOL_DOWN, sayings.PERSON[language], language)]
    if dialogue.last_intent in (PERSON, DOCUMENTS_AWAY) and triggers.says_no(folded):
        return [_say(sentences.GO_ON[language], language, SMALLTALK)]
    if triggers.says_goodbye(folded):
        return [Goodbye(text=sayings.GOODBYE[language], language=language)]
    if triggers.says_thanks(folded):
        return [_say(sayings.WELCOME[language], language, ANYTHING_ELSE)]
    if triggers.asks_how_we_are(folded):
        return [_say(sayings.WELL[language], language, SMALLTALK)]
    if triggers.greets(folded):
        return [_say(sayings.GREETING[language], language, SMALLTALK)]
    if triggers.says_yes(folded):
        return [_say(sentences.GO_ON[language], language, SMALLTALK)]
    return None


def is_unclear(utterance: Utterance) -> bool:
    """Whether the recogniser doubts its own words; what was typed is never unclear."""
    return not utterance.typed and utterance.confidence < UNCLEAR_CONFIDENCE


def fail(dialogue: Dialogue, language: Language, text: str, kind: TurnKind = TurnKind.CLARIFY) -> list[Move]:
    """Tell the caller that this attempt failed; the third in a row goes to a person."""
    if dialogue.failures + 1 >= FAILURES_BEFORE_PERSON:
        return [to_person(FAILURES, sayings.FAILED_PERSON[language], language)]
    return [Say(text=text, language=language, kind=kind, intent=UNKNOWN)]


def without_documents(move: Move, profile: TenantProfile) -> Move:
    """What is said instead of not knowing, where the documents that may know can't be looked into."""
    match move:
        case Say(kind=TurnKind.CLARIFY, intent=intent, language=language) if intent == UNKNOWN:
            words = sayings.DOCUMENTS_AWAY if profile.handoff else sayings.DOCUMENTS_AWAY_ALONE
            return Say(text=words[language], language=language, kind=TurnKind.CLARIFY, intent=DOCUMENTS_AWAY)
        case Handoff(reason=reason, language=language) if reason == FAILURES:
            return escalation.tool_down(language)
        case _:
            return move


def by_key(handoff: Handoff, said: Sequence[Turn]) -> Handoff:
    """The handoff with its true reason where its caller pressed 0: they `said` our sentence for the key then."""
    if handoff.reason == CALLER_ASKED and said and said[-1].text in sentences.KEY_ZERO.values():
        return replace(handoff, reason=KEY_ZERO)
    return handoff


def to_person(reason: str, text: str, language: Language, *, urgent: bool = False) -> Handoff:
    return Handoff(reason=reason, text=text, language=language, urgent=urgent)


def _emergency(profile: TenantProfile, language: Language) -> list[Move]:
    return [
        _say(sayings.emergency(profile, language), language, EMERGENCY),
        to_person(EMERGENCY, sayings.EMERGENCY_PERSON[language], language, urgent=True),
    ]


def _say(text: str, language: Language, intent: str) -> Say:
    return Say(text=text, language=language, kind=TurnKind.ANSWER, intent=intent)


# ---------------------------------------------------------------- after the model


def permit(move: Move, dialogue: Dialogue, profile: TenantProfile) -> list[Move]:
    """The move if the model may make it, else what is said instead."""
    match move:
        case Say():
            if _speakable(move, profile):
                return [move]
            return fail(dialogue, move.language, sayings.not_known(profile, move.language))
        case Act():
            if move.action in profile.actions:
                return [move]
            language = dialogue.language_for(None)
            return [Say(text=sayings.NOT_ALLOWED[language], language=language, kind=TurnKind.CLARIFY, intent=PERSON)]
        case Hold() | Handoff() | Goodbye():
            if _in_language(move.text, move.language):
                return [move]
            return fail(dialogue, move.language, sayings.not_known(profile, move.language))


def allowed_intents(profile: TenantProfile) -> set[str]:
    return {fact.intent for fact in profile.facts} | {SMALLTALK, UNKNOWN, PERSON, "record_status", "goodbye"}


_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_SPOKEN_FIGURE = WordList(
    """dirham, dirhams, aed, dollar, dollars, euro, euros, percent, per cent, twenty, thirty, forty, fifty,
    sixty, seventy, eighty, ninety, hundred, thousand, million, free, discount, guarantee, درهم, دراهم, درهما,
    دولار, يورو, بالميه, في الميه, عشرين, عشرون, ثلاثين, ثلاثون, اربعين, خمسين, ستين, سبعين, ثمانين, تسعين, ميه,
    مايه, مايتين, الف, الاف, مليون, مجانا, مجاني, خصم, ضمان"""
)
"""Prices and promises: a figure in words is as much of a claim as one in digits."""


def _speakable(move: Say, profile: TenantProfile) -> bool:
    text = move.text.strip()
    if not text or len(text) > LONGEST_OWN_SENTENCE or not _in_language(text, move.language):
        return False
    if move.intent is not None and move.intent not in allowed_intents(profile):
        return False
    known = _known_words(profile, move.language)
    if text in known:
        return True  # a fact as it stands
    figures = set(_NUMBER.findall(ascii_digits(text)))
    known_figures = {figure for words in known for figure in _NUMBER.findall(ascii_digits(words))}
    return figures <= known_figures and not _SPOKEN_FIGURE.found_in(fold(text))


def _in_language(text: str, language: Language) -> bool:
    written = script_of(text)
    return written is None or written is language


def _known_words(profile: TenantProfile, language: Language) -> list[str]:
    facts = [fact.answer[language] for fact in profile.facts]
    return [*facts, profile.greeting[language]]
