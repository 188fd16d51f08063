"""A handful of the scenarios of `python -m tests.bench.turns`, with the real models on the clock of the audio."""

from collections.abc import Iterator

import pytest

from engines.model_files import verified
from engines.silero import SileroActivity
from engines.smart_turn import SmartTurn
from engines.whisper import WhisperRecogniser
from tests.bench.turn_taking.hearing import heard
from tests.bench.turn_taking.scenario import Scenario
from tests.bench.turn_taking.scenarios import SCENARIOS
from tests.bench.turn_taking.studio import Studio, studio
from tests.bench.turns import PATIENT_MS, judged
from workers.settings import Settings

pytestmark = pytest.mark.models

FAST = ("a question", "a cough over the agent", "another question over it", "an echo, 120 ms, 20 dB")
"""Those that do not hang on a single word: the English voice says nothing twice in quite the same way."""


@pytest.fixture(scope="module")
def makes() -> Iterator[Studio]:
    with studio() as open_studio:
        yield open_studio


@pytest.fixture(scope="module")
def turn_end() -> SmartTurn:
    return SmartTurn(verified("smart-turn", Settings().models_dir), deadline_ms=PATIENT_MS)


@pytest.fixture(scope="module")
def patient() -> Iterator[WhisperRecogniser]:
    recogniser = WhisperRecogniser(verified("whisper-base", Settings().models_dir), deadline_ms=PATIENT_MS)
    yield recogniser
    recogniser.close()


@pytest.mark.parametrize("scenario", [s for s in SCENARIOS if s.name in FAST], ids=lambda s: s.name)
async def test_scenario(
    scenario: Scenario, makes: Studio, vad: SileroActivity, patient: WhisperRecogniser, turn_end: SmartTurn
) -> None:
    take = await makes.take(scenario)
    result = judged(take, await heard(take, vad, patient, turn_end))
    assert result.good, result
    assert result.ends == len(take.turns_ms) or result.over_agent
