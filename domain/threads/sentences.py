"""What a thread says around the answers: each thing has one wording, to be read and not heard."""

from __future__ import annotations

from datetime import datetime

from domain.answering import sayings
from domain.answering.held import HeldSaid
from domain.answering.replies import wish_while_held
from domain.answering.spelling import ascii_digits
from domain.calendar.counted import about_minutes
from domain.desk import hold_sentences
from domain.line import HeldChoice, Phase, PhaseKind
from domain.speech import Language
from domain.tenant import TenantProfile, Words

EN, AR = Language.EN, Language.AR

NO_AUDIO: Words = {
    EN: "I can't listen to voice notes yet, I'm sorry. Please write it to me, or write “person” to reach a colleague.",
    AR: "أعتذر، لا أستطيع سماع الرسائل الصوتية بعد. اكتب لي من فضلك، أو اكتب «موظف» لتتحدث مع أحد الزملاء.",
}
NO_PICTURES: Words = {
    EN: "I can read text only, I'm sorry: no pictures and no files. Please describe it in words, or write “person” to "
    "reach a colleague.",
    AR: "أعتذر، أستطيع قراءة النصوص فقط، لا الصور ولا الملفات. اشرح لي بالكلمات من فضلك، أو اكتب «موظف» لتتحدث مع أحد "
    "الزملاء.",
}
OUT: Words = {
    EN: "All right, you won't get any more messages from us here. Write START if you change your mind.",
    AR: "تمام، لن تصلك منا رسائل هنا بعد الآن. اكتب «ابدأ» إن غيرت رأيك.",
}
IN_AGAIN: Words = {
    EN: "Welcome back. You get our messages again. How can I help you?",
    AR: "أهلاً بك من جديد. ستصلك رسائلنا مرة أخرى. كيف أقدر أساعدك؟",
}
WAITING: Words = {
    EN: "I have kept your message for my colleague, who will write to you here. To go on with me instead, write 2.",
    AR: "حفظت رسالتك لزميلي، وسيكتب لك هنا. وإن أردت أن تكمل معي، اكتب 2.",
}
WAITS_ABOUT: Words = {
    EN: "A colleague will write to you here: {wait}.",
    AR: "سيكتب لك أحد الزملاء هنا: {wait}.",
}
CHOOSE: Words = {
    EN: "Nobody is free right now. Write 1 and a colleague calls you back, or 2 to go on with me.",
    AR: "لا يوجد أحد متاح الآن. اكتب 1 ليتصل بك أحد الزملاء، أو 2 لتكمل معي.",
}
STAY_OR_GO_ON: Words = {
    EN: "Nobody is free right now. A colleague will write to you here. To go on with me instead, write 2.",
    AR: "لا يوجد أحد متاح الآن. سيكتب لك أحد الزملاء هنا. وإن أردت أن تكمل معي، اكتب 2.",
}
"""Of a tenant that promises no callbacks."""
WITH_PERSON: Words = {
    EN: "A colleague is with you now and reads what you have written.",
    AR: "أحد الزملاء معك الآن ويقرأ ما كتبت.",
}


def cannot_read(kind: str, language: Language) -> str:
    return NO_AUDIO[language] if kind == "audio" else NO_PICTURES[language]


def on_phase(phase: Phase, before: Phase, profile: TenantProfile, language: Language, now: datetime) -> str | None:
    """What is written when a thread comes into `phase`; None where that would only be noise."""
    match phase.kind:
        case PhaseKind.HELD:
            return _choose(profile, language) if phase.choose and not before.choose else None
        case PhaseKind.BRIDGED:
            return WITH_PERSON[language]
        case PhaseKind.CONVERSE:
            return hold_sentences.resumed(phase, profile, language, now)


def while_waiting(text: str, phase: Phase, profile: TenantProfile, language: Language) -> tuple[HeldChoice | None, str]:
    """What somebody who waits for a person has chosen, and what they are answered."""
    digits = ascii_digits(text).strip()
    match wish_while_held(digits if digits.isdigit() else text, asked=phase.choose):
        case HeldSaid.CALLBACK if not profile.callbacks:
            waits = STAY_OR_GO_ON[language] if phase.choose else WAITING[language]
            return None, f"{hold_sentences.NO_CALLBACKS[language]} {waits}"
        case HeldSaid.CALLBACK:
            return HeldChoice.CALL_BACK, hold_sentences.CHOSEN[language]
        case HeldSaid.NEVER_MIND | HeldSaid.GOODBYE:
            return HeldChoice.NEVER_MIND, hold_sentences.CHOSEN[language]
        case HeldSaid.EMERGENCY:
            return None, sayings.emergency(profile, language)
        case HeldSaid.HOW_LONG | HeldSaid.STILL_THERE if phase.wait_s is not None:
            return None, WAITS_ABOUT[language].format(wait=about_minutes(phase.wait_s, language))
        case _:
            return None, _choose(profile, language) if phase.choose else WAITING[language]


def _choose(profile: TenantProfile, language: Language) -> str:
    return CHOOSE[language] if profile.callbacks else STAY_OR_GO_ON[language]
