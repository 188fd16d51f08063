"""Short replies to a question of ours: yes or no, callback or back to the agent, and consent to being recorded."""

from __future__ import annotations

from enum import StrEnum

from domain.answering import held, triggers
from domain.answering.held import HeldSaid
from domain.answering.spelling import fold
from domain.answering.wordlist import WordList


class Reply(StrEnum):
    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


class Choice(StrEnum):
    """The reply to "shall somebody call you back, or shall we go on?"."""

    CALLBACK = "callback"
    BACK = "back"
    WAIT = "wait"
    UNCLEAR = "unclear"


_YES = WordList(
    """yes, yes please, yeah, yea, yep, yup, sure, of course, ok, okay, fine, alright, all right, go ahead, certainly,
    absolutely, definitely, please do, do it, right, correct, agreed, i agree, i consent, i accept, you may, you can,
    thats ok, thats okay, thats fine, thats alright, its ok, its fine, sounds good, good, great, نعم, اي, اي نعم,
    ايه, ايوه, ايوا, ايوة, اه, اها, هيه, يب, بلي, تمام, ماشي, اوكي, اوكيه, اوك, طيب, زين, حاضر, اكيد, طبعا, بالتاكيد,
    موافق, موافقه, موافقين, اوافق, اقبل, قابل, اتفقنا, تفضل, تفضلي, تفضلوا, صح, صحيح, واخا, صافي, باهي, مليح, يلا,
    اجل, سجل, سجلوا, سجلي, عادي, لا عادي, براحتك, علي راحتكم, علي راحتك"""
)
_NO_OBJECTION = WordList(
    """no problem, no worries, no objection, no objections, i dont mind, dont mind, i do not mind, not a problem,
    why not, ما عندي مانع, ماعندي مانع, ما عندي مشكله, ما في مانع, مافي مانع, لا مانع, لا مانع لدي, ليس لدي مانع,
    ما في مشكله, مافي مشكله, ما فيه مشكله, مفيش مشكله, مافيش مشكله, معنديش مانع, ماعنديش مانع, مو مشكله, مش مشكله,
    لا مشكله, لا عادي, عادي ما في مشكله, ولا يهمك, ما عليه, معليش, ما عندي اعتراض, ما كاين مشكل, ماشي مشكل, ليه لا,
    ليش لا"""
)
_NO = WordList(
    """no, nope, nah, no thanks, no thank you, no way, not now, never, dont, do not, i refuse, i decline, i object,
    i disagree, dont agree, do not agree, dont consent, do not consent, dont accept, dont want, do not want,
    dont record, do not record, rather not, prefer not, not ok, not okay, not fine, not allowed, please dont,
    without, لا, لا لا, لا شكرا, كلا, ابدا, بلاش, ما اوافق, لا اوافق, ما نوافق, غير موافق, غير موافقه, مو موافق,
    مو موافقه, مش موافق, مش موافقه, مب موافق, ماني موافق, موب موافق, ارفض, رافض, رافضه, اعترض, ما اقبل, لا اقبل,
    ما ابي, مابي, ما ابغي, مابغي, ما ابا, ما اريد, لا اريد, ما ودي, مش عايز, مش عاوز, مش عايزه, ما بدي, مابدي, بديش,
    ما بغيتش, مانيش موافق, لا تسجل, لا تسجلوا, لا تسجلون, لا تسجلي, ما تسجلوا, ما تسجلون, ما تسجل, متسجلوش, متسجلش,
    ما تسجلوش, بدون تسجيل, من غير تسجيل, مو تمام, مش تمام, مو اوكي, مش ماشي, مو عادي, مش عادي"""
)
_UNSURE = WordList(
    """not sure, im not sure, maybe, perhaps, depends, i guess, what, why, how, who, which, where, when, whether, but,
    if, ليش, ليه, لماذا, لشو, علاش, وش, شو, ايش, ايه هو, يعني ايه, ما معني, كيف, مين, من يسمع, متي, بس, لكن, اذا, لو,
    ممكن, يمكن, ربما, مدري, ما ادري, لا ادري, مش عارف, ما بعرف, لا اعرف, مو متاكد, مش متاكد, ان شاء الله, ان شالله"""
)
_SPARE_WORDS = 4
"""Words beside a yes: "yes, you can record this call". Longer ones say more than yes."""


def yes_or_no(text: str) -> Reply:
    """A plain reading: what says both, or asks back, is UNCLEAR."""
    folded = fold(text)
    rest = _NO_OBJECTION.without(folded)
    no = _NO.found_in(rest)
    without_no = _NO.without(rest)
    yes = _YES.found_in(without_no)
    if rest != folded:  # "No, I don't mind": its bare "no" is part of the yes
        return Reply.UNCLEAR if _strong_no(rest) or _UNSURE.found_in(without_no) else Reply.YES
    if yes == no or _UNSURE.found_in(without_no):
        return Reply.UNCLEAR
    if no:
        return Reply.NO
    return Reply.YES if len(_YES.without(without_no).split()) <= _SPARE_WORDS else Reply.UNCLEAR


_BARE_NO = {"no", "nope", "nah", "لا", "كلا"}


def _strong_no(folded: str) -> bool:
    """A no that is more than the bare word."""
    return _NO.found_in(" ".join(word for word in folded.split() if word not in _BARE_NO))


def consent(text: str) -> Reply:
    """The reply to "may we record this call?". Only a clear yes is one; any no in it, or a wish to stop, is a no."""
    folded = fold(text)
    if triggers.opts_out(folded) or triggers.asks_never_to_be_called(folded):
        return Reply.NO
    reply = yes_or_no(text)
    if reply is Reply.UNCLEAR and _strong_no(_NO_OBJECTION.without(folded)) and not _UNSURE.found_in(folded):
        return Reply.NO
    return reply


_THE_FIRST = WordList(
    """the first, first one, option one, number one, the callback, callback, call, a call, phone, الاول, الاولي, واحد,
    رقم واحد, الخيار الاول, الاتصال, اتصال, اتصلوا, اتصلو, مكالمه"""
)
_THE_SECOND = WordList(
    """the second, second one, option two, number two, with you, to you, you, go on, continue, carry on, the assistant,
    the robot, الثاني, الثانيه, التاني, التانيه, اثنين, رقم اثنين, الخيار الثاني, معك, معاك, معكم, معاكي, معاكم, انت,
    انتي, المساعد, كمل, نكمل, اكمل, نستمر, استمر, الاستمرار"""
)


def choice(text: str) -> Choice:
    """Callback or back. A bare yes takes what was asked first, the callback; a bare no goes on with the agent."""
    match held.held_said(text):
        case HeldSaid.CALLBACK:
            return Choice.CALLBACK
        case HeldSaid.NEVER_MIND:
            return Choice.BACK
        case HeldSaid.KEEP_WAITING:
            return Choice.WAIT
        case _:
            pass
    folded = fold(text)
    first, second = _THE_FIRST.found_in(folded), _THE_SECOND.found_in(folded)
    if first != second:
        refused = yes_or_no(text) is Reply.NO
        return Choice.CALLBACK if first is not refused else Choice.BACK
    if first:
        return Choice.UNCLEAR
    match yes_or_no(text):
        case Reply.YES:
            return Choice.CALLBACK
        case Reply.NO:
            return Choice.BACK
        case Reply.UNCLEAR:
            return Choice.UNCLEAR


def wish_while_held(text: str, *, asked: bool) -> HeldSaid:
    """What somebody who waits for a person wants, by words or by a key.

    `asked`: whether to be called back or not, so that a yes and a no are answers.
    """
    if text.isdigit():
        return held.held_pressed(text)
    said = held.held_said(text)
    if not asked or said is not HeldSaid.OTHER:
        return said
    match choice(text):
        case Choice.CALLBACK:
            return HeldSaid.CALLBACK
        case Choice.BACK:
            return HeldSaid.NEVER_MIND
        case Choice.WAIT:
            return HeldSaid.KEEP_WAITING
        case Choice.UNCLEAR:
            return said
