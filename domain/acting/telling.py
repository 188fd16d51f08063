"""What is said of an action, whichever it is: done, known, under way, waiting, refused, or not certain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from domain.acting import own_deeds
from domain.acting.action import ActionState, ActResult
from domain.acting.errands import callback, ticket, undo, visit
from domain.acting.tenant_tool import ACTION
from domain.answering import tickets
from domain.answering.dialogue import ANYTHING_ELSE, CANCELLED, PERSON, TICKET_UPDATED
from domain.calendar.words import gregorian_day, spoken_time
from domain.desk.hold_sentences import HOME
from domain.speech import Language
from domain.tenant import Words
from domain.texting import talk
from domain.texting.book import SEND_SMS

Told = tuple[str, str]
"""A sentence and its intent."""
Slots = Mapping[str, str]

EN, AR = Language.EN, Language.AR
UNDER_WAY: Words = {
    EN: "It is on its way. I will tell you as soon as it is done.",
    AR: "الطلب قيد التنفيذ. سأخبرك عندما يتم.",
}
WAITS: Words = tickets.WAITS_FOR_APPROVAL
NOT_POSSIBLE: Words = {
    EN: "I'm sorry, I could not do that. Shall I connect you to a colleague?",
    AR: "أعتذر، لم أستطع القيام بذلك. هل أوصلك بأحد الزملاء؟",
}
NOT_CERTAIN: Words = {
    EN: "I'm not certain that it went through. A colleague will check it and contact you.",
    AR: "لست متأكداً من أن الأمر تم. سيتحقق أحد الزملاء ويتواصل معك.",
}
UNDONE = "undone"
"""Intent of what is said of an action that was begun and is not done, or not yet."""


def told(result: ActResult, slots: Slots, language: Language, done: Words | None = None) -> Told:
    """`slots` are those with which it was asked for, `done` a tenant's own sentence for one of its own tools."""
    if result.action.startswith(ACTION):
        return own_deeds.told(result, done or {}, language)
    if result.action == SEND_SMS:
        return talk.told(result, slots, language)
    if result.action == tickets.CREATE_TICKET:
        return tickets.told(result, language)
    match result.state:
        case ActionState.DONE if result.action in _DONE:
            return _DONE[result.action](result, slots, language)
        case ActionState.DONE:
            return UNDER_WAY[language], UNDONE
        case ActionState.RUNNING:
            return UNDER_WAY[language], UNDONE
        case ActionState.WAITING_APPROVAL:
            return WAITS[language], UNDONE
        case ActionState.REJECTED:
            return NOT_POSSIBLE[language], PERSON
        case ActionState.UNKNOWN:
            return NOT_CERTAIN[language], UNDONE


def _updated(result: ActResult, slots: Slots, language: Language) -> Told:
    return ticket.ADDED[language].format(reference=result.reference), TICKET_UPDATED


def _booked(result: ActResult, slots: Slots, language: Language) -> Told:
    opens, closes = (_clock(slots.get(name, ""), language) for name in ("opens", "closes"))
    day = gregorian_day(date.fromisoformat(slots["day"]), language)
    text = visit.BOOKED[language].format(day=day, opens=opens, closes=closes, reference=result.reference)
    return text, visit.VISIT_BOOKED


def _scheduled(result: ActResult, slots: Slots, language: Language) -> Told:
    at = datetime.fromisoformat(slots["at"])
    phone = slots.get("phone", "")
    spoken = f"0{phone.removeprefix(HOME)}" if phone.startswith(HOME) else phone
    text = callback.SCHEDULED[language].format(
        day=_on(at.date(), language), time=spoken_time(at, language), phone=spoken
    )
    return text, callback.CALLBACK_SCHEDULED


def _cancelled(result: ActResult, slots: Slots, language: Language) -> Told:
    what = slots.get("what", "")
    words = undo.CANCELLED.get(what)
    if words is None:
        return UNDER_WAY[language], ANYTHING_ELSE
    return words[language].format(reference=result.reference), f"{CANCELLED}{what}"


_DONE: Mapping[str, Callable[[ActResult, Slots, Language], Told]] = {
    "update_ticket": _updated,
    "book_visit": _booked,
    "schedule_callback": _scheduled,
    "cancel": _cancelled,
}
"""What is said once it is done, a line each."""


def _clock(text: str, language: Language) -> str:
    return spoken_time(datetime.combine(date.min, time.fromisoformat(text)), language)


def _on(day: date, language: Language) -> str:
    named = gregorian_day(day, language)
    return f"on {named}" if language is EN else f"يوم {named}"
