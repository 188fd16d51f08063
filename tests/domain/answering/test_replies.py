"""Yes and no, callback or back, and consent, which only a clear yes gives."""

from __future__ import annotations

import pytest

from domain.answering.replies import Choice, Reply, choice, consent, yes_or_no

YES_NO = {
    Reply.YES: [
        "yes",
        "Yes please",
        "Yeah, sure, go ahead",
        "ok",
        "That's fine",
        "No problem",
        "No, I don't mind",
        "I agree",
        "نعم",
        "ايوه",
        "أيوا تمام",
        "ماشي",
        "اوكي",
        "طبعا",
        "هيه",
        "إي نعم",
        "موافق",
        "ما عندي مانع",
        "لا عادي",
        "لا ما في مشكلة",
        "مفيش مشكلة",
        "واخا",
    ],
    Reply.NO: [
        "no",
        "No, thank you",
        "I don't agree",
        "I'd rather not",
        "not okay",
        "لا",
        "لا شكرا",
        "ما أوافق",
        "مش موافق",
        "مو موافقة",
        "ما ابي",
        "بلاش",
        "ما بدي",
        "أرفض",
    ],
    Reply.UNCLEAR: [
        "",
        "what?",
        "yes no",
        "maybe",
        "I'm not sure",
        "yes but what do you do with it",
        "it depends",
        "where is my order",
        "ليش؟",
        "نعم لا",
        "ما ادري",
        "ان شاء الله",
        "متى تفتحون",
    ],
}


@pytest.mark.parametrize(
    ("text", "reply"), [(text, reply) for reply, texts in YES_NO.items() for text in texts], ids=lambda v: str(v)[:40]
)
def test_yes_or_no(text, reply):
    assert yes_or_no(text) is reply
    assert consent(text) is reply


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("Yes, you can record this call", Reply.YES),
        ("سجلوا عادي", Reply.YES),
        ("Please don't record me", Reply.NO),
        ("okay but don't record me", Reply.NO),
        ("لا تسجلوا المكالمة", Reply.NO),
        ("بدون تسجيل", Reply.NO),
        ("متسجلوش", Reply.NO),
        ("وقف التسجيل", Reply.NO),
        ("yes I called you yesterday about my washing machine and it is still broken", Reply.UNCLEAR),
    ],
)
def test_consent(text, reply):
    assert consent(text) is reply


CHOICES = {
    Choice.CALLBACK: [
        "call me back",
        "the callback",
        "the first one",
        "yes",
        "yes please call me",
        "كلموني بعدين",
        "نعم اتصلوا",
        "الأولى",
        "ايوه",
        "اتصال",
    ],
    Choice.BACK: [
        "let's go on",
        "back to you",
        "with you",
        "yes, continue",
        "no",
        "no thanks",
        "no call",
        "the second one",
        "نكمل معك",
        "رجعني للمساعد",
        "الثانية",
        "لا",
        "لا خلينا نكمل",
    ],
    Choice.WAIT: ["I'll wait", "بنتظر", "رح استنى"],
    Choice.UNCLEAR: ["what?", "", "call or you", "شو يعني؟", "where is my order"],
}


@pytest.mark.parametrize(
    ("text", "chosen"),
    [(text, chosen) for chosen, texts in CHOICES.items() for text in texts],
    ids=lambda v: str(v)[:40],
)
def test_callback_or_back(text, chosen):
    assert choice(text) is chosen
