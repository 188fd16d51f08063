"""The written questions against the real model: a floor under the figures of docs/brain.md."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain.answering.dialogue import UNKNOWN
from domain.speech import Language
from engines.openai_llm import OpenAiModel
from realtime.brain import warm_prefix
from tests.engines.embedded_model import embedded_model
from tests.realtime.answers import Outcome, ask, questions, report
from workers.provision import TENANTS_DIR, read_tenants

pytestmark = [pytest.mark.models, pytest.mark.timeout(400)]

SETS = ("last", "final")
"""The questions that were written last, when what they are compared with was ready."""
FLOOR = {Language.EN: 0.84, Language.AR: 0.84}
"""Of the questions that a fact answers; 0.90 of both languages was measured."""
FLOOR_OUTSIDE = 0.6
"""Of the questions that no fact answers; 8 of 10 were told so."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with embedded_model() as address:
        yield address


async def test_most_questions_get_the_right_answer(url: str):
    profiles = {profile.slug.removeprefix("demo-"): profile for profile in read_tenants(TENANTS_DIR)}
    model = OpenAiModel(url, "embedded", llama_server=True, first_token_ms=60_000, total_ms=90_000)
    for profile in profiles.values():
        await model.warm_up(warm_prefix(profile))
    outcomes = [await ask(profiles[question.tenant], question, model) for question in questions(SETS)]
    await model.close()
    said = "\n".join(report(outcomes))
    inside = [outcome for outcome in outcomes if outcome.question.intent != UNKNOWN]
    outside = [outcome for outcome in outcomes if outcome.question.intent == UNKNOWN]
    assert len(inside) >= 60
    assert any(outcome.asked_model for outcome in outcomes)
    for language, floor in FLOOR.items():
        assert _share([outcome for outcome in inside if outcome.question.language is language]) >= floor, said
    assert _share(outside) >= FLOOR_OUTSIDE, said


def _share(outcomes: list[Outcome]) -> float:
    return sum(outcome.right for outcome in outcomes) / len(outcomes)
