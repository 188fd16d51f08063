"""A call back at a time: when it may be, and on which number."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from domain.acting.errands.question import question, without_phones, words_of
from domain.answering import slots, triggers
from domain.answering.dialogue import ANYTHING_ELSE, PERSON, Dialogue
from domain.answering.held import HeldSaid, held_said
from domain.answering.spelling import ascii_digits, fold
from domain.answering.wordlist import WordList
from domain.desk.calling import Try, Wish, next_try
from domain.hours import local_date, time_on, zone_of
from domain.moves import Act, Move, Say
from domain.speech import Language, TurnKind
from domain.tenant import TenantProfile, Words

SCHEDULE_CALLBACK = "schedule_callback"
KIND = "callback"
CALLBACK_SCHEDULED = "callback_scheduled"

EN, AR = Language.EN, Language.AR
WHICH_PHONE: Words = {
    EN: "Gladly. On which number shall we call you?",
    AR: "أكيد. على أي رقم نتصل بك؟",
}
NOTING: Words = {EN: "One moment, I am noting it.", AR: "لحظة من فضلك، أسجل ذلك."}
SCHEDULED: Words = {
    EN: "Somebody will call you {day} at {time}, on {phone}.",
    AR: "سيتصل بك أحد الزملاء {day} الساعة {time} على الرقم {phone}.",
}
NEVER: Words = {
    EN: "I'm sorry, I can't promise a call. Shall I connect you to a colleague?",
    AR: "أعتذر، لا أستطيع أن أعدك باتصال. هل أوصلك بأحد الزملاء؟",
}
LEFT: Words = {
    EN: "All right, nobody will call you. Is there anything else?",
    AR: "تمام، لن يتصل بك أحد. هل هناك شيء آخر؟",
}
_IN_A_WHILE = (
    (WordList("in half an hour, in thirty minutes, in 30 minutes, بعد نص ساعه, بعد نصف ساعه"), timedelta(minutes=30)),
    (WordList("in two hours, in 2 hours, in a couple of hours, بعد ساعتين"), timedelta(hours=2)),
    (WordList("in an hour, in one hour, in 1 hour, بعد ساعه"), timedelta(hours=1)),
)
_SAYS_HALF = re.compile(
    r"\d\s*(?:a\.?m\b|p\.?m\b)|صباح|الصبح|ظهر|عصر|مسا|المغرب|ليل|morning|afternoon|evening|tonight|night", re.IGNORECASE
)
_LATER_HALF = re.compile(r"afternoon|evening|tonight|night|بعد الظهر|العصر|المسا", re.IGNORECASE)
_SOMETHING_ELSE = re.compile(r"\b(?:call|get|ring) me (?:a|an)\b")
""" "Call me a taxi"."""
_HALF_A_DAY = 12


def concerns(text: str, dialogue: Dialogue, profile: TenantProfile) -> bool:
    if SCHEDULE_CALLBACK not in profile.actions or not profile.callbacks:
        return False
    open_question = dialogue.errand_step is not None and dialogue.errand_step[0] == KIND
    asks = held_said(text) is HeldSaid.CALLBACK and not _SOMETHING_ELSE.search(fold(text))
    return open_question or asks


def moves(
    heard: str, phone: str | None, dialogue: Dialogue, profile: TenantProfile, language: Language, now: datetime
) -> list[Move]:
    """What to ask next, or the promise. `phone` is the last that the caller said."""
    if dialogue.errand_step is not None and dialogue.errand_step[0] == KIND and triggers.says_no(fold(heard)):
        return [Say(text=LEFT[language], language=language, kind=TurnKind.ANSWER, intent=ANYTHING_ELSE)]
    if phone is None:
        return [question(KIND, "phone", WHICH_PHONE, dialogue, language)]
    when = time_meant(words_of(KIND, heard, dialogue), phone, profile, now)
    if when is None:
        return [Say(text=NEVER[language], language=language, kind=TurnKind.CLARIFY, intent=PERSON)]
    at = when.replace(second=0, microsecond=0).isoformat(timespec="minutes")
    return [
        Say(text=NOTING[language], language=language, kind=TurnKind.FILLER),
        Act(action=SCHEDULE_CALLBACK, slots={"subject": f"callback {at} {phone}", "at": at, "phone": phone}),
    ]


def time_meant(text: str, phone: str, profile: TenantProfile, now: datetime) -> datetime | None:
    """The first time from the one that is meant on at which people may be called; None where there is none."""
    wanted = _wanted(without_phones(text), profile, now)
    found = [_first(profile, phone, at, now) for at in wanted]
    exact = [each.at for each, at in zip(found, wanted, strict=True) if each is not None and each.at == max(at, now)]
    # "At five" is the five at which people are called.
    if exact:
        return exact[0]
    later = [
        (_same_hour(each.at, at, profile, phone, now), at)
        for each, at in zip(found, wanted, strict=True)
        if each is not None
    ]
    kept = (at for at, meant in later if (at.hour, at.minute) == (meant.hour, meant.minute))
    return next(kept, later[0][0] if later else None)


def _same_hour(first: datetime, wanted: datetime, profile: TenantProfile, phone: str, now: datetime) -> datetime:
    """On another day than was meant it is the hour that was meant, where people may be called then."""
    same = first.replace(hour=wanted.hour, minute=wanted.minute)
    found = _first(profile, phone, same, now) if first.date() != wanted.date() and same > first else None
    return found.at if found is not None and found.at == same else first


def _wanted(text: str, profile: TenantProfile, now: datetime) -> list[datetime]:
    """The moments that the words may mean, the likeliest first; now, where they name none."""
    folded = fold(text)
    local = now.astimezone(zone_of(profile))
    for words, ahead in _IN_A_WHILE:
        if words.found_in(folded):
            return [local + ahead]
    today = local_date(profile, now)
    day, clock = slots.day(text, today), slots.time_of_day(text)
    zone = zone_of(profile)
    if clock is None:
        if day is None or day == today:
            return [local]
        return [time_on(day, profile.calling_hours.earliest, zone)]
    at = time_on(day or today, clock, zone)
    plain = ascii_digits(text)
    candidates = [at]
    if at.hour <= _HALF_A_DAY and (_LATER_HALF.search(plain) or not _SAYS_HALF.search(plain)):
        later = at + timedelta(hours=_HALF_A_DAY) if at.hour < _HALF_A_DAY else at
        candidates = [later] if _LATER_HALF.search(plain) else [at, later]
    if day is None:
        candidates = [each if each > now else each + timedelta(days=1) for each in candidates]
        candidates.sort()
    return candidates


def _first(profile: TenantProfile, phone: str, at: datetime, now: datetime) -> Try | None:
    found = next_try(profile, now=now, number=phone, wish=Wish(begins=at))
    return found if isinstance(found, Try) else None
