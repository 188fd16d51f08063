"""Moods by words, in dialects, with negation and stress; loudness and pace only help."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.mood.estimate import CallerTurn, Evidence, Mood
from domain.mood.reader import WordMoodReader, estimate, evidence_in


def mood_of(*texts: str, **voice) -> Mood:
    *before, last = texts
    return estimate([*(CallerTurn(text=text) for text in before), CallerTurn(text=last, **voice)]).mood


SAID = {
    Mood.ANGRY: [
        "This is unacceptable, I'm fed up with you",
        "You are liars and thieves",
        "I am so angry",
        "I will call my lawyer, this is ridiculous",
        "You are useless",
        "انا معصب جدا من خدمتكم",
        "والله رفعتوا ضغطي",
        "حرام عليكم هذي مسخرة",
        "انتو نصابين",
        "بشتكي عليكم حماية المستهلك، طفح الكيل",
        "انا زهقت منكم خالص",
        "قرفتوني",
        "خدمة زفت",
        "شو هالمسخرة",
        "أنا غاضب جداً",
    ],
    Mood.ANNOYED: [
        "I'm a bit frustrated",
        "I already told you my number",
        "I've been waiting for weeks",
        "I'm not happy with the delivery",
        "It's still not working",
        "You don't understand",
        "انا زعلان من التأخير",
        "قلت لك الرقم",
        "صار لي اسبوع انتظر",
        "مو راضي عن الخدمة",
        "مش فاهمني",
        "ما في فايدة",
        "محدش بيرد عليا",
        "يا اخي كم مرة قلت لكم",
    ],
    Mood.DISTRESSED: [
        "Please help me, I don't know what to do",
        "I'm scared and I'm crying",
        "My father is not breathing",
        "ساعدوني الله يخليكم انا خايفة",
        "دخيلك ما بعرف شو اعمل",
        "تكفون ولدي منهار",
        "مش عارف اعمل ايه، هموت",
        "طفلي مريض وانا قلقانة",
    ],
    Mood.CALM: [
        "Thank you so much, that's perfect",
        "Great, thanks",
        "No problem, take your time",
        "شكرا جزيلا ما قصرتوا",
        "ممتاز يعطيك العافية",
        "عادي ولا يهمك",
        "متشكر قوي",
        "I'm not angry, thank you",
    ],
    Mood.NEUTRAL: [
        "When do you open?",
        "I need to change my appointment",
        "The fridge is broken",
        "I'm not angry",
        "متى تفتحون؟",
        "وين وصل طلبي",
        "مو زعلان بس ابي اعرف",
        "انا مش معصب",
        "لا مو زعلان",
        "ابغى احجز موعد",
        "My machine doesn't work and I need help with it",
        "My child is sick, can I see a doctor today?",
        "I'd like to report a fraud on my card",
        "في عيب في الجهاز",
        "ضرسي يعورني وابغى موعد ضروري",
        "الغسالة ما تشتغل",
        "كم رقم البلاغ",
        "Every time I press start it beeps",
        "",
    ],
}


@pytest.mark.parametrize(
    ("text", "mood"), [(text, mood) for mood, texts in SAID.items() for text in texts], ids=lambda v: str(v)[:40]
)
def test_a_mood_by_words(text, mood):
    assert mood_of(text) is mood


@pytest.mark.parametrize(
    ("text", "given", "evidence"),
    [
        ("I'm not very happy", {}, (Evidence.NOT_PLEASED, Evidence.STRESSED)),
        ("I am very angry", {}, (Evidence.ANGER, Evidence.STRESSED)),
        ("I'm not angry at all", {}, ()),
        ("You idiot, how many times", {}, (Evidence.INSULT, Evidence.TOLD_BEFORE)),
        ("When do you open", {"louder_db": 7.0}, (Evidence.LOUD,)),
        ("When do you open", {"louder_db": 12.0, "words_per_s": 5.0}, (Evidence.VERY_LOUD, Evidence.FAST)),
        ("When do you open", {"louder_db": 5.9, "words_per_s": 4.1}, ()),
        ("WHERE IS MY ORDER", {"typed": True}, (Evidence.WRITTEN_LOUD,)),
        ("where is it!!!", {"typed": True}, (Evidence.WRITTEN_LOUD,)),
        ("where is it!!!", {}, ()),
        ("Do you sell LG", {"typed": True}, ()),
        ("I am furious", {"confidence": 0.3}, ()),
        ("I am furious", {"confidence": 0.3, "typed": True}, (Evidence.ANGER,)),
    ],
)
def test_the_evidence_is_codes(text, given, evidence):
    assert evidence_in(CallerTurn(text=text, **given)) == evidence


def test_a_loud_voice_alone_is_no_mood():
    assert mood_of("When do you open", louder_db=15.0, words_per_s=6.0) is not Mood.ANGRY
    assert mood_of("Thanks, great", louder_db=15.0) is Mood.CALM


def test_a_loud_voice_makes_bad_words_heavier():
    assert mood_of("I'm frustrated") is Mood.ANNOYED
    assert mood_of("I'm frustrated", louder_db=11.0) is Mood.ANGRY


def test_a_mood_fades():
    assert mood_of("You liars", "When do you open?") is Mood.ANNOYED
    assert mood_of("You liars", "When do you open?", "And on Friday?") is Mood.NEUTRAL
    assert mood_of("You liars", "a", "b", "c") is Mood.NEUTRAL


def test_nothing_was_said():
    assert estimate([]).mood is Mood.NEUTRAL


async def test_a_reader_of_words_needs_no_audio():
    turns = [CallerTurn(text="I'm furious", at_ms=900)]
    reading = await WordMoodReader().read(turns, pcm=b"")
    assert reading == estimate(turns)
    assert reading.at_ms == 900


@given(st.lists(st.text(max_size=60), max_size=6), st.floats(-60, 60), st.floats(0, 20))
def test_a_score_is_between_minus_one_and_one(texts, louder_db, words_per_s):
    reading = estimate([CallerTurn(text=text, louder_db=louder_db, words_per_s=words_per_s) for text in texts])
    assert -1 <= reading.score <= 1
