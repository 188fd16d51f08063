"""What the caller said to being recorded, step by step, and what may be kept then."""

import itertools

import pytest

from domain.errors import Refused
from domain.media.recording import ConsentChanged, ConsentState, change_consent, consent, may_record
from domain.speech import Language

ASKED, GRANTED, DECLINED, STOPPED = (
    ConsentState.ASKED,
    ConsentState.GRANTED,
    ConsentState.DECLINED,
    ConsentState.STOPPED,
)
ALLOWED = {
    (ConsentState.NOT_ASKED, ASKED),
    (ASKED, GRANTED),
    (ASKED, DECLINED),
    (GRANTED, STOPPED),
    (DECLINED, ASKED),
    (STOPPED, ASKED),
}
WAYS_TO = {
    ConsentState.NOT_ASKED: [],
    ASKED: [ASKED],
    GRANTED: [ASKED, GRANTED],
    DECLINED: [ASKED, DECLINED],
    STOPPED: [ASKED, GRANTED, STOPPED],
}


def told(*states: ConsentState) -> list[ConsentChanged]:
    facts: list[ConsentChanged] = []
    for number, state in enumerate(states):
        language = Language.AR if number == 0 else Language.EN
        facts.append(change_consent(facts, state, seq=number, at_ms=number * 100, lease=1, language=language))
    return facts


@pytest.mark.parametrize(("before", "after"), list(itertools.product(ConsentState, ConsentState)))
def test_only_these_steps_are_taken(before: ConsentState, after: ConsentState) -> None:
    facts = told(*WAYS_TO[before])
    assert consent(facts) is before
    if (before, after) in ALLOWED:
        assert consent([*facts, change_consent(facts, after, seq=9, at_ms=9, lease=1, language=Language.EN)]) is after
    else:
        with pytest.raises(Refused) as refusal:
            change_consent(facts, after, seq=9, at_ms=9, lease=1, language=Language.EN)
        assert refusal.value.code == "bad_consent"


@pytest.mark.parametrize("tenant_on", [True, False])
@pytest.mark.parametrize("state", ConsentState)
def test_only_a_standing_yes_under_a_tenant_that_records_counts(tenant_on: bool, state: ConsentState) -> None:
    assert may_record(tenant_on, state) == (tenant_on and state is GRANTED)


def test_a_fact_says_which_turn_proves_it_and_in_which_language_it_was_asked() -> None:
    asked, granted = told(ASKED, GRANTED)
    assert (asked.number, granted.number) == (1, 2)
    assert (granted.seq, granted.at_ms) == (1, 100)
    assert granted.language is Language.AR


def test_who_is_asked_again_is_asked_in_the_language_of_then() -> None:
    facts = told(ASKED, DECLINED, ASKED, GRANTED)
    assert [fact.language for fact in facts] == [Language.AR, Language.AR, Language.EN, Language.EN]
