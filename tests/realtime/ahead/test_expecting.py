"""What the brain expects to say is what it says, and a guess begins nothing anywhere."""

import pytest

from domain.moves import Say
from engines.openai_llm import OpenAiModel
from realtime.brain import TenantBrain
from tests.domain.profiles import AR, EN, SHOP, said
from tests.engines.model_server import Script, serving
from tests.realtime.test_brain import MONDAY_NOON, ODD, VALUES


@pytest.mark.parametrize(
    ("text", "language"),
    [("How much do you charge for delivery?", EN), ("بكم التوصيل؟", AR), ("When do you open?", EN), ("hello", EN)],
)
async def test_what_rules_answer_is_known_before_the_turn_ends(text, language) -> None:
    script = Script()
    async with serving(script) as url:
        model = OpenAiModel(url, "embedded")
        brain = TenantBrain(SHOP, model, VALUES, lambda: MONDAY_NOON)
        before = brain.dialogue
        expected = brain.expect(said(text, language))
        assert brain.dialogue == before
        first = await anext(aiter(brain.answer(said(text, language))))
        await model.close()
    assert isinstance(first, Say)
    assert expected == first
    assert script.requests == []


@pytest.mark.parametrize("text", [ODD, "I want to talk to a person", "I want to complain about my order"])
async def test_a_model_and_a_person_are_not_asked_on_a_guess(text) -> None:
    script = Script()
    async with serving(script) as url:
        model = OpenAiModel(url, "embedded")
        brain = TenantBrain(SHOP, model, VALUES, lambda: MONDAY_NOON)
        expected = brain.expect(said(text, EN))
        await model.close()
    assert expected is None or isinstance(expected, Say)
    assert script.requests == []
