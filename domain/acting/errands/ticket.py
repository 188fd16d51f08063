"""A ticket that is there already: whether anybody has looked at it, and what is to be added to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.acting.assurance import Assurance, Assured, KnownCaller, judge
from domain.acting.errands.question import question, without_phones, words_of
from domain.acting.order_talk import NOT_PROVEN, declines, phones_in
from domain.answering import policy, slots, tickets
from domain.answering.dialogue import ASK_NOTE, PERSON, Dialogue
from domain.answering.spelling import fold, stem
from domain.answering.wordlist import WordList
from domain.calendar.words import gregorian_day
from domain.crm import Ticket, TicketState
from domain.hours import zone_of
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
WHICH_PHONE: Words = {
    EN: "To be sure that I tell the right person, what is the phone number on the ticket?",
    AR: "حتى أتأكد أنني أخبر صاحب التذكرة، ما هو رقم الهاتف المسجل عليها؟",
}
"""The same whether or not there is such a ticket."""
NO_MATCH: Words = {
    EN: "I find no ticket {number} with that phone number. Please tell me the whole phone number once more, or the "
    "ticket number again.",
    AR: "لا أجد التذكرة رقم {number} مع رقم الهاتف هذا. من فضلك قل رقم الهاتف كاملاً مرة أخرى، أو أعد رقم التذكرة.",
}
WITHOUT: Words = {
    EN: "Without that I can't tell you anything about it. Shall I connect you to a colleague?",
    AR: "بدون ذلك لا أستطيع أن أخبرك بأي شيء عنها. هل أوصلك بأحد الزملاء؟",
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
STATES: dict[TicketState, Words] = {
    TicketState.OPEN: {EN: "is open", AR: "مفتوحة"},
    TicketState.PENDING: {EN: "waits for your answer", AR: "بانتظار ردك"},
    TicketState.SOLVED: {EN: "is solved", AR: "تم حلها"},
    TicketState.CLOSED: {EN: "is closed", AR: "مغلقة"},
}
STANDS: Words = {
    EN: "Ticket {number} {state}. It was last worked on on {day}.",
    AR: "التذكرة رقم {number} {state}. آخر تحديث لها كان {day}.",
}

_ASKS = WordList(
    """my ticket, my tickets, my complaint, my case, my report, the ticket i opened, ticket i opened last, our ticket,
    status of ticket, status of the ticket, the ticket from, looked at ticket, about ticket number, about the ticket,
    تذكرتي, تذكرتنا, شكواي, شكوتي, بلاغي, التذكره حقتي, التذكره مالتي, الشكوي حقتي, التذكره اللي فتحتها, حاله التذكره,
    التذكره رقم, تذكره رقم, الشكوي رقم"""
)
_ASKS_OF_IT = WordList(
    """looked at it, look at it yet, seen it, worked on it, working on it, any news about it, شافها, شافوها, نظر فيها,
    عليها احد"""
)
"""Of the ticket that this call opened."""
_ADDS = WordList(
    """add that, add this, add it, add to, add something, also add, please add, note that, also note, write down that,
    write also, tell them also, also tell them, mention that, also mention, put in that, اضف, اضيف, اضيفي, اضيفوا, ضيف,
    ضيفي, ضيفوا, زيد, زيدوا, اكتب كمان, اكتب ايضا, سجل كمان, سجل ايضا, سجل ان, قول لهم كمان, اذكر ان"""
)
_OF_ADDING = WordList(
    """add, that, this, it, to, also, please, my, the, ticket, note, down, write, tell, them, mention, put, in, and, as,
    well, too, something, can, could, you, i, want, would, like, is, complaint, case, number, اضف, اضيف, اضيفي, اضيفوا,
    ضيف, ضيفي, ضيفوا, زيد, زيدوا, علي, الي, في, ان, انه, انها, كمان, ايضا, تذكره, تذكرتي, الشكوي, شكواي, من فضلك,
    لو سمحت, اكتب, سجل, شي, شيء, رقم, ابغي, ابي, اريد, ممكن"""
)
_NAMED = re.compile(r"(?:ticket|case|complaint|تذكره|تذكرتي|شكوي|بلاغ)(?: number| no| رقم)? \d")
_SHORTEST, _SHORTEST_NUMBER = 1, 2
"""Digits of a ticket's number that was asked for, and of one that was not: fewer are counts and hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketKnown:
    """What the CRM has. All of it is personal data."""

    ticket: Ticket
    phone: str | None
    """Of its customer: the second fact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A ticket is to be looked up before anything is said: the caller has told its number and a telephone's."""

    errand: Errand
    number: str
    own: bool = False
    """This call opened it: who asks for it is who it was opened for."""


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
    asks = (of_own or _ASKS.found_in(folded)) and CREATE_TICKET in profile.actions and not tickets.asked_for(folded)
    return Errand.HISTORY if asks else None


def first(errand: Errand, heard: str, said: Sequence[str], dialogue: Dialogue, language: Language) -> Look | list[Move]:
    """What is asked before anything is looked up, or what to look up. `said` was said before, numbers in digits."""
    words = words_of(errand, heard, dialogue)
    if errand is Errand.NOTE:
        if not _content(words):
            return [Say(text=WHAT_TO_ADD[language], language=language, kind=TurnKind.CLARIFY, intent=ASK_NOTE)]
        if CREATE_TICKET in dialogue.deeds and not _NAMED.search(fold(words)):
            return _added(words, None, language)
    step = dialogue.errand_step
    awaited = step is not None and step[0] == errand
    if awaited and declines(heard):
        return [Say(text=WITHOUT[language], language=language, kind=TurnKind.CLARIFY, intent=PERSON)]
    shortest = _SHORTEST if step == (errand, "number") else _SHORTEST_NUMBER
    numbers = [number for line in words.splitlines() for number in slots.short_numbers(line, shortest)]
    if not numbers and dialogue.ticket is not None:
        return Look(errand=errand, number=dialogue.ticket, own=True)
    if not numbers:
        return [question(errand, "number", WHICH_TICKET, dialogue, language)]
    if not phones_in((*said, heard)):
        return [question(errand, "phone", WHICH_PHONE, dialogue, language)]
    return Look(errand=errand, number=numbers[-1])


def then(
    known: TicketKnown | None,
    look: Look,
    heard: str,
    said: Sequence[str],
    dialogue: Dialogue,
    profile: TenantProfile,
    language: Language,
) -> list[Move]:
    """What to say or do once it was looked up; `known` is None where there is no such ticket.

    Nothing but this one ticket: anybody can open one in the name of a number, and know its number then.
    """
    caller = KnownCaller(said=phones_in((*said, heard)))
    needed = Assurance.NOTHING if look.own and known is not None else Assurance.SECOND_FACT
    assured = judge(needed, caller, known.phone if known is not None else None)
    if assured is Assured.PERSON:
        return [policy.to_person(NOT_PROVEN, TO_PERSON[language], language)]
    if assured is not Assured.GRANTED or known is None:
        return [question(look.errand, "phone", NO_MATCH, dialogue, language, number=look.number)]
    if look.errand is Errand.NOTE:
        return _added(words_of(look.errand, heard, dialogue), known.ticket.number, language)
    return [Say(text=stands(known.ticket, profile, language), language=language, intent=HISTORY_TOLD)]


def stands(ticket: Ticket, profile: TenantProfile, language: Language) -> str:
    day = gregorian_day(ticket.updated_at.astimezone(zone_of(profile)).date(), language)
    return STANDS[language].format(number=ticket.number, state=STATES[ticket.state][language], day=day)


def _added(words: str, ticket: str | None, language: Language) -> list[Move]:
    comment = " ".join(without_phones(words).split())
    slots_ = {"subject": f"{ticket or 'own'} {_content(words)}", "comment": comment}
    if ticket is not None:
        slots_["ticket"] = ticket
    return [
        Say(text=ADDING[language], language=language, kind=TurnKind.FILLER),
        Act(action=UPDATE_TICKET, slots=slots_),
    ]


def _content(words: str) -> str:
    """What is to be added, in its settled form; empty where it is only asked for."""
    left = _OF_ADDING.without(slots.without_digits(words)).split()
    return " ".join(sorted({stem(word) for word in left}))
