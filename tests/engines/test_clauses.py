"""Where text is cut for synthesis, and which voice speaks what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.speech import Language
from domain.voices.manners import Register
from engines.clauses import MOST_PIECE_LETTERS, by_voice, clauses


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Hello.", ["Hello."]),
        ("Yes, we are.", ["Yes, we are."]),
        ("Hello there. How are you?", ["Hello there.", "How are you?"]),
        (
            "We are open every day of the week, except on Friday, when we open later.",
            ["We are open every day of the week,", "except on Friday, when we open later."],
        ),
        (
            "نعم، نفتح كل يوم من الساعة التاسعة صباحا، ما عدا يوم الجمعة. أهلا بك!",
            ["نعم، نفتح كل يوم من الساعة التاسعة صباحا،", "ما عدا يوم الجمعة.", "أهلا بك!"],
        ),
        ("It costs 49.50 dirhams.", ["It costs 49.50 dirhams."]),
        ("", []),
        ("... ?!", []),
        ("  \n ", []),
    ],
)
def test_the_first_sound_comes_early(text: str, pieces: list[str]):
    assert clauses(text) == pieces


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        (
            "We are open every day of the week, except on Friday, when we open later.",
            ["We are open every day of the week,", "except on Friday,", "when we open later."],
        ),
        ("Yes, we are. The shop opens at nine, sir.", ["Yes, we are.", "The shop opens at nine, sir."]),
        ("نفتح كل يوم من التاسعة، ما عدا يوم الجمعة.", ["نفتح كل يوم من التاسعة،", "ما عدا يوم الجمعة."]),
    ],
)
def test_formal_speech_rests_after_every_clause(text: str, pieces: list[str]):
    assert clauses(text, Register.FORMAL) == pieces


@given(st.text(alphabet="ab ,.؟،مح\n", max_size=1500), st.sampled_from(Register))
def test_nothing_is_lost_and_nothing_is_too_long(text: str, register: Register):
    pieces = clauses(text, register)
    assert all(len(piece) <= MOST_PIECE_LETTERS for piece in pieces)
    spoken = "".join(letter for letter in "".join(pieces) if letter.isalnum())
    assert spoken == "".join(letter for letter in text if letter.isalnum())


@pytest.mark.parametrize(
    ("text", "language", "stretches"),
    [
        ("Hello.", "en", [("en", "Hello.")]),
        ("The word مرحبا بك means hello.", "en", [("en", "The word"), ("ar", "مرحبا بك"), ("en", "means hello.")]),
        ("مرحبا", "en", [("ar", "مرحبا")]),
        ("اطلب Samsung الآن", "ar", [("ar", "اطلب Samsung الآن")]),
        ("...", "en", []),
    ],
)
def test_arabic_words_in_english_go_to_the_arabic_voice(text: str, language: str, stretches: list[tuple[str, str]]):
    assert by_voice(text, Language(language)) == stretches
