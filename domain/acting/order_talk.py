"""What is said about a caller's order or appointment: which one, whether it is theirs, and where it stands.

Pure: the caller's words, the dialogue and what the book has in; moves out. The words have gone through
SpokenValues.heard, so that numbers are digits in whatever way they were spoken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.acting.assurance import Assurance, Assured, KnownCaller, judge
from domain.acting.orders import OrderStatus
from domain.answering import policy, slots, triggers
from domain.answering.dialogue import ASK_FACT, PERSON, RECORD_STATUS, WRONG_FACT, Dialogue
from domain.answering.move_reader import split_sentences
from domain.answering.spelling import fold
from domain.answering.wordlist import WordList
from domain.moves import Move, Say
from domain.speech import Language, TurnKind
from domain.tenant import TenantProfile, Words

NOT_PROVEN = "not_proven"
"""Reason of a Handoff: a person has to find out whether the order is the caller's."""
PART_OF_PHONE = 6
"""Digits from which a short number that answers the question for a phone is a part of one, and no other order."""

EN, AR = Language.EN, Language.AR
ASK: Words = {
    EN: "To be sure that I tell the right person, what is the phone number on the {record}?",
    AR: "حتى أتأكد أنني أخبر صاحب ال{record}، ما هو رقم الهاتف المسجل عليه؟",
}
"""The same whether or not there is such an order: a stranger learns nothing from it, nor from the next."""
NO_MATCH: Words = {
    EN: "I find no {record} {number} with that phone number. Please tell me the whole phone number once more, or the "
    "{record} number again.",
    AR: "لا أجد ال{record} رقم {number} مع رقم الهاتف هذا. من فضلك قل رقم الهاتف كاملاً مرة أخرى، "
    "أو أعد رقم ال{record}.",
}
WHOLE: Words = {
    EN: "I need the whole phone number on the {record}, please.",
    AR: "أحتاج رقم الهاتف المسجل على ال{record} كاملاً من فضلك.",
}
WITHOUT: Words = {
    EN: "Without that number I can't tell you anything about it. Shall I connect you to a colleague?",
    AR: "بدون هذا الرقم لا أستطيع أن أخبرك بأي شيء عنه. هل أوصلك بأحد الزملاء؟",
}
TO_PERSON: Words = {
    EN: "I can't find a {record} by what you told me. Let me get a colleague for you.",
    AR: "لم أستطع العثور على {record} بهذه البيانات. سأوصلك بأحد الزملاء.",
}
_DONT_KNOW = WordList(
    """dont know, do not know, dont have, do not have, dont remember, do not remember, cant remember, no idea, forgot,
    not sure, ما اعرف, لا اعرف, ما ادري, مدري, لا ادري, ما عندي, ليس عندي, ما اتذكر, لا اتذكر, ما اذكر, نسيت,
    مش عارف, مو متاكد, لست متاكد, ما احفظ"""
)


_NUMBER_ALONE = WordList(
    """it, its, is, the, my, a, number, no, order, appointment, yes, ok, sorry, please, hello, hi, and, for, of, i,
    said, رقم, الرقم, رقمه, رقمها, هو, هي, نعم, ايوه, عفوا, من فضلك, لو سمحت, طلب, طلبي, موعد, موعدي, حق, مال"""
)
"""What may stand around a number that is all that was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The order that an utterance is about."""

    number: str
    asked_before: bool = False
    """The proof for it was asked for, and this utterance is the answer."""


def wanted(heard: str, before: str, dialogue: Dialogue, *, about_order: bool) -> Wanted | None:
    """Which order is meant. `before` are the words for which a proof was asked, `about_order` whether these ask.

    Decided by words alone: whether there is an order of that number shows in nothing that is said.
    """
    named = max(slots.order_numbers(heard), key=len, default=None)
    asked = max(slots.order_numbers(before), key=len, default=None)
    if dialogue.awaits_fact and asked is not None:
        part = named is not None and len(named) >= PART_OF_PHONE and not about_order
        if part or (named in (None, asked) and (slots.phones_said(heard) or declines(heard))):
            return Wanted(number=asked, asked_before=True)
    if named is None:
        return None
    alone = not _NUMBER_ALONE.without(slots.without_digits(heard))
    asks = about_order or alone or dialogue.awaits_number or dialogue.awaits_fact
    return Wanted(number=named) if asks else None


def moves(
    order: OrderStatus | None,
    want: Wanted,
    heard: str,
    said: Sequence[str],
    dialogue: Dialogue,
    profile: TenantProfile,
    language: Language,
    number_known: str | None = None,
) -> list[Move]:
    """What to say; `order` is None where there is none of this number.

    `said` is everything that the caller said in this call before these words, with its numbers in digits.
    """
    phones = phones_in((*said, heard))
    on_record = order.phone if order is not None else None
    assured = judge(Assurance.SECOND_FACT, KnownCaller(number=number_known, said=phones), on_record)
    if assured is Assured.GRANTED and order is not None:
        return [_say(sentence, RECORD_STATUS, language) for sentence in split_sentences(order.status[language])]
    if assured is Assured.PERSON:
        return [policy.to_person(NOT_PROVEN, _of(TO_PERSON, profile, language), language)]
    if slots.phones_said(heard):
        text = _of(NO_MATCH, profile, language, want.number)
        return _failing(text, WRONG_FACT, dialogue, language) if want.asked_before else [_clarify(text, language)]
    if not want.asked_before:
        return [ask(profile, language)]
    if declines(heard):
        return [Say(text=WITHOUT[language], language=language, kind=TurnKind.CLARIFY, intent=PERSON)]
    return _failing(_of(WHOLE, profile, language), WRONG_FACT, dialogue, language)


def phones_in(said: Sequence[str]) -> tuple[str, ...]:
    """The telephone numbers in what a caller said, in their order."""
    return tuple(phone for text in said for phone in slots.phones_said(text))


def ask(profile: TenantProfile, language: Language) -> Say:
    """The question for the proof."""
    return Say(text=_of(ASK, profile, language), language=language, kind=TurnKind.CLARIFY, intent=ASK_FACT)


def declines(heard: str) -> bool:
    """Whether a caller can't or won't tell what they were asked."""
    folded = fold(heard)
    return triggers.says_no(folded) or _DONT_KNOW.found_in(folded)


def _failing(text: str, intent: str, dialogue: Dialogue, language: Language) -> list[Move]:
    if dialogue.failures + 1 >= policy.FAILURES_BEFORE_PERSON:
        return policy.fail(dialogue, language, "")
    return [Say(text=text, language=language, kind=TurnKind.CLARIFY, intent=intent)]


def _clarify(text: str, language: Language) -> Say:
    return Say(text=text, language=language, kind=TurnKind.CLARIFY, intent=ASK_FACT)


def _of(words: Words, profile: TenantProfile, language: Language, number: str = "") -> str:
    return words[language].format(record=profile.record_word[language], number=number)


def _say(text: str, intent: str, language: Language) -> Say:
    return Say(text=text, language=language, kind=TurnKind.ANSWER, intent=intent)
