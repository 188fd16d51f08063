"""Tickets by the caller's own words: when one is asked for, what it is about, and what is said of it afterwards.

The subject is what is left of the request without the words of asking: stems, sorted. "Open a ticket, my fridge is
leaking" and "I said a ticket please, the fridge leaks" have the same, so that they are the same action. What else was
said in one breath, such as a question before it, is no part of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from domain.acting.action import ActionState, ActResult
from domain.answering import slots, triggers
from domain.answering.dialogue import ANYTHING_ELSE, ASK_TROUBLE, PERSON, Dialogue
from domain.answering.held import HeldSaid, held_said
from domain.answering.spelling import fold, stem
from domain.answering.wordlist import WordList
from domain.moves import Act, Move, Say
from domain.speech import Language, TurnKind
from domain.tenant import TenantProfile, Words

CREATE_TICKET = "create_ticket"
TICKET_MADE = "ticket_made"
TICKET_KNOWN = "ticket_known"
"""Intents of what is said of a ticket: made now, or made before in this call."""

EN, AR = Language.EN, Language.AR
ASK: Words = {
    EN: "Of course. What is the trouble, in a few words?",
    AR: "أكيد. ما هي المشكلة باختصار؟",
}
OPENING: Words = {
    EN: "One moment, I am opening a ticket for you.",
    AR: "لحظة من فضلك، أفتح لك تذكرة.",
}
MADE: Words = {
    EN: "Your ticket is open. Its number is {reference}. A colleague will contact you.",
    AR: "فتحت لك تذكرة. الرقم هو {reference}. سيتواصل معك أحد الزملاء.",
}
KNOWN: Words = {
    EN: "I have opened a ticket for that already, with the number {reference}. Do you want another one?",
    AR: "فتحت لك تذكرة لهذا من قبل، والرقم هو {reference}. هل تريد تذكرة أخرى؟",
}
LEFT: Words = {
    EN: "All right, I open no ticket. Is there anything else?",
    AR: "تمام، لا أفتح تذكرة. هل هناك شيء آخر؟",
}
AS_IT_IS: Words = {
    EN: "All right, one ticket it is. Is there anything else?",
    AR: "تمام، تذكرة واحدة تكفي. هل هناك شيء آخر؟",
}
UNDER_WAY: Words = {
    EN: "The ticket is on its way. I will tell you its number as soon as I have it.",
    AR: "طلب التذكرة قيد التنفيذ. سأخبرك برقمها عندما أحصل عليه.",
}
WAITS_FOR_APPROVAL: Words = {
    EN: "A colleague has to approve that first. I have passed it on.",
    AR: "هذا يحتاج موافقة أحد الزملاء أولاً. لقد أحلته إليه.",
}
NOT_POSSIBLE: Words = {
    EN: "I'm sorry, I can't open a ticket right now. Shall I connect you to a colleague?",
    AR: "أعتذر، لا أستطيع فتح تذكرة الآن. هل أوصلك بأحد الزملاء؟",
}
NOT_CERTAIN: Words = {
    EN: "I'm not certain that the ticket went through. A colleague will check it and contact you.",
    AR: "لست متأكداً من أن التذكرة وصلت. سيتحقق أحد الزملاء ويتواصل معك.",
}

_ASKED = WordList(
    """open a ticket, open ticket, open me a ticket, open another ticket, create a ticket, make a ticket,
    raise a ticket, file a ticket, log a ticket, need a ticket, want a ticket, a ticket please, ticket please,
    file a complaint, make a complaint, log a complaint, raise a complaint, register a complaint, have a complaint,
    report a problem, report a fault, report an issue, log a fault, log an issue, open a case, raise a case,
    افتح تذكره, افتحي تذكره, افتحوا تذكره, افتح لي تذكره, افتحي لي تذكره, ابغي تذكره, ابي تذكره, اريد تذكره,
    فتح تذكره, عايز افتح تذكره, بدي افتح تذكره, سجل شكوي, سجلي شكوي, سجلوا شكوي, تسجيل شكوي, اقدم شكوي, تقديم شكوي,
    ابغي اشتكي, عندي شكوي, ابلغ عن عطل, بلاغ عن عطل, تسجيل عطل, سجل عطل, ابلغ عن مشكله, رفع بلاغ, ارفع بلاغ"""
)
_OF_ASKING = WordList(
    """open, create, make, raise, file, log, need, want, report, register, have, please, ticket, complaint, problem,
    fault, issue, case, another, again, said, say, told, tell, asked, like, would, could, can, you, your, i, me, my, we,
    our, us, im, is, are, was, a, an, the, it, its, to, for, of, about, because, and, so, that, this, there, hello, hi,
    ok, okay, yes, yeah, still, just, now, with, on, in, at, please, has, been, افتح, افتحي, افتحوا, فتح, لي, لنا,
    تذكره, ابغي, ابي, اريد, عايز, بدي, سجل, سجلي, سجلوا, تسجيل, شكوي, اقدم, تقديم, اشتكي, عندي, ابلغ, بلاغ, عن, عطل,
    مشكله, رفع, ارفع, من فضلك, لو سمحت, الو, مرحبا, قلت, قلت لك, انا, هو, هي, في, من, علي, ان, لان, عشان, علشان, يا,
    نعم, ايوه, اخري, ثاني, ثانيه, مره, الحين, الان"""
)
"""Words that ask, greet or join: they say nothing of the trouble."""
_SENTENCE = re.compile(r"[^.!?؟]+[.!?؟]*")
_CLAUSE = re.compile(r"[^.!?؟,،;؛\n]+")
_QUESTION = re.compile(
    r"^(?:(?:and|ok|wait|no|so|و|طيب|لا) )*(?:how|when|where|which|who|do you|are you|is there|can i|"
    r"كم|بكم|متي|وين|اين|كيف|هل|منو|مين)\b"
)
_OF_A_NUMBER = WordList(
    """my, the, number, phone, mobile, telephone, is, its, it, on, at, under, call, me, reach, you, can, رقمي, رقم,
    هاتفي, تلفوني, جوالي, موبايلي, هو, علي, الرقم, اتصل, اتصلوا, بي, فيني"""
)


def asked_for(folded: str) -> bool:
    return _ASKED.found_in(folded)


def subject_of(text: str) -> str:
    """What a request is about, in its settled form; empty where it only asks for a ticket."""
    return " ".join(sorted({stem(word) for word in _OF_ASKING.without(fold(_trouble(text))).split()}))


def headline(text: str) -> str:
    """What is wrong in the caller's words, without those that only ask for a ticket or tell a telephone number."""
    told = [" ".join(clause.split()) for clause in _CLAUSE.findall(text)]
    kept = [clause for clause in told if _OF_ASKING.without(fold(clause)) and not _is_number(clause)]
    line = ", ".join(kept) or " ".join(text.split())
    return line[:1].upper() + line[1:]


def _is_number(clause: str) -> bool:
    return bool(slots.phones_said(clause)) and not _OF_A_NUMBER.without(slots.without_digits(clause))


def _trouble(text: str) -> str:
    """The sentences that ask, where they say for what; else the statements around them, else all of it."""
    sentences = [part for part in _SENTENCE.findall(text) if part.strip() and not _is_number(part)]
    asking = " ".join(part for part in sentences if asked_for(fold(part)))
    if _OF_ASKING.without(fold(asking)):
        return asking
    told = " ".join(part for part in sentences if not part.rstrip().endswith(("?", "؟")))
    return told if _OF_ASKING.without(fold(told)) else text


def moves(
    text: str,
    dialogue: Dialogue,
    profile: TenantProfile,
    language: Language,
    about_other: Callable[[str], bool] = lambda text: False,
) -> list[Move] | None:
    """What to do about a request for a ticket; None when this is none, or this tenant's agent opens none.

    `about_other`: whether words are surely about something else; a trouble is like a fact about repairs, so that only
    a question of the caller's own is.
    """
    asked, awaited = asked_for(fold(text)), dialogue.last_intent == ASK_TROUBLE
    if CREATE_TICKET not in profile.actions or not (asked or awaited):
        return None
    if not asked and _QUESTION.search(fold(text)) and about_other(text):
        return None
    if awaited and not asked and drops(text):
        return [Say(text=LEFT[language], language=language, kind=TurnKind.ANSWER, intent=ANYTHING_ELSE)]
    subject = subject_of(text)
    if not subject:
        return [Say(text=ASK[language], language=language, kind=TurnKind.CLARIFY, intent=ASK_TROUBLE)]
    return _opened({"subject": subject, "trouble": text}, language)


def drops(text: str) -> bool:
    """Whether the caller wants nothing of what they were just asked about."""
    return triggers.says_no(fold(text)) or held_said(text) is HeldSaid.NEVER_MIND


def confirmed(text: str, dialogue: Dialogue, profile: TenantProfile, language: Language) -> list[Move] | None:
    """The answer to "do you want another one?"; None when that was not asked, or not answered."""
    if CREATE_TICKET not in profile.actions or dialogue.last_intent != TICKET_KNOWN:
        return None
    folded = fold(text)
    if triggers.says_no(folded):
        return [Say(text=AS_IT_IS[language], language=language, kind=TurnKind.ANSWER, intent=ANYTHING_ELSE)]
    subject = subject_of(dialogue.answered_question)
    if not triggers.says_yes(folded) or not subject:
        return None
    return _opened({"subject": subject, "trouble": dialogue.answered_question, "repeat": "1"}, language)


def _opened(filled: dict[str, str], language: Language) -> list[Move]:
    return [
        Say(text=OPENING[language], language=language, kind=TurnKind.FILLER),
        Act(action=CREATE_TICKET, slots=filled),
    ]


def told(result: ActResult, language: Language) -> tuple[str, str]:
    """The sentence about what became of a ticket, and its intent."""
    match result.state:
        case ActionState.DONE if result.known:
            return KNOWN[language].format(reference=result.reference), TICKET_KNOWN
        case ActionState.DONE:
            return MADE[language].format(reference=result.reference), TICKET_MADE
        case ActionState.RUNNING:
            return UNDER_WAY[language], TICKET_MADE
        case ActionState.WAITING_APPROVAL:
            return WAITS_FOR_APPROVAL[language], TICKET_MADE
        case ActionState.REJECTED:
            return NOT_POSSIBLE[language], PERSON
        case ActionState.UNKNOWN:
            return NOT_CERTAIN[language], TICKET_MADE
