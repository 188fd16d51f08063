"""Which questions lean on the one before them."""

import pytest

from domain.answering.dialogue import Dialogue
from domain.answering.follow_up import whole_question
from domain.speech import Language

BEFORE = "متى تفتحون؟"
TALKED = Dialogue(default_language=Language.AR, answered_question=BEFORE)


@pytest.mark.parametrize(
    "text", ["ويوم الجمعة؟", "والسبت؟", "ماذا عن الأحد", "ووين؟", "and on Friday?", "what about Sunday?"]
)
def test_a_leaning_question_is_read_with_the_one_before(text: str) -> None:
    assert whole_question(text, TALKED) == f"{BEFORE} {text}"


@pytest.mark.parametrize(
    "text",
    [
        "وين مكانكم؟",
        "وش عندكم؟",
        "وقت الدوام؟",
        "وصل طلبي؟",
        "كم سعر التوصيل؟",
        "where is your shop?",
        "and can you tell me how much the delivery costs",
    ],
)
def test_a_question_of_its_own_is_read_alone(text: str) -> None:
    assert whole_question(text, TALKED) == text


def test_nothing_to_lean_on() -> None:
    assert whole_question("والسبت؟", Dialogue(default_language=Language.AR)) == "والسبت؟"
