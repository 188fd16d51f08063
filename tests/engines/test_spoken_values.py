"""Dictated values into digits, and written ones into words, in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.speech import Language
from engines.spoken_values import RuleSpokenValues

VALUES = RuleSpokenValues()
EN, AR = Language.EN, Language.AR

HEARD = [
    (EN, "my order is four five seven two", "my order is 4572"),
    (EN, "Order number forty five seventy two.", "Order number 4572."),
    (EN, "order four five seventy two", "order 4572"),
    (EN, "it's double three one", "it's 331"),
    (EN, "code double seven zero", "code 770"),
    (EN, "my number is oh five oh one two three four five six seven", "my number is 0501234567"),
    (EN, "Order number 4,572.", "Order number 4572."),
    (EN, "order 45 72", "order 4572"),
    (EN, "It's 4, 5, 7, 2.", "It's 4572."),
    (EN, "call +971 50 123 4567", "call +971501234567"),
    (EN, "Appointment number three zero one seven please.", "Appointment number 3017 please."),
    (EN, "four thousand five hundred and seventy two", "4572"),
    (EN, "one thousand two hundred", "1200"),
    (EN, "thirty-five", "35"),
    (EN, "twenty twenty six", "2026"),
    (EN, "forty nine dirhams and fifty fils", "49.50 AED"),
    (EN, "a hundred dirhams", "100 AED"),
    (EN, "twenty percent", "20%"),
    (EN, "three point five", "3.5"),
    (EN, "nine thirty am", "09:30"),
    (EN, "half past nine", "09:30"),
    (EN, "quarter to five in the evening", "16:45"),
    (EN, "at five thirty", "at 05:30"),
    (EN, "at five pm", "at 17:00"),
    (EN, "twelve am", "00:00"),
    (EN, "I need two washing machines", "I need two washing machines"),
    (EN, "oh, one of them", "oh, one of them"),
    (EN, "between nine and five", "between nine and five"),
    (EN, "٤٥٧٢", "4572"),
    (EN, "", ""),
    (AR, "رقم الطلب أربعة خمسة سبعة اثنين", "رقم الطلب 4572"),
    (AR, "طلبي رقم خمسة وأربعين اثنين وسبعين", "طلبي رقم 4572"),
    (AR, "رقم الطلب ٤٥٧٢", "رقم الطلب 4572"),
    (AR, "رقم الطلب ٤٥ ٧٢", "رقم الطلب 4572"),
    (AR, "موعدي رقم ثلاثة صفر واحد سبعة", "موعدي رقم 3017"),
    (AR, "صفر خمسة صفر واحد اثنين ثلاثة أربعة خمسة ستة سبعة", "+971501234567"),
    (AR, "أبغى أدفع ميتين وخمسين درهم", "أبغى أدفع 250 AED"),
    (AR, "الساعة تسعة ونص الصبح", "الساعة 09:30"),
    (AR, "طلب four five seven two", "طلب 4572"),
    (AR, "أبغى ثلاث غسالات", "أبغى ثلاث غسالات"),
]

READ = [
    (EN, "It costs AED 49.50.", "It costs forty nine dirhams and fifty fils."),
    (EN, "250 dirhams", "two hundred and fifty dirhams"),
    (EN, "AED 1", "one dirham"),
    (EN, "$20", "twenty dollars"),
    (EN, "at 9:30 am", "at nine thirty in the morning"),
    (EN, "until 21:00", "until nine in the evening"),
    (EN, "at 12:00 pm", "at noon"),
    (EN, "9am-5pm", "nine in the morning to five in the evening"),
    (EN, "from 9-5", "from nine to five"),
    (EN, "24/7", "twenty four hours a day, seven days a week"),
    (EN, "Your order 4572 is on its way", "Your order four five seven two is on its way"),
    (EN, "ORD-4572", "O R D four five seven two"),
    (EN, "Call 0501234567.", "Call zero five zero, one two three, four five six seven."),
    (EN, "+971 50 123", "plus nine seven one, five zero, one two three"),
    (EN, "on 20/08/2026", "on the twentieth of August twenty twenty six"),
    (EN, "2026-08-20", "the twentieth of August twenty twenty six"),
    (EN, "June 5th", "the fifth of June"),
    (EN, "25% off", "twenty five percent off"),
    (EN, "3.5 kg", "three point five kilograms"),
    (EN, "1,250 items", "one thousand two hundred and fifty items"),
    (EN, "1st, 22nd", "first, twenty second"),
    (EN, "007", "zero zero seven"),
    (EN, "-5°", "minus five degrees"),
    (EN, "**Hello** & welcome", "Hello and welcome"),
    (EN, "No digits here.", "No digits here."),
    (EN, "", ""),
    (AR, "سعرها AED 49.50", "سعرها تسعة وأربعون درهمًا وخمسون فلسًا"),
    (AR, "سعرها ٤٩٫٥٠ درهم", "سعرها تسعة وأربعون درهمًا وخمسون فلسًا"),
    (AR, "3 درهم", "ثلاثة دراهم"),
    (AR, "من 9 صباحا إلى 9 مساء", "من التاسعة صباحًا إلى التاسعة مساءً"),
    (AR, "من 9:00 إلى 21:00", "من التاسعة إلى التاسعة مساءً"),
    (AR, "الساعة 10:05", "الساعة العاشرة وخمس دقائق"),
    (AR, "طلبك رقم 4572 في الطريق", "طلبك رقم أربعة خمسة سبعة اثنان في الطريق"),
    (AR, "يوم 20/08/2026", "يوم عشرون أغسطس عام ألفان وستة وعشرون"),
    (AR, "خصم ٢٥٪", "خصم خمسة وعشرون بالمئة"),
    (AR, "من 9-5", "من تسعة إلى خمسة"),
    (AR, "3 ساعات", "ثلاث ساعات"),
    (AR, "5 أيام", "خمسة أيام"),
]


@pytest.mark.parametrize(("language", "said", "meant"), HEARD)
def test_dictated_values_are_digits(language: Language, said: str, meant: str):
    assert VALUES.heard(said, language) == meant


@pytest.mark.parametrize(("language", "written", "spoken"), READ)
def test_written_values_are_read_as_words(language: Language, written: str, spoken: str):
    assert VALUES.read_aloud(written, language) == spoken


@pytest.mark.parametrize(("language", "written", "spoken"), READ)
def test_what_is_read_aloud_is_read_aloud_the_same_again(language: Language, written: str, spoken: str):
    assert VALUES.read_aloud(spoken, language) == spoken


_WORDS = """one two five twenty forty hundred thousand million double triple oh o and point half quarter past to am pm
percent dirhams fils order number رقم خمسة عشرين مية درهم ونص الساعة 5 12 45 0 4,572 ٤٥ ½ ② AED $ % - / : . , +
# ORD 05 2026 31/02/2026 25:61 June ² 99999999999999999999"""
_PIECES = st.sampled_from(_WORDS.split())
_TEXTS = st.one_of(
    st.lists(_PIECES, max_size=12).map(" ".join),
    st.lists(_PIECES, max_size=12).map("".join),
    st.lists(_PIECES | st.text(max_size=6), max_size=12).map(" ".join),
    st.text(max_size=60),
)


@settings(max_examples=400, deadline=None)
@given(_TEXTS, st.sampled_from(Language))
def test_no_text_breaks_it_and_no_digit_is_left_to_a_voice(text: str, language: Language):
    VALUES.heard(text, language)
    spoken = VALUES.read_aloud(text, language)
    assert not any(letter.isdigit() for letter in spoken)
    assert not any(letter in spoken for letter in "%&@#*_<>")
