from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answering.decision import DOUBTFUL
from domain.answering.likeness import Likeness

TOPICS = Likeness(
    [
        ("hours", "When do you open?"),
        ("hours", "متى تفتحون؟"),
        ("fee", "How much is delivery?"),
        ("fee", "كم رسوم التوصيل؟"),
        ("parking", "Where can I park my car?"),
        ("parking", "وين أوقف سيارتي؟"),
    ]
)


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("when do you open", "hours"),
        ("What time do you close?", "hours"),
        ("لين متى فاتحين", "hours"),
        ("what do you charge for shipping", "fee"),
        ("بكم توصلون", "fee"),
        ("بكم ال delivery", "fee"),
        ("is there a garage", "parking"),
        ("وين المواقف", "parking"),
    ],
)
def test_other_words_and_the_other_language(question, topic):
    assert TOPICS.rank(question)[0].intent == topic


def test_an_example_word_for_word_is_about_one_and_nonsense_about_nothing():
    assert TOPICS.rank("When do you open?")[0].score > 0.9
    assert TOPICS.rank("the uncle claimed her")[0].score < 0.12
    assert TOPICS.rank("")[0].score == 0


CARDS = Likeness(
    [
        ("payment", "Do you take credit cards?"),
        ("payment", "هل تقبلون بطاقات الائتمان؟"),
        ("hours", "When do you open?"),
        ("hours", "متى تفتحون؟"),
        ("parking", "Where can I park my car?"),
        ("parking", "وين أوقف سيارتي؟"),
    ]
)


@pytest.mark.parametrize(
    "question",
    [
        "When do gift cards expire?",
        "How long is a gift card valid?",
        "Is there a loyalty card?",
        "متى تنتهي بطاقات الهدايا؟",
        "كم مدة صلاحية بطاقة الهدية؟",
        "في عندكم بطاقة نقاط؟",
    ],
)
def test_a_card_that_nobody_pays_with_is_not_about_payment(question):
    scores = {likely.intent: likely.score for likely in CARDS.rank(question)}
    assert scores["payment"] < DOUBTFUL, scores


@pytest.mark.parametrize(
    "question",
    ["Can I pay with a gift card?", "أقدر أدفع ببطاقة هدية؟", "Do you take cards?", "تاخذون كاش ولا بطاقة؟"],
)
def test_paying_with_any_card_is(question):
    assert CARDS.rank(question)[0].intent == "payment"
    assert CARDS.rank(question)[0].score >= DOUBTFUL


def test_a_misspelt_word_is_still_like_it():
    assert TOPICS.rank("delivry")[0].intent == "fee"


def test_the_nearest_example_of_a_topic():
    assert TOPICS.nearest("متى تفتح", "hours") == "متى تفتحون؟"
    assert TOPICS.nearest("when", "unknown") is None


def test_no_topics():
    assert Likeness([]).rank("hello") == []


@given(st.text(max_size=60))
def test_scores_are_ordered_and_bounded(text):
    scores = [likely.score for likely in TOPICS.rank(text)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 2 for score in scores)
