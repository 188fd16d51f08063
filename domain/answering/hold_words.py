"""What is heard and said around the wait for a person: on hold, when it ends, and when the line comes back in it."""

from __future__ import annotations

from datetime import datetime

from domain.answering.spelling import fold
from domain.answering.wordlist import WordList
from domain.calendar.words import named_day, spoken_time
from domain.hours import zone_of
from domain.line import HeldChoice, Phase, PhaseKind, ResumeReason
from domain.speech import Language
from domain.tenant import TenantProfile, Words

EN, AR = Language.EN, Language.AR

WAIT: Words = {
    EN: "Please hold on, I am looking for a colleague for you.",
    AR: "لحظات من فضلك، أبحث لك عن أحد الزملاء.",
}
NEXT: Words = {
    EN: "You are next. Please hold on.",
    AR: "دورك هو التالي. ابقَ معي من فضلك.",
}
PLACE: Words = {
    EN: "You are number {position} in the queue.",
    AR: "رقمك في الانتظار هو {position}.",
}
SOON: Words = {
    EN: "It should take less than a minute.",
    AR: "لن يستغرق الأمر أكثر من دقيقة.",
}
MINUTES: Words = {
    EN: "The wait is about {minutes} minutes.",
    AR: "مدة الانتظار حوالي {minutes} دقائق.",
}
WAYS_OUT: Words = {
    EN: "You can also say: call me back.",
    AR: "ويمكنك أن تقول: اتصلوا بي لاحقاً.",
}
CHOOSE: Words = {
    EN: "Nobody is free yet. Shall a colleague call you back, or would you rather go on with me? "
    "Say: call me back, or: never mind.",
    AR: "لا يوجد زميل متاح بعد. هل نتصل بك لاحقاً أم نكمل أنا وأنت؟ قل: اتصلوا بي، أو قل: خلاص.",
}
RETURNS: Words = {
    EN: "My colleague is coming back to you. Please hold on.",
    AR: "زميلي سيعود إليك حالاً. ابقَ معي من فضلك.",
}
CHOSEN: Words = {EN: "All right, one moment.", AR: "تمام، لحظة من فضلك."}
UNREACHABLE: Words = {
    EN: "I'm sorry, I can't reach a colleague right now. I am still here for you. What can I do?",
    AR: "أعتذر، لا أستطيع الوصول إلى أحد الزملاء الآن. أنا ما زلت معك. كيف أقدر أساعدك؟",
}
GIVEN_BACK: Words = {
    EN: "I'm back with you. Is there anything else that I can do for you?",
    AR: "عدت إليك. هل هناك شيء آخر أقدر أساعدك فيه؟",
}
NEVER_MIND: Words = {
    EN: "All right, then let's go on together. What can I do for you?",
    AR: "تمام، نكمل معاً. كيف أقدر أساعدك؟",
}
NO_ADVISOR: Words = {
    EN: "Nobody was free, I'm sorry. Let's go on together. What can I do for you?",
    AR: "أعتذر، لم يكن أحد متاحاً. نكمل معاً. كيف أقدر أساعدك؟",
}
PROMISED: Words = {
    EN: "A colleague will call you back as soon as possible. Is there anything else?",
    AR: "سيتصل بك أحد الزملاء في أقرب وقت. هل هناك شيء آخر؟",
}
PROMISED_AT: Words = {
    EN: "A colleague will call you back {day}, {time}. Is there anything else?",
    AR: "سيتصل بك أحد الزملاء {day}، {time}. هل هناك شيء آخر؟",
}
CLOSED: Words = {
    EN: "Nobody is at work right now, I'm sorry.",
    AR: "أعتذر، لا يوجد أحد في الدوام الآن.",
}
REFUSED: Words = {
    EN: "I'm sorry, I can't put you through to a colleague right now. What can I do for you?",
    AR: "أعتذر، لا أستطيع تحويلك إلى أحد الزملاء الآن. كيف أقدر أساعدك؟",
}
ANYTHING_ELSE: Words = {EN: "Is there anything else?", AR: "هل هناك شيء آخر؟"}

_CALL_BACK = WordList(
    """call me back, call back, callback, call me later, call me instead, ring me back, phone me back, ring me later,
    اتصلوا بي, اتصل بي, اتصلوا فيني, اتصلوا علي, اتصل علي, دقوا علي, دق علي, كلموني بعدين, كلمني بعدين, كلموني لاحقا,
    عاودوا الاتصال, معاوده الاتصال, رنوا علي, كلموني انتم, خلوهم يتصلون, خليهم يتصلون"""
)
_NEVER_MIND = WordList(
    """never mind, nevermind, forget it, forget about it, no need, dont bother, go on with you, continue with you,
    stay with you, i will wait no longer, cancel, cancel that, خلاص, ما عليه, ما يحتاج, لا داعي, مو لازم,
    مب لازم, مش لازم, الغ, الغي, كمل معاي, نكمل معك, نكمل معاك, اكمل معك, انسى الموضوع, انس الموضوع, هونت, بطلت"""
)


def choice(text: str) -> HeldChoice | None:
    """Which way out of the wait a caller asks for; None for anything else that is said."""
    folded = fold(text)
    if _CALL_BACK.found_in(folded):
        return HeldChoice.CALL_BACK
    if _NEVER_MIND.found_in(folded):
        return HeldChoice.NEVER_MIND
    return None


def comfort(phase: Phase, language: Language) -> str:
    """What is said over the music, again and again."""
    if phase.kind is PhaseKind.BRIDGED:
        return RETURNS[language]
    if phase.choose:
        return CHOOSE[language]
    if phase.position is None:
        return WAIT[language]
    place = NEXT[language] if phase.position <= 1 else PLACE[language].format(position=phase.position)
    return " ".join(filter(None, (place, _wait(phase.wait_s, language), WAYS_OUT[language])))


def _wait(wait_s: int | None, language: Language) -> str:
    if wait_s is None:
        return ""
    minutes = -(-wait_s // 60)
    return SOON[language] if minutes <= 1 else MINUTES[language].format(minutes=minutes)


def resumed(phase: Phase, profile: TenantProfile, language: Language) -> str:
    """The agent's first sentence when it answers again."""
    match phase.resumed:
        case ResumeReason.NEVER_MIND:
            return NEVER_MIND[language]
        case ResumeReason.NO_ADVISOR:
            return NO_ADVISOR[language]
        case ResumeReason.CALLBACK_PROMISED:
            return _promised(phase.callback_at, profile, language)
        case ResumeReason.CLOSED:
            promised = ANYTHING_ELSE[language]
            if phase.callback_at is not None:
                promised = _promised(phase.callback_at, profile, language)
            return f"{CLOSED[language]} {promised}"
        case ResumeReason.REFUSED:
            return REFUSED[language]
        case ResumeReason.GIVEN_BACK | None:
            return GIVEN_BACK[language]


def _promised(callback_at: float | None, profile: TenantProfile, language: Language) -> str:
    if callback_at is None:
        return PROMISED[language]
    at = datetime.fromtimestamp(callback_at, zone_of(profile))
    return PROMISED_AT[language].format(day=named_day(at.date(), None, language), time=spoken_time(at, language))
