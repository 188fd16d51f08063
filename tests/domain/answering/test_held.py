"""What a caller on hold means: wishes, questions, and the ones that only sound like them."""

from __future__ import annotations

import pytest

from domain.answering.held import HeldSaid, held_pressed, held_said

SAID = {
    HeldSaid.CALLBACK: [
        "Call me back instead",
        "can you just call me back later",
        "I'd rather be called back",
        "No, call me back",
        "I don't want to wait, call me back",
        "don't put me on hold, call me back please",
        "Never mind, just give me a call tomorrow",
        "a callback please",
        "Have someone call me",
        "كلموني بعدين",
        "اتصلوا فيني",
        "اتصلوا علي لو سمحتوا",
        "اتصلو فيي بعدين",
        "احسن تتصلون فيني",
        "خلوا احد يتصل علي",
        "ممكن حد يتصل بيا؟",
        "دقوا علي بعدين",
        "رن عليا بكره",
        "ابغى معاودة الاتصال",
        "أعيدوا الاتصال بي",
        "خلاص ما ابغى، اتصلوا فيني بعدين",
        "ما اقدر انتظر، كلموني لاحقا",
        "عيطولي من بعد",
        "تواصلوا معي لاحقا",
    ],
    HeldSaid.NEVER_MIND: [
        "Never mind",
        "forget it",
        "I changed my mind",
        "take me back to the assistant",
        "Let's go on with you",
        "I don't want to wait",
        "no need for a person any more",
        "خلاص ما أبغى",
        "خلاص مش عايز",
        "رجعني للمساعد",
        "رجعوني",
        "بلاش",
        "مو لازم",
        "ما بدي استنى",
        "هونت",
        "لا داعي",
        "غيرت رأيي",
        "كنسل",
        "خلينا نكمل معك",
        "مابي انتظر",
        "لا خلاص شكرا ما يحتاج",
    ],
    HeldSaid.KEEP_WAITING: [
        "I'll wait",
        "I can hold, no problem",
        "don't take me back",
        "don't cancel it",
        "بنتظر عادي",
        "رح استنى",
        "لا ترجعني للمساعد",
        "سأنتظر",
        "طيب خلني على الانتظار",
    ],
    HeldSaid.HOW_LONG: [
        "How long will it take?",
        "how many people are before me",
        "What's my position?",
        "كم باقي؟",
        "كم دقيقة انتظر؟",
        "قديش بدي استنى؟",
        "فاضل قد ايه؟",
        "لين متى؟",
        "شحال باقي؟",
        "متى دوري؟",
        "هو انا هستنى كتير؟",
    ],
    HeldSaid.STILL_THERE: [
        "Hello?",
        "are you still there?",
        "Is anybody there?",
        "ألو",
        "لسه معايا؟",
        "في حدا؟",
        "وينكم",
        "هل من أحد؟",
    ],
    HeldSaid.GOODBYE: [
        "bye",
        "I'll call back later",
        "I will call again tomorrow, bye",
        "Never mind, bye",
        "مع السلامة",
        "بتصل فيكم بعدين",
        "خلاص شكرا مع السلامة",
    ],
    HeldSaid.EMERGENCY: ["There's a fire!", "حريق", "I smell gas, call me back"],
    HeldSaid.OTHER: [
        "Don't call me back",
        "I don't want you to call me back",
        "no callback please",
        "you didn't call me back",
        "Why did nobody ring my brother",
        "لا تتصلوا فيني",
        "ما ابي احد يتصل فيني",
        "ليش ما تتصلون فيني",
        "اتصل فيني موظف امس",
        "الثلاجة خربانة",
        "the music is too loud",
        "please don't hang up",
        "لا تسكر الخط",
        "no thanks",
        "yes",
        "نعم",
        "",
        "؟!",
    ],
}


@pytest.mark.parametrize(
    ("text", "meant"), [(text, meant) for meant, texts in SAID.items() for text in texts], ids=lambda v: str(v)[:40]
)
def test_what_is_said_on_hold(text, meant):
    assert held_said(text) is meant


@pytest.mark.parametrize(
    ("digits", "meant"),
    [
        ("1", HeldSaid.CALLBACK),
        ("2", HeldSaid.NEVER_MIND),
        ("21", HeldSaid.CALLBACK),
        ("0", HeldSaid.OTHER),
        ("#", HeldSaid.OTHER),
        ("", HeldSaid.OTHER),
    ],
)
def test_keys(digits, meant):
    assert held_pressed(digits) is meant
