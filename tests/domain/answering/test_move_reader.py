from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answering.move_reader import MoveReader, split_sentences


def read(text: str, cuts: list[int]) -> tuple[str | None, list[str]]:
    reader, sentences = MoveReader(), list[str]()
    edges = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    for start, end in itertools.pairwise(edges):
        reader.feed(text[start:end])
        sentences += reader.sentences()
    return reader.intent, sentences


@given(st.lists(st.integers(min_value=0), max_size=8))
def test_a_move_in_any_cut(cuts):
    text = json.dumps({"intent": "smalltalk", "say": 'Yes! "Fine" day. How can I help'})
    assert read(text, cuts) == ("smalltalk", ["Yes!", '"Fine" day.', "How can I help"])


@given(st.lists(st.integers(min_value=0), max_size=8), st.booleans())
def test_arabic_in_any_cut(cuts, ascii_only):
    text = json.dumps({"intent": "smalltalk", "say": "نعم. كيف أساعدك؟"}, ensure_ascii=ascii_only)
    assert read(text, cuts) == ("smalltalk", ["نعم.", "كيف أساعدك؟"])


def test_the_intent_is_known_before_the_rest():
    reader = MoveReader()
    reader.feed('{"intent": "hou')
    assert reader.intent is None
    reader.feed('rs", "say": "We')
    assert reader.intent == "hours"
    assert reader.sentences() == []


@pytest.mark.parametrize(
    "text", ["", "<html>", '{"intent": 7}', '{"intent"', "null", '{"say": "x"}', '{"intent": "a\\']
)
def test_no_intent_in_bad_output(text):
    reader = MoveReader()
    reader.feed(text)
    assert reader.intent is None


@given(st.text(max_size=200))
def test_anything_can_be_fed(text):
    reader = MoveReader()
    reader.feed(text)
    reader.sentences()


def test_a_model_that_never_stops_is_not_kept():
    reader = MoveReader()
    reader.feed('{"intent": "x", "say": "')
    for _ in range(100):
        reader.feed("a" * 1000)
    reader.feed('."}')
    assert reader.intent == "x"
    assert reader.sentences() == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("We open at 9 AM. We close at 9 PM.", ["We open at 9 AM.", "We close at 9 PM."]),
        ("نفتح 9 صباحاً. نغلق 9 مساءً.", ["نفتح 9 صباحاً.", "نغلق 9 مساءً."]),
        ("It costs 1.5 dirhams, no. 5 is on 04 555.", ["It costs 1.5 dirhams, no. 5 is on 04 555."]),
        ("Really? Yes!", ["Really?", "Yes!"]),
        ("", []),
    ],
)
def test_sentences(text, parts):
    assert split_sentences(text) == parts
