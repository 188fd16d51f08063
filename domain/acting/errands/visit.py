"""A technician's visit: on which day, in which window, and where to reach the caller."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from domain.acting.errands.question import question, without_phones, words_of
from domain.acting.visits import BookedCount, Window, first_free, is_free, windows_on
from domain.answering import slots, triggers
from domain.answering.dialogue import ANYTHING_ELSE, Dialogue
from domain.answering.spelling import fold, stem
from domain.answering.wordlist import WordList
from domain.calendar.words import gregorian_day, spoken_time
from domain.desk.contact import number_in
from domain.hours import local_date, time_on, zone_of
from domain.moves import Act, Move, Say
from domain.speech import Language, TurnKind
from domain.tenant import TenantProfile, Words

BOOK_VISIT = "book_visit"
KIND = "visit"
VISIT_BOOKED = "visit_booked"

EN, AR = Language.EN, Language.AR
WHICH_DAY: Words = {
    EN: "Gladly. Which day suits you, and in the morning or the afternoon?",
    AR: "أكيد. أي يوم يناسبك، صباحاً أم بعد الظهر؟",
}
NOT_THAT_DAY: Words = {
    EN: "On {day} nobody can come. Which other day suits you?",
    AR: "يوم {day} لا يأتي أحد. أي يوم آخر يناسبك؟",
}
WHICH_PART: Words = {
    EN: "In the morning or the afternoon?",
    AR: "صباحاً أم بعد الظهر؟",
}
TAKEN: Words = {
    EN: "That time is taken. The next free one is {day}, between {opens} and {closes}. Shall I book that?",
    AR: "هذا الوقت محجوز. أقرب وقت متاح هو {day} بين {opens} و{closes}. هل أحجزه لك؟",
}
NOTHING_FREE: Words = {
    EN: "I'm sorry, everything is taken for the next weeks. Shall I connect you to a colleague?",
    AR: "أعتذر، كل المواعيد محجوزة في الأسابيع القادمة. هل أوصلك بأحد الزملاء؟",
}
WHICH_PHONE: Words = {
    EN: "On which phone number can the technician reach you?",
    AR: "على أي رقم هاتف يتصل بك الفني؟",
}
BOOKING: Words = {
    EN: "One moment, I am booking it for you.",
    AR: "لحظة من فضلك، أحجز لك الموعد.",
}
BOOKED: Words = {
    EN: "A technician is booked for {day}, between {opens} and {closes}. The number is {reference}.",
    AR: "حجزت لك فنياً {day} بين {opens} و{closes}. الرقم هو {reference}.",
}
LEFT: Words = {
    EN: "All right, I book nothing. Is there anything else?",
    AR: "تمام، لا أحجز شيئاً. هل هناك شيء آخر؟",
}

_WHO = "technician, engineer, repairman, repair man, mechanic, service man, plumber, electrician, somebody, someone"
_ASKED = WordList(
    ", ".join(
        f"{verb} {article}{who.strip()}"
        for verb in ("book", "book me", "send", "send me", "schedule", "arrange", "order", "get me")
        for article in ("", "a ", "an ", "the ", "your ")
        for who in _WHO.split(",")[:8]
    )
    + """, book a visit, book visit, schedule a visit, arrange a visit, book a repair, schedule a repair, repair visit,
    technician visit, visit from a technician, a technician to come, a technician on, a technician for,
    send somebody to repair, send someone to repair, send somebody to fix, send someone to fix, technician come,
    احجز فني, احجزي فني, احجزوا فني, احجز لي فني, احجزوا لي فني, حجز فني, ارسل فني, ارسلوا فني, ارسلوا لي فني,
    ترسلون فني, ترسلوا فني, طرش فني, طرشوا فني, دزوا فني, ابعت فني, ابعتوا فني, ابعتولي فني, ابي فني, ابغي فني,
    اريد فني, عايز فني, بدي فني, محتاج فني, زياره فني, موعد مع فني, موعد فني, موعد صيانه, موعد للصيانه, احجز صيانه,
    احجز موعد صيانه, احجز لي موعد صيانه, حجز موعد صيانه, حجز صيانه"""
)
_MORNING = WordList("morning, in the morning, before noon, am, صباحا, الصبح, الصباح, صبح, بكير")
_AFTERNOON = WordList(
    """afternoon, in the afternoon, evening, in the evening, after lunch, after noon, pm, بعد الظهر, العصر, عصرا,
    المسا, مسا, بعد الضهر"""
)
_NOON = 12
_FEW_WORDS = 5
"""Of an answer such as "on Tuesday in the morning"; more may be a question of its own."""


def asked_for(folded: str) -> bool:
    return _ASKED.found_in(folded)


def concerns(text: str, dialogue: Dialogue, profile: TenantProfile) -> bool:
    """Whether these words are about a visit: they ask for one, or answer a question about one."""
    if BOOK_VISIT not in profile.actions or not profile.visits:
        return False
    return asked_for(fold(text)) or (dialogue.errand_step is not None and dialogue.errand_step[0] == KIND)


def fills(heard: str, today: date) -> bool:
    """Whether these few words name a day or a part of one."""
    folded = fold(heard)
    named = slots.day(heard, today) is not None or _MORNING.found_in(folded) or _AFTERNOON.found_in(folded)
    return len(folded.split()) <= _FEW_WORDS and (named or slots.time_of_day(heard) is not None)


def replies(text: str, dialogue: Dialogue) -> bool:
    """Whether this is a yes or a no to the time that was offered."""
    folded = fold(text)
    return dialogue.errand_step == (KIND, "offer") and (triggers.says_yes(folded) or triggers.says_no(folded))


def moves(
    heard: str,
    phone: str | None,
    taken: Mapping[Window, int],
    dialogue: Dialogue,
    profile: TenantProfile,
    language: Language,
    now: datetime,
) -> list[Move]:
    """What to ask next, or the booking. `heard` has its numbers in digits, `phone` is the last that was said."""
    booked = BookedCount(taken)
    said = words_of(KIND, heard, dialogue)
    today = local_date(profile, now)
    if dialogue.errand_step == (KIND, "offer") and triggers.says_no(fold(heard)):
        return [question(KIND, "day", WHICH_DAY, dialogue, language)]
    day = slots.day(without_phones(heard), today) or slots.day(without_phones(said), today)
    if day is None:
        if dialogue.errand_step is not None and triggers.says_no(fold(heard)):
            return [Say(text=LEFT[language], language=language, kind=TurnKind.ANSWER, intent=ANYTHING_ELSE)]
        return [question(KIND, "day", WHICH_DAY, dialogue, language)]
    windows = windows_on(profile, day, now)
    if not windows:
        return [question(KIND, "day", NOT_THAT_DAY, dialogue, language, day=gregorian_day(day, language))]
    wanted = _meant(windows, heard) or _meant(windows, said)
    if len(wanted) != 1 and sum(is_free(profile, window, booked) for window in wanted or windows) > 1:
        return [question(KIND, "part", WHICH_PART, dialogue, language)]
    window, offered = next((one for one in wanted or windows if is_free(profile, one, booked)), None), False
    if window is None:
        window = first_free(profile, (wanted or windows)[0], booked, now)
        if window is None:
            return [Say(text=NOTHING_FREE[language], language=language, kind=TurnKind.CLARIFY, intent="person")]
        if dialogue.errand_step not in ((KIND, "offer"), (KIND, "offered")):
            return [question(KIND, "offer", TAKEN, dialogue, language, **shown(window, profile, language))]
        offered = True
    if phone is None:
        return [question(KIND, "offered" if offered else "phone", WHICH_PHONE, dialogue, language)]
    return [
        Say(text=BOOKING[language], language=language, kind=TurnKind.FILLER),
        Act(action=BOOK_VISIT, slots=_slots(said, window, phone)),
    ]


def shown(window: Window, profile: TenantProfile, language: Language) -> dict[str, str]:
    """A window in words, its date by the Gregorian calendar."""
    zone = zone_of(profile)
    return {
        "day": gregorian_day(window.day, language),
        "opens": spoken_time(time_on(window.day, window.opens, zone), language),
        "closes": spoken_time(time_on(window.day, window.closes, zone), language),
    }


def _slots(said: str, window: Window, phone: str) -> dict[str, str]:
    day = window.day.isoformat()
    return {
        "subject": stem(f"visit{day}{window.opens}".replace("-", "").replace(":", "")),
        "trouble": said,
        "day": day,
        "opens": window.opens,
        "closes": window.closes,
        "phone": phone,
    }


def _meant(windows: list[Window], text: str) -> list[Window]:
    """Those that the words fit: a part of the day, or a time in it."""
    folded = fold(text)
    if _AFTERNOON.found_in(folded):
        return [window for window in windows if window.hour >= _NOON]
    if _MORNING.found_in(folded):
        return [window for window in windows if window.hour < _NOON]
    at = slots.time_of_day(without_phones(text))
    return [window for window in windows if at is not None and window.opens <= at < window.closes]


def phone_of(said: list[str]) -> str | None:
    """The last telephone number that the caller said, in its normal form."""
    return next((number for text in reversed(said) if (number := number_in(text)) is not None), None)
