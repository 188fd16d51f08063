"""A customer's own tickets in words: where each stands, those that are open, and which of them is meant."""

from __future__ import annotations

from collections.abc import Sequence

from domain.answering import slots
from domain.answering.spelling import fold, script_of, stem
from domain.answering.wordlist import WordList
from domain.calendar.words import gregorian_day
from domain.crm import HistoryEntry, HistoryKind, TicketState
from domain.hours import zone_of
from domain.speech import Language
from domain.tenant import TenantProfile, Words

MOST_TOLD = 3
"""Tickets in one answer: three take a quarter of a minute to say, and nobody keeps more in mind."""
LONGEST_ABOUT = 60
"""Characters of a ticket's subject that are said: a dozen words."""

EN, AR = Language.EN, Language.AR
STATES: dict[TicketState, Words] = {
    TicketState.OPEN: {EN: "is open", AR: "مفتوحة"},
    TicketState.PENDING: {EN: "waits for your answer", AR: "بانتظار ردك"},
    TicketState.SOLVED: {EN: "is solved", AR: "تم حلها"},
    TicketState.CLOSED: {EN: "is closed", AR: "مغلقة"},
}
STANDS: Words = {
    EN: "Ticket number {number}{about} {state}. It was last updated on {day}.",
    AR: "التذكرة رقم {number}{about} {state}. آخر تحديث لها كان {day}.",
}
ABOUT: Words = {EN: ", about “{about}”,", AR: " بخصوص «{about}»"}
ONE_OF_SEVERAL: Words = {EN: "Number {number}{about} {state}.", AR: "رقم {number}{about} {state}."}
LATEST: dict[int, Words] = {
    2: {EN: "These are your latest two tickets.", AR: "هاتان آخر تذكرتين لك."},
    3: {EN: "These are your latest three tickets.", AR: "هذه آخر ثلاث تذاكر لك."},
}
NONE_AT_ALL: Words = {
    EN: "I see no ticket of yours. Is there anything else?",
    AR: "لا أرى أي تذكرة باسمك. هل هناك شيء آخر؟",
}
NONE_OPEN: Words = {
    EN: "No ticket of yours is open. To open a new one, tell me what is wrong.",
    AR: "لا توجد لك تذكرة مفتوحة. لفتح تذكرة جديدة قل لي ما هي المشكلة.",
}
WHICH: Words = {
    EN: "You have more than one open ticket: {listed}. Which of them is it?",
    AR: "لديك أكثر من تذكرة مفتوحة: {listed}. أي واحدة منها؟",
}
LISTED: Words = {EN: "number {number}{about}", AR: "رقم {number}{about}"}
LISTED_ABOUT: Words = {EN: ", about “{about}”", AR: " بخصوص «{about}»"}
OR: Words = {EN: "; and ", AR: "؛ و"}

_ORDINALS = (
    WordList("first, newest, latest, last one, newer, الاولي, الاول, الاخيره, الاحدث, الجديده"),
    WordList("second, second one, الثانيه, الثاني, التانيه, التاني"),
    WordList("third, third one, الثالثه, الثالث, التالته, التالت"),
)
""" "The last one" is the latest, which is told first."""


def stands(entry: HistoryEntry, profile: TenantProfile, language: Language) -> str:
    return _stands(STANDS, entry, language, day=gregorian_day(entry.at.astimezone(zone_of(profile)).date(), language))


def history(entries: Sequence[HistoryEntry], profile: TenantProfile, language: Language) -> str:
    """The latest of them, each in a sentence; the day only of one that is alone."""
    tickets = [entry for entry in entries if entry.kind is HistoryKind.TICKET][:MOST_TOLD]
    if not tickets:
        return NONE_AT_ALL[language]
    if len(tickets) == 1:
        return stands(tickets[0], profile, language)
    told = [_stands(ONE_OF_SEVERAL, entry, language) for entry in tickets]
    return " ".join([LATEST[len(tickets)][language], *told])


def open_among(entries: Sequence[HistoryEntry]) -> list[HistoryEntry]:
    """The latest that somebody still works on."""
    at_work = (TicketState.OPEN, TicketState.PENDING)
    return [entry for entry in entries if entry.kind is HistoryKind.TICKET and entry.state in at_work][:MOST_TOLD]


def listed(entries: Sequence[HistoryEntry], language: Language) -> str:
    one = LISTED[language]
    return OR[language].join(
        one.format(number=entry.number, about=_about(entry, LISTED_ABOUT, language)) for entry in entries
    )


def chosen(entries: Sequence[HistoryEntry], heard: str) -> HistoryEntry | None:
    """Which of them is meant: by its number, by its place, or by the words of what only one of them is about."""
    numbers = slots.short_numbers(heard, 1)
    by_number = [entry for entry in entries if entry.number.lstrip("0") in {each.lstrip("0") for each in numbers}]
    if by_number:
        return by_number[0]
    folded = fold(heard)
    places = [place for place, words in enumerate(_ORDINALS[: len(entries)]) if words.found_in(folded)]
    if len(places) == 1:
        return entries[places[0]]
    said = {stem(word) for word in folded.split()}
    shared = [len(said & {stem(word) for word in fold(entry.summary).split()}) for entry in entries]
    most = max(shared)
    return entries[shared.index(most)] if most and shared.count(most) == 1 else None


def _stands(words: Words, entry: HistoryEntry, language: Language, **more: str) -> str:
    state = STATES[entry.state or TicketState.OPEN][language]
    about = _about(entry, ABOUT, language)
    return words[language].format(number=entry.number, state=state, about=about, **more)


def _about(entry: HistoryEntry, words: Words, language: Language) -> str:
    """What it is about, where that is short and in the caller's own language."""
    about = " ".join(entry.summary.split()).rstrip(".،؟?! ")
    if not about or len(about) > LONGEST_ABOUT or script_of(about) is not language:
        return ""
    return words[language].format(about=about)
