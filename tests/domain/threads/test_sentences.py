"""What a waiting person's message means, and what is written when the thread changes hands."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.desk import hold_sentences
from domain.line import HeldChoice, Phase, PhaseKind, ResumeReason
from domain.speech import Language
from domain.threads import sentences
from tests.domain.profiles import SHOP

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HELD = Phase(kind=PhaseKind.HELD, number=1, position=1)
CHOOSE = Phase(kind=PhaseKind.HELD, number=2, position=1, choose=True)


@pytest.mark.parametrize("language", Language)
def test_a_change_is_told_once_and_noise_is_not(language):
    def told(phase, before):
        return sentences.on_phase(phase, before, SHOP, language, NOW)

    assert told(HELD, Phase()) is None
    assert told(CHOOSE, HELD) == sentences.CHOOSE[language]
    assert told(CHOOSE, CHOOSE) is None
    assert told(Phase(kind=PhaseKind.BRIDGED, number=3), HELD) == sentences.WITH_PERSON[language]
    assert told(Phase(number=4, resumed=ResumeReason.GIVEN_BACK), HELD)


@pytest.mark.parametrize(
    ("text", "phase", "choice"),
    [
        ("2", HELD, HeldChoice.NEVER_MIND),
        ("٢", CHOOSE, HeldChoice.NEVER_MIND),
        ("1", CHOOSE, HeldChoice.CALL_BACK),
        ("call me back please", HELD, HeldChoice.CALL_BACK),
        ("never mind", HELD, HeldChoice.NEVER_MIND),
        ("my fridge is leaking", HELD, None),
        ("yes", HELD, None),
        ("there is a fire", HELD, None),
    ],
)
def test_what_a_waiting_person_chooses(text, phase, choice):
    chosen, said = sentences.while_waiting(text, phase, SHOP, Language.EN)
    assert chosen is choice
    assert said


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("phase", [HELD, CHOOSE])
def test_a_house_that_calls_nobody_back_says_so_and_offers_none(phase, language):
    house = replace(SHOP, callbacks=False)
    chosen, said = sentences.while_waiting("call me back please", phase, house, language)
    assert chosen is None
    assert said.startswith(hold_sentences.NO_CALLBACKS[language])
    told = sentences.on_phase(CHOOSE, HELD, house, language, NOW)
    assert told == sentences.STAY_OR_GO_ON[language]
