from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answering.spelling import ascii_digits, fold, script_of, stem
from domain.answering.wordlist import WordList
from tests.domain.profiles import AR, EN


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Don't   STOP!", "dont stop"),
        ("أُريدُ إلغاءَ الموعد", "اريد الغا الموعد"),
        ("مكتبة على", "مكتبه علي"),
        ("رقم ٤٥٧٢", "رقم 4572"),
        ("ـــ …", ""),
        ("چم الگيمة", "جم الكيمه"),
    ],
)
def test_spellings_that_mean_the_same(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_anything_can_be_folded_and_stemmed(text):
    for word in fold(text).split():
        assert stem(word)


@pytest.mark.parametrize(
    ("one", "other"), [("deliver", "delivering"), ("التوصيل", "توصيل"), ("موعدي", "الموعد"), ("warranty", "warranties")]
)
def test_forms_of_one_word(one, other):
    assert stem(fold(one)) == stem(fold(other))


@pytest.mark.parametrize(
    ("text", "language"),
    [("hello", EN), ("مرحبا", AR), ("عندكم washing machine؟", AR), ("4572", None), ("", None), ("!?", None)],
)
def test_the_language_of_letters(text, language):
    assert script_of(text) is language


def test_digits_of_other_scripts():
    assert ascii_digits("٤٥٧٢ and ۱۲") == "4572 and 12"


def test_whole_words_only():
    gas = WordList("gas, غاز")
    assert gas.found_in("i smell gas")
    assert gas.found_in("ريحه الغاز")
    assert gas.found_in("وبالغاز")
    assert not gas.found_in("gasoline")
    assert not gas.found_in("غازيه")


def test_the_longest_phrase_is_cut_first():
    assert WordList("gas, gas cooker").without("a gas cooker please") == "a please"
