"""What is said around the wait for a person, word by word, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.answering.replies import Choice, choice
from domain.calendar.counted import about_minutes, place_in_line
from domain.desk import hold_sentences
from domain.desk.hold_sentences import callback_promised, closed, comfort, connecting, how_long, resumed
from domain.line import PHONE, Phase, PhaseKind, ResumeReason
from domain.speech import Language
from tests.domain.profiles import AR, EN, SHOP

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
"""Monday, 10 PM in Dubai."""


@pytest.mark.parametrize(
    ("wait_s", "english", "arabic"),
    [
        (0, "less than a minute", "أقل من دقيقة"),
        (59, "less than a minute", "أقل من دقيقة"),
        (60, "about one minute", "حوالي دقيقة واحدة"),
        (61, "about two minutes", "حوالي دقيقتين"),
        (180, "about three minutes", "حوالي ثلاث دقائق"),
        (470, "about eight minutes", "حوالي ثماني دقائق"),
        (600, "about ten minutes", "حوالي عشر دقائق"),
        (601, "about fifteen minutes", "حوالي خمس عشرة دقيقة"),
        (1300, "about twenty-five minutes", "حوالي خمس وعشرين دقيقة"),
        (3600, "about sixty minutes", "حوالي ستين دقيقة"),
        (3601, "more than an hour", "أكثر من ساعة"),
        (-5, "less than a minute", "أقل من دقيقة"),
    ],
)
def test_a_wait_in_words(wait_s, english, arabic):
    assert (about_minutes(wait_s, EN), about_minutes(wait_s, AR)) == (english, arabic)


def test_every_wait_has_words():
    for wait_s in range(0, 4000, 7):
        for language in Language:
            assert not any(letter.isdecimal() for letter in about_minutes(wait_s, language))


@pytest.mark.parametrize(
    ("position", "english", "arabic"),
    [
        (1, "You are next in line", "دورك هو التالي"),
        (2, "You are second in line", "ترتيبك الثاني في الانتظار"),
        (10, "You are tenth in line", "ترتيبك العاشر في الانتظار"),
        (11, "You are number 11 in line", "ترتيبك رقم 11 في الانتظار"),
    ],
)
def test_a_place_in_words(position, english, arabic):
    assert (place_in_line(position, EN), place_in_line(position, AR)) == (english, arabic)


def held(**given) -> Phase:
    return Phase(kind=PhaseKind.HELD, **given)


@pytest.mark.parametrize(
    ("phase", "language", "begins"),
    [
        (held(position=2, wait_s=110), EN, "You are second in line, about two minutes. You can also say"),
        (held(position=2, wait_s=110), AR, "ترتيبك الثاني في الانتظار، حوالي دقيقتين. ويمكنك أن تقول"),
        (held(position=1), EN, "You are next in line. You can"),
        (held(), EN, "Please hold on, I am looking"),
        (held(position=3, choose=True), EN, "Nobody is free right now. Shall somebody call you back"),
        (Phase(kind=PhaseKind.BRIDGED), AR, "زميلي سيعود"),
        (Phase(kind=PhaseKind.BRIDGED, advisor_id=PHONE), EN, "It is still ringing."),
    ],
)
def test_comfort(phase, language, begins):
    assert comfort(phase, language).startswith(begins)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("phase", [held(position=2, wait_s=110), held(position=3, choose=True), held()])
def test_a_house_that_calls_nobody_back_offers_none(phase, language):
    said = comfort(phase, language, callbacks=False)
    assert "call you" not in said
    assert "نتصل" not in said
    if phase.position is not None:
        assert ("go on" in said or "never mind" in said) is (language is EN)


def test_how_long():
    assert how_long(held(position=2, wait_s=110), EN) == "You are second in line, about two minutes."
    assert how_long(held(position=2), EN) == "You are second in line. I can't say how long it will take."
    assert how_long(held(), AR).startswith("لا أستطيع")


def test_connecting():
    assert connecting("Mona", EN) == "I'm connecting you to Mona now."
    assert connecting("منى", AR) == "سأوصلك الآن مع منى."
    assert connecting(None, EN) == connecting("", EN) == "I'm connecting you now."


OPENS = datetime(2026, 11, 24, 5, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("at_s", "language", "words"),
    [
        (OPENS, EN, "Somebody will call you back tomorrow from 9 AM."),
        (OPENS, AR, "سيتصل بك أحد الزملاء غداً ابتداءً من الساعة التاسعة صباحًا."),
        ((NOW + timedelta(minutes=5)).timestamp(), EN, "Somebody will call you back in a few minutes."),
        (None, EN, "Somebody will call you back as soon as possible."),
        (OPENS + 86_400 * 7, EN, "Somebody will call you back on Tuesday, 1 December from 9 AM."),
    ],
)
def test_a_promise(at_s, language, words):
    assert callback_promised(at_s, SHOP, language, NOW) == words


def test_closed():
    english = "We are closed right now. We'll call you back when we open tomorrow at 9 AM."
    assert closed(OPENS, SHOP, EN, NOW) == english
    assert closed(OPENS, SHOP, AR, NOW) == "نحن مغلقون الآن. سنتصل بك عندما نفتح غداً الساعة التاسعة صباحًا."
    assert closed(None, SHOP, EN, NOW) == "We are closed right now, I'm sorry. We open again tomorrow at 9 AM."
    assert closed(None, SHOP, AR, NOW) == "أعتذر، نحن مغلقون الآن. نفتح من جديد غداً الساعة التاسعة صباحًا."
    assert closed(None, replace(SHOP, hours=()), EN, NOW) == "We are closed right now, I'm sorry."


@pytest.mark.parametrize("reason", [*ResumeReason, None])
@pytest.mark.parametrize("language", list(Language))
def test_the_agent_answers_again(reason, language):
    said = resumed(Phase(resumed=reason, callback_at=OPENS), SHOP, language, NOW)
    assert said.endswith((".", "؟", "?"))
    english = ("back with me", "call you back", "call us again")
    assert any(words in said for words in english) is (language is EN)


def test_the_words_that_are_offered_are_understood():
    for language, callback, back in (
        (EN, "call me back", "never mind"),
        (AR, "اتصلوا بي لاحقاً", "نكمل معك"),
    ):
        assert callback in hold_sentences.WAYS_OUT[language]
        assert back in hold_sentences.WAYS_OUT[language]
        assert (choice(callback), choice(back)) == (Choice.CALLBACK, Choice.BACK)


def test_every_sentence_is_in_both_languages():
    words = [value for name, value in vars(hold_sentences).items() if name.isupper() and isinstance(value, dict)]
    assert len(words) > 25
    for sentence in words:
        assert set(sentence) == set(Language)
        assert all(text.strip() for text in sentence.values())
