"""A ticket that is there already: whether anybody has looked at it, and what is to be added to it.

It is found by its own number, or by that of an order of the caller's; either way the telephone number on it is the
proof. A ticket's number opens that one ticket and no other: anybody can open one in the name of a number, and know its
number then. An order's opens them all, for nobody can make one here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.acting.assurance import Assurance, Assured, KnownCaller, judge
from domain.acting.errands import own_tickets
from domain.acting.errands.question import question, without_phones, words_of
from domain.acting.order_talk import NOT_PROVEN, declines, phones_in
from domain.answering import policy, slots, tickets
from domain.answering.dialogue import ASK_NOTE, ASK_TROUBLE, PERSON, Dialogue
from domain.answering.spelling import fold, stem
from domain.answering.wordlist import WordList
from domain.crm import HistoryEntry, Ticket, ticket_entry
from domain.moves import Act, Move, Say
from domain.speech import Language, TurnKind
from domain.tenant import TenantProfile, Words

CREATE_TICKET, UPDATE_TICKET, CUSTOMER_HISTORY = "create_ticket", "update_ticket", "customer_history"
HISTORY_TOLD = "history_told"


class Errand(StrEnum):
    HISTORY = "history"
    NOTE = "note"


EN, AR = Language.EN, Language.AR
WHICH_TICKET: Words = {
    EN: "Gladly. What is the number of your ticket?",
    AR: "أكيد. ما هو رقم التذكرة؟",
}
AND_TICKET: Words = {
    EN: "Thank you. And what is the number of your ticket?",
    AR: "شكراً. وما هو رقم التذكرة؟",
}
"""Where several people share the telephone number that proves an order."""
WHICH_NUMBER: Words = {
    EN: "Gladly. What is the number of your ticket, or of your {record}?",
    AR: "أكيد. ما هو رقم التذكرة أو رقم ال{record}؟",
}
"""Where the company has orders, or appointments."""
WHICH_PHONE: Words = {
    EN: "To be sure that I tell the right person, what is the phone number on it?",
    AR: "حتى أتأكد أنني أخبر صاحبها، ما هو رقم الهاتف المسجل عندنا؟",
}
"""The same whether or not there is such a ticket."""
NO_MATCH: Words = {
    EN: "I find nothing under number {number} with that phone number. Please tell me the whole phone number once more, "
    "or the right number instead of {number}.",
    AR: "لا أجد شيئاً تحت الرقم {number} مع رقم الهاتف هذا. من فضلك أعد رقم الهاتف كاملاً، أو صحح الرقم {number}.",
}
WHOLE: Words = {
    EN: "I need the whole phone number, please.",
    AR: "أحتاج رقم الهاتف كاملاً من فضلك.",
}
WITHOUT: Words = {
    EN: "Without that I can't find your ticket. Shall I connect you to a colleague?",
    AR: "بدون ذلك لا أستطيع العثور على تذكرتك. هل أوصلك بأحد الزملاء؟",
}
TO_PERSON: Words = {
    EN: "I can't find a ticket by what you told me. Let me get a colleague for you.",
    AR: "لم أستطع العثور على تذكرة بهذه البيانات. سأوصلك بأحد الزملاء.",
}
WHAT_TO_ADD: Words = {
    EN: "Of course. What shall I add, in a few words?",
    AR: "أكيد. ماذا أضيف باختصار؟",
}
ADDING: Words = {
    EN: "One moment, I am adding it to your ticket.",
    AR: "لحظة من فضلك، أضيف ذلك إلى تذكرتك.",
}
ADDED: Words = {
    EN: "I have added it to your ticket {reference}.",
    AR: "أضفت ذلك إلى تذكرتك رقم {reference}.",
}
_ASKS = WordList(
    """have any tickets, tickets do i have, any open tickets, all my tickets, تذاكري, كم تذكره عندي, عندي تذاكر,
    my ticket, my tickets, my complaint, my case, my report, the ticket i opened, ticket i opened last, our ticket,
    status of ticket, status of the ticket, the ticket from, looked at ticket, about ticket number, about the ticket,
    الشكوي مالتي, الشكوي تبعي, البلاغ حقي, البلاغ مالي, البلاغ تبعي, التذكره تبعي,
    وين وصلت التذكره, تذكرتي, تذكرتنا,
    شكواي, شكوتي, بلاغي, التذكره حقتي, التذكره مالتي, الشكوي حقتي, التذكره اللي فتحتها, حاله التذكره,
    التذكره رقم, تذكره رقم, الشكوي رقم"""
)
_ASKS_OF_IT = WordList(
    """looked at it, look at it yet, seen it, worked on it, working on it, any news about it, شافها, شافوها, نظر فيها,
    عليها احد"""
)
"""Of the ticket that this call opened."""
_ADDS = WordList(
    """add that, add this, add it, add to, add something, also add, please add, note that, also note, write down that,
    write also, tell them also, also tell them, mention that, also mention, put in that,
    update my ticket, update the ticket, update ticket, update my complaint,
    update my case, change my ticket, حدث تذكرتي, حدث التذكره, حدثوا تذكرتي, عدل تذكرتي, عدل التذكره, تحديث تذكرتي,
    تعديل تذكرتي, احدث تذكرتي, اضف, اضيف, اضيفي, اضيفوا, ضيف,
    ضيفي, ضيفوا, زيد, زيدوا, اكتب كمان, اكتب ايضا, سجل كمان, سجل ايضا, سجل ان, قول لهم كمان, اذكر ان"""
)
_OF_ADDING = WordList(
    """add, that, this, it, to, also, please, my, the, ticket, note, down, write, tell, them, mention, put, in, and, as,
    well, too, something, can, could, you, i, want, would, like, is, complaint, case, number, update, change, have,
    need, more, details, information, another, open, existing, order, appointment, اضف, اضيف, اضيفي, اضيفوا,
    ضيف, ضيفي, ضيفوا, زيد, زيدوا, علي, الي, في, ان, انه, انها, كمان, ايضا, تذكره, تذكرتي, الشكوي, شكواي, من فضلك,
    لو سمحت, اكتب, سجل, شي, شيء, رقم, ابغي, ابي, اريد, ممكن, بدي, عايز, معلومات, تفاصيل, عندي, حدث, عدل, طلب, طلبي,
    موعد, موعدي"""
)
_TICKET_NAMED = re.compile(r"(?:ticket|case|complaint|تذكره|تذكرتي|شكوي|بلاغ)(?: number| no| رقم)? (\d{2,})")
_NAMED = re.compile(
    r"(?:ticket|case|complaint|order|appointment|تذكره|تذكرتي|شكوي|بلاغ|طلب|طلبي|موعد|موعدي)(?: number| no| رقم)? (\d+)"
)
""" "My order 4572": a number in what is to be added is one of these only where it is called so."""
_PART_OF_PHONE = re.compile(r"0[1-9]\d{4,}")
"""A telephone number of which not everything was understood; no ticket and no order is counted like this."""
_SHORTEST, _SHORTEST_NUMBER = 1, 2
"""Digits of a ticket's number that was asked for, and of one that was not: fewer are counts and hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What there is under a number that a caller said. All of it is personal data."""

    ticket: Ticket | None = None
    phone: str | None = None
    """Of the ticket's customer: the second fact."""
    order_phone: str | None = None
    """The same, of the order of this number."""
    tickets: tuple[HistoryEntry, ...] | None = None
    """Of the one customer with the order's phone, the newest first; None where it isn't one. Read only once the caller
    has told that phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is to be looked up before anything is said: the caller has told this number and a telephone's."""

    errand: Errand
    number: str
    own: bool = False
    """This call opened this ticket: who asks for it is who it was opened for."""
    tacit: bool = False
    """The number was said for something else, such as an order that was read before: nothing is said of it."""


def errand_in(text: str, dialogue: Dialogue, profile: TenantProfile) -> Errand | None:
    """What these words want of a ticket; None where they are about something else."""
    folded = fold(text)
    step = dialogue.errand_step
    adds = _ADDS.found_in(folded) and (CREATE_TICKET in dialogue.deeds or _ASKS.found_in(folded))
    if UPDATE_TICKET in profile.actions and (adds or dialogue.last_intent == ASK_NOTE):
        return Errand.NOTE
    if step is not None and step[0] in tuple(Errand):
        return Errand(step[0])
    of_own = dialogue.ticket is not None and _ASKS_OF_IT.found_in(folded)
    named = _TICKET_NAMED.search(folded) is not None
    asks = (
        (of_own or named or _ASKS.found_in(folded))
        and CREATE_TICKET in profile.actions
        and not tickets.asked_for(folded)
    )
    return Errand.HISTORY if asks else None


def first(
    errand: Errand,
    heard: str,
    said: Sequence[str],
    dialogue: Dialogue,
    profile: TenantProfile,
    language: Language,
) -> Look | list[Move]:
    """What is asked before anything is looked up, or what to look up. `said` was said before, numbers in digits."""
    words = words_of(errand, heard, dialogue)
    if errand is Errand.NOTE:
        if not _note(words):
            return [Say(text=WHAT_TO_ADD[language], language=language, kind=TurnKind.CLARIFY, intent=ASK_NOTE)]
        if CREATE_TICKET in dialogue.deeds and not _TICKET_NAMED.search(fold(words)):
            return _added(words, None, language)
    step = dialogue.errand_step
    awaited = step is not None and step[0] == errand
    if awaited and step != (errand, "which") and declines(heard):
        return [Say(text=WITHOUT[language], language=language, kind=TurnKind.CLARIFY, intent=PERSON)]
    cut = len(_numbers(heard)) != len(slots.short_numbers(heard, _SHORTEST))
    if step == (errand, "phone") and cut and not phones_in([heard]):
        return [question(errand, "phone", WHOLE, dialogue, language)]
    number = _number(errand, words, step)
    if number is None and dialogue.ticket is not None:
        return Look(errand=errand, number=dialogue.ticket, own=True)
    proving = phones_in((*said, heard))
    before = [each for line in said for each in slots.order_numbers(line)] if proving else []
    if number is None and before and profile.record_word and step in (None, (errand, "words"), (errand, "which")):
        return Look(errand=errand, number=before[-1], tacit=True)
    if number is None:
        return [which_number(errand, dialogue, profile, language)]
    if not proving:
        return [question(errand, "phone", WHICH_PHONE, dialogue, language)]
    return Look(errand=errand, number=number)


def which_number(errand: Errand, dialogue: Dialogue, profile: TenantProfile, language: Language) -> Move:
    record = profile.record_word.get(language, "")
    words = WHICH_NUMBER if record else WHICH_TICKET
    return question(errand, "number", words, dialogue, language, record=record)


def _number(errand: Errand, words: str, step: tuple[str, str] | None) -> str | None:
    """The last that was told: by the answers to our questions, else by the request itself."""
    request, *answers = words.splitlines()
    if step == (errand, "which"):
        # What is chosen from is found by the number before.
        answers = answers[:-1]
    note = _note(words) if errand is Errand.NOTE else ""
    numbers = [number for line in answers if line != note for number in _numbers(line)]
    if not numbers and errand is Errand.NOTE:
        numbers = _NAMED.findall(fold(words))
    elif not numbers:
        numbers = _numbers(request, _SHORTEST_NUMBER)
    return numbers[-1] if numbers else None


def _numbers(line: str, shortest: int = _SHORTEST) -> list[str]:
    return [number for number in slots.short_numbers(line, shortest) if not _PART_OF_PHONE.fullmatch(number)]


def proven(on_record: str | None, said: Sequence[str]) -> bool:
    """Whether what the caller said so far opens what has this telephone number."""
    return judge(Assurance.SECOND_FACT, KnownCaller(said=phones_in(said)), on_record) is Assured.GRANTED


def then(
    found: Found,
    look: Look,
    heard: str,
    said: Sequence[str],
    dialogue: Dialogue,
    profile: TenantProfile,
    language: Language,
) -> list[Move]:
    """What to say or do once it was looked up."""
    told = (*said, heard)
    if found.ticket is not None and (look.own or proven(found.phone, told)):
        return _of_one(ticket_entry(found.ticket), look.errand, heard, dialogue, profile, language)
    if proven(found.order_phone, told):
        return _of_customer(found.tickets, look, heard, dialogue, profile, language)
    if look.tacit:
        return [which_number(look.errand, dialogue, profile, language)]
    if judge(Assurance.SECOND_FACT, KnownCaller(said=phones_in(told)), None) is Assured.PERSON:
        return [policy.to_person(NOT_PROVEN, TO_PERSON[language], language)]
    asked = dialogue.errand_step == (look.errand, "phone") or phones_in([heard])
    # What was said for something else, such as a call back, was not told as the proof of this.
    words = NO_MATCH if asked else WHICH_PHONE
    return [question(look.errand, "phone", words, dialogue, language, number=look.number)]


def _of_one(
    entry: HistoryEntry, errand: Errand, heard: str, dialogue: Dialogue, profile: TenantProfile, language: Language
) -> list[Move]:
    if errand is Errand.NOTE:
        return _added(words_of(errand, heard, dialogue), entry.number, language)
    text = own_tickets.stands(entry, profile, language)
    return [Say(text=text, language=language, intent=HISTORY_TOLD)]


def _of_customer(
    entries: Sequence[HistoryEntry] | None,
    look: Look,
    heard: str,
    dialogue: Dialogue,
    profile: TenantProfile,
    language: Language,
) -> list[Move]:
    """Whose order it is has proven who they are: all their tickets may be told."""
    if entries is None:
        return [question(look.errand, "number", AND_TICKET, dialogue, language)]
    if look.errand is Errand.HISTORY:
        text = own_tickets.history(entries, profile, language)
        return [Say(text=text, language=language, intent=HISTORY_TOLD)]
    open_ = own_tickets.open_among(entries)
    if not open_:
        return [Say(text=own_tickets.NONE_OPEN[language], language=language, kind=TurnKind.CLARIFY, intent=ASK_TROUBLE)]
    asked = dialogue.errand_step == (look.errand, "which")
    chosen = own_tickets.chosen(open_, heard) if asked else (open_[0] if len(open_) == 1 else None)
    if chosen is not None:
        return _of_one(chosen, look.errand, heard, dialogue, profile, language)
    listed = own_tickets.listed(open_, language)
    return [question(look.errand, "which", own_tickets.WHICH, dialogue, language, listed=listed)]


def _added(words: str, ticket: str | None, language: Language) -> list[Move]:
    note = _note(words)
    slots_ = {"subject": f"{ticket or 'own'} {_content(note)}", "comment": " ".join(without_phones(note).split())}
    if ticket is not None:
        slots_["ticket"] = ticket
    return [
        Say(text=ADDING[language], language=language, kind=TurnKind.FILLER),
        Act(action=UPDATE_TICKET, slots=slots_, found=() if ticket is None else (ticket,)),
    ]


def _note(words: str) -> str:
    """The line that says what to add; the later ones answer our questions. Empty where it is only asked for."""
    return next((line for line in words.splitlines() if _content(line)), "")


def _content(words: str) -> str:
    """What is to be added, in its settled form."""
    left = _OF_ADDING.without(slots.without_digits(words)).split()
    return " ".join(sorted({stem(word) for word in left}))
