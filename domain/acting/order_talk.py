"""What is said about a caller's order or appointment: which one, whether it is theirs, and where it stands.

Pure: the caller's words, the dialogue and what the book has in; moves out. The words have gone through
SpokenValues.heard, so that numbers are digits in whatever way they were spoken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.acting.assurance import Assurance, Assured, KnownCaller, judge
from domain.acting.orders import OrderStatus
from domain.answering import policy, sayings, slots, triggers
from domain.answering.dialogue import ASK_FACT, NO_SUCH_NUMBER, PERSON, RECORD_STATUS, WRONG_FACT, Dialogue
from domain.answering.move_reader import split_sentences
from domain.answering.spelling import fold
from domain.answering.wordlist import WordList
from domain.moves import Move, Say
from domain.speech import Language, TurnKind
from domain.tenant import TenantProfile, Words

NOT_PROVEN = "not_proven"
"""Reason of a Handoff: a person has to find out whether the order is the caller's."""
FEW_WORDS = 5
"""With a number alone, such as "it's number 4572"."""
PART_OF_PHONE = 6
"""Digits from which a short number that answers the question for a phone is a part of one, and no other order."""

EN, AR = Language.EN, Language.AR
ASK: Words = {
    EN: "I have found it. To be sure that it is yours, what is the phone number on the {record}?",
    AR: "وجدته. حتى أتأكد أنه لك، ما هو رقم الهاتف المسجل على ال{record}؟",
}
ASK_AGAIN: Words = {
    EN: "That is not the phone number on this {record}. Please tell me the whole number once more, or another one.",
    AR: "هذا ليس رقم الهاتف المسجل على هذا ال{record}. من فضلك قل الرقم كاملاً مرة أخرى، أو رقماً آخر.",
}
WHOLE: Words = {
    EN: "I need the whole phone number on the {record}, please.",
    AR: "أحتاج رقم الهاتف المسجل على ال{record} كاملاً من فضلك.",
}
WITHOUT: Words = {
    EN: "Without that number I can't read it to you. Shall I connect you to a colleague?",
    AR: "بدون هذا الرقم لا أستطيع أن أخبرك بالتفاصيل. هل أوصلك بأحد الزملاء؟",
}
TO_PERSON: Words = {
    EN: "I can't be sure that this {record} is yours. Let me get a colleague for you.",
    AR: "لم أستطع التأكد من أن هذا ال{record} لك. سأوصلك بأحد الزملاء.",
}
_DONT_KNOW = WordList(
    """dont know, do not know, dont have, do not have, dont remember, do not remember, cant remember, no idea, forgot,
    not sure, ما اعرف, لا اعرف, ما ادري, مدري, لا ادري, ما عندي, ليس عندي, ما اتذكر, لا اتذكر, ما اذكر, نسيت,
    مش عارف, مو متاكد, لست متاكد, ما احفظ"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The order that an utterance is about."""

    number: str
    certain: bool
    """Whether it is surely about an order; otherwise it only is if there is one of this number."""
    asked_before: bool = False
    """The proof for it was asked for, and this utterance is the answer."""


def wanted(heard: str, before: str, dialogue: Dialogue, *, about_order: bool) -> Wanted | None:
    """Which order is meant. `before` are the words for which a proof was asked, `about_order` whether these ask."""
    named = max(slots.order_numbers(heard), key=len, default=None)
    asked = max(slots.order_numbers(before), key=len, default=None)
    if dialogue.awaits_fact and asked is not None:
        part = named is not None and len(named) >= PART_OF_PHONE and not about_order
        if part or (named in (None, asked) and (slots.phones_said(heard) or _declines(heard))):
            return Wanted(number=asked, certain=True, asked_before=True)
    if named is None:
        return None
    if about_order or dialogue.awaits_number or dialogue.awaits_fact:
        return Wanted(number=named, certain=True)
    return Wanted(number=named, certain=False) if len(fold(heard).split()) <= FEW_WORDS else None


def moves(
    order: OrderStatus | None,
    want: Wanted,
    heard: str,
    said: Sequence[str],
    dialogue: Dialogue,
    profile: TenantProfile,
    language: Language,
    number_known: str | None = None,
) -> list[Move] | None:
    """What to say; None when this was not about an order after all.

    `said` is everything that the caller said in this call before these words, with its numbers in digits.
    """
    if order is None:
        if not want.certain:
            return None
        missing = sayings.no_such_number(profile, language, want.number)
        return _failing(missing, NO_SUCH_NUMBER, dialogue, language)
    phones = tuple(phone for text in (*said, heard) for phone in slots.phones_said(text))
    match judge(Assurance.SECOND_FACT, KnownCaller(number=number_known, said=phones), order.phone):
        case Assured.GRANTED:
            return [_say(sentence, RECORD_STATUS, language) for sentence in split_sentences(order.status[language])]
        case Assured.PERSON:
            text = _of(TO_PERSON, profile, language)
            return [policy.to_person(NOT_PROVEN, text, language)]
        case Assured.ASK if not want.asked_before:
            return [_ask(ASK, ASK_FACT, profile, language)]
        case Assured.ASK_AGAIN if not want.asked_before and not slots.phones_said(heard):
            return [_ask(ASK, ASK_FACT, profile, language)]
        case Assured.ASK_AGAIN if not want.asked_before:
            return [_ask(ASK_AGAIN, ASK_FACT, profile, language)]
        case Assured.ASK | Assured.ASK_AGAIN:
            return _not_yet(heard, dialogue, profile, language)


def _not_yet(heard: str, dialogue: Dialogue, profile: TenantProfile, language: Language) -> list[Move]:
    """The answer to the question for a proof was none."""
    if slots.phones_said(heard):
        return _failing(_of(ASK_AGAIN, profile, language), WRONG_FACT, dialogue, language)
    if _declines(heard):
        return [Say(text=WITHOUT[language], language=language, kind=TurnKind.CLARIFY, intent=PERSON)]
    return _failing(_of(WHOLE, profile, language), WRONG_FACT, dialogue, language)


def _declines(heard: str) -> bool:
    folded = fold(heard)
    return triggers.says_no(folded) or _DONT_KNOW.found_in(folded)


def _failing(text: str, intent: str, dialogue: Dialogue, language: Language) -> list[Move]:
    if dialogue.failures + 1 >= policy.FAILURES_BEFORE_PERSON:
        return policy.fail(dialogue, language, "")
    return [Say(text=text, language=language, kind=TurnKind.CLARIFY, intent=intent)]


def _ask(words: Words, intent: str, profile: TenantProfile, language: Language) -> Say:
    return Say(text=_of(words, profile, language), language=language, kind=TurnKind.CLARIFY, intent=intent)


def _of(words: Words, profile: TenantProfile, language: Language) -> str:
    return words[language].format(record=profile.record_word[language])


def _say(text: str, intent: str, language: Language) -> Say:
    return Say(text=text, language=language, kind=TurnKind.ANSWER, intent=intent)
