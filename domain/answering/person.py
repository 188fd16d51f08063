"""Whether a caller asks for a person, in English, standard Arabic and the dialects from the Gulf to the Maghreb.

A person is often only mentioned ("an employee called me yesterday", "what is the manager's name?", "I don't want to
talk to anybody"), so a verb of talking or wanting has to belong to them.
"""

from __future__ import annotations

import re

from domain.answering.triggers import COURTESY_WORDS
from domain.answering.wordlist import WordList


def _phrases(listed: str) -> list[str]:
    return [phrase.strip() for phrase in listed.replace("\n", ",").split(",") if phrase.strip()]


# ---------------------------------------------------------------- English

_WHO = _phrases(
    """a person, real person, actual person, human, human being, real human, somebody, someone, anybody, anyone,
    an agent, agent, live agent, representative, a rep, operator, advisor, adviser, manager, the manager, supervisor,
    customer service, customer services, customer care, customer support, your staff, one of your staff, receptionist,
    reception, a colleague, your colleague, an employee, your team, a man, a woman, a lady,
    real agent, boss, your boss, your manager, your supervisor"""
)
_VAGUE = {"somebody", "someone", "anybody", "anyone", "a man", "a woman", "a lady", "reception", "receptionist"}
"""Only with a verb of talking: "I need someone to fix my fridge" asks for a repair."""
_TALK_TO = _phrases(
    """speak to, speak with, talk to, talk with, chat with, connect me to, connect me with, put me through to,
    transfer me to, pass me to, let me speak to, let me talk to"""
)
_GIVE_ME = _phrases("get me, give me, need, i want, want, can i have, could i have")
_ARTICLES = ("", "a ", "an ", "the ")
_PERSON_EN = WordList(
    ", ".join(f"{verb} {article}{whom}" for verb in _TALK_TO for article in _ARTICLES for whom in _WHO)
    + ", "
    + ", ".join(
        f"{verb} {article}{whom}" for verb in _GIVE_ME for article in _ARTICLES for whom in _WHO if whom not in _VAGUE
    )
    + """, put me through, transfer me, connect me, human please, person please, agent please, operator please,
    representative please, stop this robot, real person please, someone i can talk to, someone i can speak to,
    somebody i can talk to, somebody i can speak to, anyone i can talk to, anyone i can speak to, put someone on,
    put somebody on, someone real, somebody real"""
)
_NO_MACHINE_EN = WordList(
    "dont want to talk to a machine, dont want to talk to a robot, dont want to speak to a machine, dont want to speak "
    "to a robot, dont want a robot, dont want a machine, dont want to talk to you"
)
_REFUSED_EN = re.compile(
    r"\b(?:dont|do not|didnt|did not|no need to|not) (?:really )?(?:want|need|like|have|wish)? ?(?:to )?"
    rf"(?:{'|'.join(_TALK_TO)}) (?:a |an |the |any )?(?:{'|'.join(_WHO)}|person)\b"
)
"""Only this much is cut out: "I don't want to talk to a machine, get me a human" still asks."""
_BARE_PERSON = set(
    _phrases("human, agent, operator, representative, person, a person, a human, real person, advisor, real human")
)

# ---------------------------------------------------------------- Arabic

_PERSON_AR = WordList(
    """الاداره, موظف, موظفه, موظفين, موظفي, موظفينكم, احد الموظفين, انسان, بشر, بني ادم, شخص حقيقي, مندوب, مندوبه,
    مسوول, مسووله, مسوولكم, مدير, المدير, مديركم, مشرف, خدمه العملا, خدمه الزباين, خدمه عملا, الاستقبال, ممثل خدمه,
    ممثل خدمه العملا, زميلك, زميل"""
)
_SOMEBODY_AR = WordList("حد, حدا, احد, واحد, واحده, شخص, اي حد, اي احد, اي حدا, اي شخص, شي حد, شي واحد, شي حدا")
_TALK_AR = WordList(
    """اكلم, نكلم, اتكلم, نتكلم, احكي, نحكي, احاكي, احجي, نحجي, احاجي, ارمس, نرمس, اسولف, اتحدث, نتحدث, التحدث, التكلم,
    الحديث, الكلام, اخاطب, اتواصل, نتواصل, التواصل, نهضر, نهدر, ندوي, نتحاكي"""
)
_WITH_AR = "(?:(?:مع|معا|ويا|ويه|وي|الي|ل) )?"
_CONNECT_AR = WordList(
    """دخلني, دخلوني, حولني, حولوني, حوليني, حولنا, تحولني, تحولوني, تحولونا, تحوليني, يحولني, دوزني, دوزوني, دوزيلي,
    عديني, عدوني"""
)
_REACH_AR = WordList("وصلني, وصلوني, وصليني, توصلني, توصلوني, توصليني, اوصل, اوصلني")
""" "connect me", but also "I received": only with "to", "by" or "with" in front of the person."""
_WANT_AR = WordList(
    """تعطيني, تعطوني, ابا, ابي, ابغي, ابغا, نبي, نبغي, نبغا, بغيت, ودي, اريد, نريد, عايز, عاوز, عايزه, عاوزه, عايزين,
    بدي, بدنا, اود, حاب, حابب, حابه, نحب, خاصني, محتاج, محتاجه, احتاج, ممكن, عطني, عطوني, عطيني, اعطني, اعطيني,
    اعطوني, هاتلي, هات, جيب لي, جيبولي, ناد, نادي, ناديلي, نادولي, شوف لي, شوفلي"""
)
_TALKS_TO_ME_AR = WordList(
    """يكلمني, تكلمني, يكلمنا, يحكي معي, يحكي معاي, يحكي معايا, يحكيني, يحاكيني, يتكلم معي, يتكلم معاي, يتكلم معايا,
    يتحدث معي, يتحدث الي, يرد علي, يرد عليا, يرد عليي, يرد عليه, يرمسني, يحجي وياي, يحجي ويايه, يحاجيني, يتواصل معي,
    يتفاهم معي, يتفاهم معايا, يهضر معايا, يهدر معايا, احكي معه, احكي معاه, اكلمه, اتكلم معه, اتكلم معاه, ارمسه"""
)
_NOT_AR = WordList(
    """ما ابي, مابي, ما ابغي, مابغي, ما ابغا, ما ابا, ما ودي, ما اريد, ما نبي, ما بدي, مابدي, لا اريد, لا ابي, لا احب,
    لا احتاج, ما احتاج, ما يحتاج, مش عايز, مش عاوز, مش عايزه, مش عاوزه, مش محتاج, مش محتاجه, مش لازم, مو لازم,
    مب لازم, ماني محتاج, مو محتاج, بدون ما, من غير ما, ما بغيتش, ما بغيت, ما نحبش, ما خصنيش, بديش, ما بديش, ماعايز,
    ما عايز, مو عايز"""
)
_MACHINE_AR = WordList("روبوت, روبوتات, اله, الاله, ماكينه, كمبيوتر, الي, الالي, تسجيل, مسجل, ذكا اصطناعي, مساعد الي")

_EITHER_AR = f"(?:{_PERSON_AR.either}|{_SOMEBODY_AR.either})"
_EDGE, _END = r"(?<!\S)", r"(?!\S)"
_ASKS_AR = [
    re.compile(pattern)
    for pattern in (
        # "ابغى اكلم موظف", "بدي احكي مع حدا": at most one word between, as in "اكلم لو سمحت موظف"
        rf"{_EDGE}{_TALK_AR.either} (?:\S+ )??{_WITH_AR}{_PERSON_AR.either}{_END}",
        rf"{_EDGE}{_TALK_AR.either} {_WITH_AR}{_EITHER_AR}{_END}",
        # "حولني على موظف", "حولوني لحد ثاني"
        rf"{_EDGE}{_CONNECT_AR.either} (?:\S+ )?{_EITHER_AR}{_END}",
        # "وصلني بموظف", "وصلني مع احد"
        rf"{_EDGE}{_REACH_AR.either} (?:(?:مع|الي|علي|ب|ل) {_EITHER_AR}|[بل]{_EITHER_AR}){_END}",
        # "ابي موظف", "عطوني المدير", "في موظف؟", but not "ابي رقم خدمة العملاء"
        rf"{_EDGE}{_WANT_AR.either} (?:(?:اي )|(?:{_SOMEBODY_AR.either} من ))?{_PERSON_AR.either}{_END}",
        # "أبي أحد يكلمني", "خلوا موظف يرد علي", "في حدا احكي معه"
        rf"{_EDGE}{_EITHER_AR} (?:\S+ ){{0,2}}{_TALKS_TO_ME_AR.either}{_END}",
    )
]
_REFUSED_AR = re.compile(
    rf"{_EDGE}{_NOT_AR.either} (?:{_TALK_AR.either} {_WITH_AR})?(?:اي )?"
    rf"{_EITHER_AR}(?: {_TALKS_TO_ME_AR.either})?{_END}"
)
_NOBODY_AR = re.compile(rf"{_EDGE}(?:ما (?:في )?(?:حد|حدا|احد)|محد|محدش|ما فيش حد|مافي حد|مافي احد|مافي حدا){_END}")
""" "nobody called me": a complaint, which the mood reader hears."""
_NO_MACHINE_AR = re.compile(rf"{_EDGE}{_NOT_AR.either} {_TALK_AR.either} {_WITH_AR}{_MACHINE_AR.either}{_END}")

_BARE_WORDS = 2
"""Words beside the courtesies in "موظف" or "خدمة العملاء": longer sentences need a verb that asks for them."""
_FOLLOWS_A_PERSON_AR = WordList("غلطان, غلط, تعبان, زعلان, ممتاز, محترم, وقح, قليل ادب, كلمني, اتصل, قال, قالي, وعدني")
"""What is said about a person instead of to be given one."""


def wants_person(folded: str) -> bool:
    if _NO_MACHINE_EN.found_in(folded) or _NO_MACHINE_AR.search(folded):
        return True
    asked = _NOBODY_AR.sub(" ", _REFUSED_AR.sub(" ", _REFUSED_EN.sub(" ", folded)))
    asked = " ".join(asked.split())
    if _PERSON_EN.found_in(asked) or any(pattern.search(asked) for pattern in _ASKS_AR):
        return True
    rest = COURTESY_WORDS.without(asked)
    if _PERSON_AR.found_in(rest) and len(rest.split()) <= _BARE_WORDS and not _FOLLOWS_A_PERSON_AR.found_in(rest):
        return True
    return rest in _BARE_PERSON
