"""What may not be left to a model: the words that decide a turn by rule, in English, standard Arabic and dialects."""

from __future__ import annotations

from domain.answering.spelling import fold
from domain.answering.wordlist import WordList
from domain.speech import Language

# ---------------------------------------------------------------- emergency

_DANGER = WordList(
    """on fire, caught fire, catching fire, a fire, the fire, is burning, burning smell, smell burning,
    smells burnt, smell gas, smelling gas, smells of gas, smells like gas, smell of gas, gas smell, gas leak,
    gas leaking, gas is leaking, leaking gas, gas coming out, full of smoke, smoke everywhere, smoke coming,
    electric shock, electrocuted, explosion, exploded, flames, unconscious, passed out, collapsed, not breathing,
    cant breathe, cannot breathe, chest pain, heart attack, having a stroke, bleeding badly, bleeding a lot,
    bleeding heavily, wont stop bleeding, overdose, kill myself, suicide, ambulance, emergency, call the police,
    fire brigade, fire department, help help, حريق, حريقه, حرايق, النار, نار, شب حريق, يحترق, تحترق, احترق, احترقت,
    ولعت النار, ولع, ريحه غاز, ريحه الغاز, رايحه غاز, رائحه غاز, رائحه الغاز, تسرب غاز, تسرب الغاز, تسريب غاز,
    تسريب الغاز, غاز يسرب, الغاز يسرب, انفجار, انفجر, انفجرت, صعقه كهربائيه, تكهرب, انكهرب, اغمي عليه, اغمي عليها,
    اغمى عليه, اغمى عليها, مغمي عليه, فاقد الوعي, فقد الوعي, ما يتنفس, ما تتنفس, لا يتنفس, لا تتنفس, ما اقدر اتنفس,
    لا استطيع التنفس, الم في الصدر, وجع في الصدر, الم بالصدر, ازمه قلبيه, جلطه, ينزف, تنزف, نزيف, اسعاف, طواري,
    طارئه, طاري, الحقوني, انقذوني, مطافي, اطفاء, دفاع مدني, الشرطه, انتحر, انتحار"""
)
_HAZARD = WordList("fire, gas, smoke, غاز, دخان")
"""A bare word: in doubt it is danger."""
_HARMLESS = WordList(
    """gas cooker, gas cookers, gas stove, gas stoves, gas oven, gas ovens, gas hob, gas hobs, gas range,
    gas ranges, gas burner, gas burners, gas grill, gas grills, gas heater, gas heaters, gas dryer, gas bottle,
    gas cylinder, gas connection, gas hose, gas or electric, electric or gas, gas and electric, gas station,
    smoke detector, smoke detectors, smoke alarm, smoke alarms, smoke free, fire extinguisher, fire extinguishers,
    fire alarm, fire tv, fire stick, fire sale, fire damage, fire insurance, fire station, طباخ غاز, طباخات غاز,
    طباخ الغاز, طباخات الغاز, فرن غاز, افران غاز, فرن الغاز, بوتاجاز غاز, سخان غاز, سخانات غاز, شوايه غاز,
    اسطوانه غاز, اسطوانه الغاز, انبوبه غاز, دبه غاز, موقد غاز, غاز او كهربا, غاز ولا كهربا, غاز والا كهربا,
    علي الغاز, كاشف دخان, حساس دخان, طفايه حريق, طفايات حريق, انذار حريق, جرس حريق"""
)
"""Things that a shop sells or a clinic has: cut out before the bare words are looked for."""


def emergency(folded: str) -> bool:
    rest = _HARMLESS.without(folded)
    return _DANGER.found_in(rest) or _HAZARD.found_in(rest)


# ---------------------------------------------------------------- who and what the agent is

_IDENTITY = WordList(
    """are you a robot, are you a bot, are you a machine, are you a computer, are you an ai, are you ai,
    are you human, are you a human, are you real, are you a real person, are you a person, am i talking to a robot,
    am i talking to a machine, am i talking to a human, am i talking to a real person, am i talking to a person,
    am i speaking to a human, am i speaking to a real person, am i speaking to a machine, is this a robot,
    is this a bot, is this a recording, who are you, what are you, whats your name, what is your name,
    who am i talking to, who am i speaking to, who is this, انت روبوت, انتي روبوت, هل انت روبوت, انت الي, انت اله,
    انت انسان, هل انت انسان, انت بشر, انت حقيقي, انت شخص حقيقي, هل اتحدث مع روبوت, اكلم روبوت, اكلم اله, من انت,
    مين انت, منو انت, مين انتي, من معي, مين معي, منو وياي, شو اسمك, ايش اسمك, ما اسمك, اسمك ايه, وش اسمك"""
)


def asks_identity(folded: str) -> bool:
    return _IDENTITY.found_in(folded)


# ---------------------------------------------------------------- consent

_OPT_OUT = WordList(
    """dont record, do not record, stop recording, not be recorded, dont want to be recorded, delete my data,
    erase my data, delete my information, remove my data, forget my data, dont store, do not store, dont save my,
    i do not consent, i dont consent, dont agree to recording, لا تسجل, لا تسجلوا, لا تسجلون, بدون تسجيل,
    وقف التسجيل, اوقف التسجيل, اوقفوا التسجيل, ما ابي تسجيل, ما ابا تسجلون, لا اوافق علي التسجيل, احذف بياناتي,
    احذفوا بياناتي, امسح بياناتي, امسحوا بياناتي, حذف بياناتي, مسح بياناتي, لا تحفظوا, لا تحفظ بياناتي"""
)


def opts_out(folded: str) -> bool:
    return _OPT_OUT.found_in(folded)


_NEVER_CALL = WordList(
    """stop calling me, stop calling, dont call me again, do not call me again, dont call me any more,
    do not call me any more, dont call me anymore, do not call me anymore, dont call again, do not call again,
    never call me, never call me again, dont ever call, dont call this number, do not call this number,
    take me off your list, take me off the list, remove me from your list, remove me from the list,
    remove my number, take my number off, delete my number, unsubscribe, لا تتصلوا بي مره, لا تتصل بي مره,
    لا تتصلون مره, لا تتصلوا مره, لا تعاودوا الاتصال, لا تتصلوا بي ابدا, لا تتصل بي ابدا, لا عاد تتصل, لا عاد تتصلون,
    لا تتصلون علي, ما ابي تتصلون, ما ابا تتصلون, لا اريد ان تتصلوا, توقفوا عن الاتصال, احذفوا رقمي, احذف رقمي,
    امسحوا رقمي, شيلوا رقمي, ازيلوا رقمي"""
)
_DONT_CALL = WordList("dont call me, do not call me, لا تتصلوا, لا تتصل بي, لا تتصلوا بي, لا تتصلون")
_DONT_CALL_REST_WORDS = 1
"""Words beside it: more, and it is about a time ("don't call me on Friday")."""


def asks_never_to_be_called(folded: str) -> bool:
    return _NEVER_CALL.found_in(folded) or _only(_DONT_CALL, folded, _DONT_CALL_REST_WORDS)


# ---------------------------------------------------------------- the language

_ENGLISH = WordList(
    "english, in english, الانجليزيه, انجليزي, انكليزي, انجليش, الانجليزي, بالانجليزي, بالانجليزيه, بالانكليزي"
)
_ARABIC = WordList("arabic, in arabic, العربيه, عربي, بالعربي, بالعربيه, العربي")
_SPEAK = WordList(
    """speak, talk, switch, switch to, continue in, change to, change the language, please, can we, could we,
    prefer, تكلم, تكلمي, اتكلم, نتكلم, تتكلم, تتكلمون, احكي, نحكي, بتحكي, تحكي, كلمني, ارمس, ترمس, ترمسون, تحدث,
    تتحدث, غير اللغه, حول, نكمل, ممكن, لو سمحت, من فضلك, ابي, ابغي, ابا, اريد, تعرف, عايز, بدي"""
)
_LANGUAGE_SENTENCE_WORDS = 8
"""Longer sentences mention a language ("is the manual in Arabic or English?") more often than they ask for one."""


def language_asked_for(folded: str) -> Language | None:
    words = len(folded.split())
    english, arabic = _ENGLISH.found_in(folded), _ARABIC.found_in(folded)
    if english == arabic or words > _LANGUAGE_SENTENCE_WORDS:
        return None
    if words > 1 and not _SPEAK.found_in(folded) and not folded.startswith(("ب", "in ")):
        return None
    return Language.EN if english else Language.AR


# ---------------------------------------------------------------- again, goodbye, courtesy

COURTESY_WORDS = WordList(
    """please, thanks, thank you, thank you very much, very much, so much, a lot, ok, okay, great, good, perfect,
    fine, alright, well, then, and, no, yes, yeah, sir, madam, dear, oh, lovely, you, for your help, for the help,
    your help, now, very, to you, too, have a, have, a, nice, day, evening, من فضلك, لو سمحت, لو سمحتي, الله يخليك,
    شكرا, شكرا لك, شكرا جزيلا, شكرا كثيرا, جزيلا, مشكور, مشكوره, تسلم, تسلمين, يعطيك العافيه, الله يعطيك العافيه,
    تمام, اوكي, طيب, زين, خلاص, ماشي, يلا, حبيبي, لك, كثير, كتير, و"""
)
"""Said around a request; they ask for nothing."""

_AGAIN = WordList(
    """say that again, say it again, say again, repeat, repeat that, can you repeat, could you repeat, once more,
    come again, one more time, pardon, pardon me, what did you say, i didnt hear, i didnt hear you,
    didnt catch that, i did not hear, i couldnt hear, i cant hear you, اعد, اعيد, اعيدي, عيد, عيدي, تعيد, تعيدي,
    كرر, كرري, تكرر, تكرار, مره ثانيه, مره تانيه, مره اخري, ما سمعت, ما سمعتك, لم اسمع, لم اسمعك, ما فهمت عليك,
    شو قلت, ايش قلت, وش قلت, قلت ايه, ماذا قلت, مش سامع, ما اسمعك"""
)
_AGAIN_REST_WORDS = 4
"""Words beside the request in "sorry, could you say that again please"."""

_GOODBYE = WordList(
    """bye, bye bye, goodbye, good bye, see you, see you later, talk to you later, thats all, that is all, thats it,
    that was all, nothing else, no thanks, no thank you, have a nice day, have a good day, good night, im done,
    hang up, مع السلامه, باي, باي باي, في امان الله, فمان الله, وداعا, الي اللقاء, تصبح علي خير, لا شكرا, بس شكرا,
    خلاص شكرا, هذا كل شي, هذا كل شيء, بس هذا, بس هيك, كفايه, ما في شي ثاني, لا شي ثاني, الله يحفظك, يومك سعيد"""
)
_GOODBYE_REST_WORDS = 1
"""Words beside the farewell and the courtesies; one is a name. More, and something is still being asked."""

_THANKS = WordList(
    """thanks, thank you, thank you very much, thanks a lot, many thanks, cheers, شكرا, شكرا لك, شكرا جزيلا, مشكور,
    مشكوره, مشكورين, تسلم, تسلمين, يعطيك العافيه, الله يعطيك العافيه, متشكر, ميرسي, جزاك الله خير, يسلمو"""
)
_GREETING = WordList(
    """hello, hi, hey, hello there, hi there, good morning, good afternoon, good evening, مرحبا, مرحبا بك, اهلا,
    اهلين, هلا, هلا والله, السلام عليكم, سلام عليكم, السلام عليكم ورحمه الله وبركاته, السلام عليكم ورحمه الله,
    صباح الخير, مسا الخير, مساء الخير, الو, هاي, حياك الله"""
)
_HOW_ARE_YOU = WordList(
    """how are you, how are you doing, how are you today, hows it going, how do you do, كيف حالك, كيف الحال, كيفك,
    شلونك, شو اخبارك, شخبارك, اخبارك, ازيك, عامل ايه, كيف حالكم, شحالك, علومك"""
)
YES = WordList("yes, yes please, yeah, yep, sure, نعم, اي, ايوه, ايوا, هيه, اه, بلي")
NO = WordList("no, nope, not now, no no, لا, لا لا, كلا, لا بس, لا خلاص")


def _only(phrases: WordList, folded: str, spare_words: int = 0) -> bool:
    """Whether the sentence says this and, courtesies apart, hardly anything else."""
    if not phrases.found_in(folded):
        return False
    return len(COURTESY_WORDS.without(phrases.without(folded)).split()) <= spare_words


def wants_repeat(folded: str) -> bool:
    return _only(_AGAIN, folded, _AGAIN_REST_WORDS)


_DONT_LEAVE = WordList(
    """dont hang up, do not hang up, dont go, لا تسكر, لا تسكر الخط, لا تقفل, لا تقفل الخط, ما تقفلش, لا تغلق,
    لا تغلق الخط"""
)


def says_goodbye(folded: str) -> bool:
    return not _DONT_LEAVE.found_in(folded) and _only(_GOODBYE, folded, _GOODBYE_REST_WORDS)


def says_thanks(folded: str) -> bool:
    return _only(_THANKS, folded)


def asks_how_we_are(folded: str) -> bool:
    return _only(_HOW_ARE_YOU, _GREETING.without(folded))


def greets(folded: str) -> bool:
    return _only(_GREETING, folded)


def says_yes(folded: str) -> bool:
    return _only(YES, folded)


def says_no(folded: str) -> bool:
    return _only(NO, folded)


_PHANTOMS = {
    fold(text)
    for text in (
        "you",
        "Thanks for watching!",
        "Thank you for watching",
        "Please subscribe",
        "اشتركوا في القناة",
        "ترجمة نانسي قنقر",
        "شكرا على المشاهدة",
        "موسيقى",
    )
}
"""What Whisper writes when it hears noise: the subtitles that it learnt from."""


def is_empty(text: str) -> bool:
    """Nothing that a caller said: silence, punctuation, a recogniser's phantom."""
    folded = fold(text)
    return not folded or folded in _PHANTOMS
