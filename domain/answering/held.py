"""What a caller who is on hold says or presses: be called back, go on with the agent, how long, are you there."""

from __future__ import annotations

import re
from enum import StrEnum

from domain.answering import triggers
from domain.answering.spelling import fold
from domain.answering.wordlist import WordList


class HeldSaid(StrEnum):
    CALLBACK = "callback"
    NEVER_MIND = "never_mind"
    """No person any more: back to the agent."""
    KEEP_WAITING = "keep_waiting"
    HOW_LONG = "how_long"
    STILL_THERE = "still_there"
    GOODBYE = "goodbye"
    EMERGENCY = "emergency"
    OTHER = "other"


CALLBACK_KEY, ASSISTANT_KEY = "1", "2"

_EDGE, _END = r"(?<!\S)", r"(?!\S)"

# ---------------------------------------------------------------- be called back

_CALL_ME = WordList(
    """if you called me, rather you called me, call me, call back, ring me, ring back, phone me, phone back,
    give me a call, give me a ring, give me a callback, a callback, callback, call backs, return my call,
    call my number, call my mobile, call this number, be called, be called back, be phoned, calls me, call us back,
    get back to me"""
)
_NOT_CALLED_EN = re.compile(
    r"\b(?:dont|do not|didnt|did not|never|not|wont|will not|stop|without|no need to|no need for|rather not) "
    r"(?:(?:want|need|like|you|to|anyone|anybody|someone|somebody|them|a|any|your|bother|ever|please|be|have|even) )*"
    rf"{_CALL_ME.either}{_END}"
)
"""Only little words lie between: "I don't want to wait, call me back" asks for it."""
_NO_CALLBACK_EN = WordList(
    "no callback, no call back, never mind the callback, never mind the call, forget the callback"
)
_OWN_CALL = WordList(
    """ill call, i will call, ill ring, i will ring, ill phone, i can call, can i call, let me call, i could call,
    ill try again later, i will try again later, بتصل فيكم, بتصل عليكم, بتصل بعدين, بتصل مره ثانيه, بتصل لاحقا,
    ساتصل, برجع اتصل, رح ارجع اتصل, بعاود اتصل, بدق لكم, بدق عليكم, بكلمكم بعدين, هكلمكم بعدين, حكلمكم بعدين,
    هتصل بعدين, هتصل تاني, حتصل بعدين, باتصل بعدين, اتصل فيكم بعدين, اتصل بكم لاحقا, نعاود نتصل, نعيطلكم"""
)
"""The caller will call, which is a way to take leave."""

_ME_AR = r"(?:بي|بيا|فيني|فيا|فيي|في|علي|عليا|عليي|عليه|معي|معاي|معايا|لي|ليا|الي|بنا|فينا|علينا)"
_YOU_CALL_AR = WordList(
    """اتصلوا, اتصلو, اتصل, اتصلي, دقوا, دقو, دق, دقي, رنوا, رنو, رن, رني, طقوا, عيطوا, عيطو, تلفنوا, تلفنولي, كلموا,
    ترجعوا تتصلوا, تتصلون, تتصلوا, تتصلو, تتصل, تتصلي, تدقون, تدقوا, تدق, ترنوا, ترنون, يتصل, يتصلون, يتصلوا, يتصلو,
    يدق, يدقون, يرن, تعاودوا الاتصال, عاودوا الاتصال, اعيدوا الاتصال, عاود الاتصال, تعيدوا الاتصال, معاوده الاتصال,
    اعاده الاتصال, الاتصال, ارجعوا اتصلوا, ارجعوا كلموني, تواصلوا, يتواصل, تتواصلوا, تتواصلون"""
)
_CALL_ME_AR = WordList(
    """كلموني, كلميني, كلمني بعدين, كلمني لاحقا, كلمني بكرا, كلمني بكره, تكلموني, تكلمني بعدين, تكلمني لاحقا,
    يكلمني بعدين, يكلمني لاحقا, يكلموني, حاكوني, تحاكوني, دقولي, رنولي, عيطولي, عيطوليا, صونيولي, تلفنولي, هاتفوني,
    تهاتفوني, اتصلولي, اتصلوبي, ابي اتصال, ابغي اتصال, اريد اتصال, اتصال لاحقا, مكالمه لاحقا, عاودوا الاتصال,
    معاوده الاتصال, اعاده الاتصال, تعاودوا الاتصال, اعيدوا الاتصال, كول باك"""
)
_CALLED_AR = re.compile(rf"{_EDGE}(?:{_YOU_CALL_AR.either} {_ME_AR}|{_CALL_ME_AR.either}){_END}")
_NOT_AR = r"(?:لا|ما|مو|مش|مب|ليش ما|ليه ما|بدون ما|من غير ما|ولا|محد|محدش|ما حد|ماحد|لا احد)"
_WANTING_AR = WordList(
    """ابي, ابغي, ابا, اريد, عايز, عايزه, عاوز, بدي, بدي ياكم, ودي, لازم, داعي, حد, احد, حدا, احدا, يحتاج, ابيكم,
    ابغاكم, عايزكم, ان, انكم"""
)
_CALLING_AR = r"(?:[تي](?:تصل|كلم|دق|رن|عاود|عيد|تواصل|حاك|حكي|عيط|لفن)\S*|الاتصال|معاوده الاتصال|اعاده الاتصال)"
_NOT_CALLED_AR = re.compile(
    rf"{_EDGE}{_NOT_AR} (?:(?:{_WANTING_AR.either} )*{_CALLING_AR}|ا?تصل\S*|كلمني)(?: {_ME_AR})?{_END}"
)
""" "لا تتصلوا فيني": a refusal takes the verb's other form, so "ما ابغى، اتصلوا فيني" still asks."""
_PAST_AR = WordList("امس, امبارح, مبارح, البارح, البارحه, قبل, من شوي, من يومين, الاسبوع الماضي, اول امس")

# ---------------------------------------------------------------- never mind

_NEVER_MIND = WordList(
    """never mind, nevermind, forget it, forget about it, forget that, forget the person, cancel, cancel it,
    cancel that, dont bother, i changed my mind, changed my mind, no need, not necessary, not needed anymore,
    skip it, skip that, back to the assistant, back to you, back to the robot, back to the machine, take me back,
    put me back, bring me back, talk to the assistant, speak to the assistant, continue with you,
    continue with the assistant, go on with you, go on with the assistant, lets go on, lets continue, lets carry on,
    carry on with you, you can help me, you help me, dont want to wait, do not want to wait,
    dont want to wait any longer, cant wait, cannot wait, cant wait any longer, not waiting any longer,
    dont want to hold, dont need a person, dont need anyone, بلاش, مو لازم, مش لازم, مب لازم, موب لازم, مش ضروري,
    مو ضروري, مب ضروري, ليس ضروريا, لا داعي, ما له داعي, ما يحتاج, ما يحتاي, مالوش لزوم, ملوش لزوم, انسي, انسوا,
    انسي الموضوع, انسوا الموضوع, انساها, رجعني, رجعوني, رجعيني, ارجعني, رجعنا, رجعني للمساعد, ارجع للمساعد,
    نرجع للمساعد, ابي المساعد, كمل معي, كملي معي, نكمل, نكمل معك, خلنا نكمل, خلينا نكمل, نكمل مع المساعد, الغ, الغي,
    الغوا, الغ الطلب, كنسل, كنسلوا, كنسلها, غيرت رايي, هونت, بطلت, عدلت عن, خلاص ما ابي, خلاص ما ابغي, خلاص ما ابا,
    خلاص ما اريد, خلاص مش عايز, خلاص مش عايزه, خلاص ما بدي, خلاص مابي, خلاص مابغي, ما عاد بدي, ما عاد ابي,
    ما عاد ابغي, ما عدت اريد, ما ابي انتظر, ما ابغي انتظر, ما ابا انتظر, ما اريد انتظر, لا اريد الانتظار,
    لا اريد ان انتظر, مش عايز استني, مش عاوز استني, مش قادر استني, ما بدي استني, ما بدي انطر, ما اقدر انتظر,
    ما فيني استني, ما فيني انطر, لا استطيع الانتظار, ما نقدرش نستني, ما بغيتش نتسني, ما ابي موظف, ما ابي احد,
    ما بدي حدا, مش عايز حد, لا اريد موظفا"""
)
_NOT_BACK = re.compile(
    r"\b(?:dont|do not|not|never) (?:(?:want|to|please|go|you) )*(?:take me back|put me back|bring me back|cancel"
    rf"(?: it| that)?|back to (?:the (?:assistant|robot|machine)|you)){_END}"
    rf"|{_EDGE}(?:لا|ما) (?:ابي |ابغي |ابا |اريد |بدي |عايز )?(?:ارجع|ترجعني|ترجعوني|ترجعيني|نرجع|تلغ|تلغي|تلغوا|تكنسل)"
    rf"(?: للمساعد| للروبوت)?{_END}"
)

# ---------------------------------------------------------------- the rest

_KEEP_WAITING = WordList(
    """خلني علي الانتظار, خليني علي الانتظار, خلوني علي الانتظار, ill wait, i will wait, i can wait, ill hold,
    i will hold, i can hold, ill stay, i will stay, keep waiting, keep holding, keep me on hold, stay on the line,
    i prefer to wait, id rather wait, ill keep waiting, بنتظر, سانتظر, راح انتظر, رح انتظر, بستني, رح استني, هستني,
    حستني, بنطر, رح انطر, انتظر, خلني انتظر, خليني انتظر, خليني استني, افضل الانتظار, افضل انتظر, احسن انتظر, نستني,
    نتسني, مستني, ابي انتظر, ابغي انتظر"""
)
_HOW_LONG = WordList(
    """هستني كتير, بستني كتير, رح استني كتير, بنتظر كثير, راح انتظر كثير, انتظر كثير, باقي كثير, باقي كتير, فاضل كتير,
    how long, how much longer, how many minutes, how much time, how many people, how many callers, what position,
    whats my position, what is my position, what number am i, which number am i, where am i in the queue,
    where am i in the line, when is it my turn, when will it be my turn, my turn, when will someone,
    when will somebody, is it long, will it take long, how far, كم باقي, كم بقي, كم بيبقي, كم انتظر, كم ننتظر,
    كم بنتظر, كم لازم انتظر, كم راح انتظر, كم ساعه, كم دقيقه, كم دقيقة, كم من الوقت, كم الوقت, كم وقت, كم مده,
    كم المده, كم واحد قبلي, كم شخص قبلي, كم حد قبلي, كم واحد قدامي, كم رقمي, كم ترتيبي, ترتيبي, دوري, دوري متي,
    متي دوري, متي يجي دوري, متي يوصل دوري, متي بيردون, متي يردون, متي حد يرد, قديش, قديش باقي, قديه باقي, اديش,
    قد ايه, قد ايش, فاضل كام, فاضل قد ايه, كام دقيقه, كام واحد قبلي, لمتي, الي متي, لين متي, لحد متي, لحد امتي,
    لامتي, لايمتي, شكد, شكد باقي, شقد, شحال, شحال باقي, قداش, قداش باقي, وقتاش, وكتاش, بيطول, هيطول, حيطول, راح يطول,
    رح يطول, هتطول, بتطول, مطولين, مطول"""
)
_STILL_THERE = WordList(
    """still connected, are we still connected, am i still connected, انتو وين, انتم وين, هالو, are you there,
    are you still there, anybody there, anyone there, is anybody there, is anyone there, is somebody there,
    is someone there, still there, can you hear me, do you hear me, am i still on the line, am i still on hold,
    am i still in the queue, am i still in line, did you forget me, have you forgotten me, hello, hello hello, الو,
    الوو, انت معي, انتي معي, انتم معي, انت معاي, انت معايا, معي, معاي, معايا, لسه معايا, لسا معي, بعدك معي,
    لا زلت معي, ما زلت معي, هل انت معي, هل ما زلت معي, هل من احد, هل يوجد احد, حد هنا, في حد, في حد هنا, في احد,
    فيه احد, فيه حد, في حدا, حدا هون, في حدا هون, احد هنا, كاين شي واحد, كاين حد, تسمعني, تسمعوني, تسمعيني, سامعني,
    سامعيني, وينكم, وينك, فينكم, وين رحتوا, رحتوا, نسيتوني, نسيتونا, موجودين, انتو موجودين, لسا عالخط, انا لسه عالخط"""
)
_NOT_WANTED = WordList(
    """ما ابي, مابي, ما ابغي, مابغي, ما ابا, ما اريد, لا اريد, ما بدي, مابدي, بديش, مش عايز, مش عاوز, مش عايزه, مش قادر,
    ما اقدر, ما فيني, ماني قادر, مو قادر, لا استطيع, ما ودي, مش هقدر, ما راح اقدر, ما نقدرش, ما بغيت, ما بغيتش, لن,
    ما راح, مش, ما رح, مو"""
)
_PRESENCE_WORDS = 6
"""Longer sentences with "hello" or "معي" in them say something else."""


_LEAVES = WordList(
    """bye, bye bye, goodbye, good bye, see you, see you later, talk to you later, good night, have a nice day,
    have a good day, im done, hang up, مع السلامه, باي, باي باي, في امان الله, فمان الله, وداعا, الي اللقاء,
    تصبح علي خير, يومك سعيد"""
)
""" "No thanks" and "خلاص شكرا" end a conversation, but on hold they may be about the music."""
_NOT_WAITING = re.compile(rf"{_EDGE}{_NOT_WANTED.either} (?:اني |ان )?(?:{_KEEP_WAITING.either}|الانتظار){_END}")


def held_said(text: str) -> HeldSaid:
    """What the caller on hold means by `text`."""
    folded = fold(text)
    if triggers.emergency(folded):
        return HeldSaid.EMERGENCY
    if _says_goodbye(folded):
        return HeldSaid.GOODBYE
    if wants_callback(folded):
        return HeldSaid.CALLBACK
    without_refusal = " ".join(_NOT_BACK.sub(" ", folded).split())
    if without_refusal != folded and not _NEVER_MIND.found_in(without_refusal):
        return HeldSaid.KEEP_WAITING
    if _NEVER_MIND.found_in(_NOT_CALLED_AR.sub(" ", without_refusal)) or _NOT_WAITING.search(folded):
        return HeldSaid.NEVER_MIND
    if _HOW_LONG.found_in(folded):
        return HeldSaid.HOW_LONG
    if _KEEP_WAITING.found_in(folded):
        return HeldSaid.KEEP_WAITING
    if _STILL_THERE.found_in(folded) and len(folded.split()) <= _PRESENCE_WORDS:
        return HeldSaid.STILL_THERE
    return HeldSaid.OTHER


def held_pressed(digits: str) -> HeldSaid:
    """What the keys mean: the last one counts, as for somebody who corrects a slip."""
    match digits[-1:]:
        case "1":
            return HeldSaid.CALLBACK
        case "2":
            return HeldSaid.NEVER_MIND
        case _:
            return HeldSaid.OTHER


def wants_callback(folded: str) -> bool:
    if _NO_CALLBACK_EN.found_in(folded) or _OWN_CALL.found_in(folded):
        return False
    if _CALL_ME.found_in(_NOT_CALLED_EN.sub(" ", folded)):
        return True
    asked = _NOT_CALLED_AR.sub(" ", folded)
    return _CALLED_AR.search(asked) is not None and not _PAST_AR.found_in(folded)


def _says_goodbye(folded: str) -> bool:
    rest = _NEVER_MIND.without(folded)
    return (_LEAVES.found_in(rest) and triggers.says_goodbye(rest)) or (
        _OWN_CALL.found_in(folded) and not _KEEP_WAITING.found_in(folded)
    )
