"""What a caller is believed by, drawn: what they said in the call, what is on record, and what follows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.acting.assurance import TRIES, Assurance, Assured, KnownCaller, judge, proves

ON_RECORD = "+971501234567"
RIGHT, A, B, C = "0501234567", "0501111111", "0502222222", "0503333333"
GRANTED, ASK, AGAIN, PERSON = Assured.GRANTED, Assured.ASK, Assured.ASK_AGAIN, Assured.PERSON


@pytest.mark.parametrize(
    ("said", "on_record", "follows"),
    [
        ((), ON_RECORD, ASK),
        ((RIGHT,), ON_RECORD, GRANTED),
        ((A,), ON_RECORD, AGAIN),
        ((A, RIGHT), ON_RECORD, GRANTED),
        ((A, B, RIGHT), ON_RECORD, GRANTED),
        ((A, B, C), ON_RECORD, PERSON),
        # Too late, also in the same breath: whoever lists numbers is guessing.
        ((A, B, C, RIGHT), ON_RECORD, PERSON),
        # The same number again is the same try.
        ((A, A, "+971501111111", "00971501111111"), ON_RECORD, AGAIN),
        ((RIGHT, A, B, C), ON_RECORD, GRANTED),
        # Nobody can prove what isn't known, and it is asked for like anything else.
        ((), None, ASK),
        ((RIGHT,), None, AGAIN),
        ((RIGHT, A), "", AGAIN),
        ((RIGHT, A, B), "unknown", PERSON),
    ],
)
def test_what_was_said_in_the_call_decides(said: tuple[str, ...], on_record: str | None, follows: Assured) -> None:
    assert judge(Assurance.SECOND_FACT, KnownCaller(said=said), on_record) is follows


@pytest.mark.parametrize(
    ("needed", "number", "follows"),
    [
        (Assurance.NOTHING, None, GRANTED),
        (Assurance.KNOWN_NUMBER, RIGHT, GRANTED),
        (Assurance.KNOWN_NUMBER, A, ASK),
        (Assurance.KNOWN_NUMBER, None, ASK),
        # A number that calls can be forged: it is no second fact.
        (Assurance.SECOND_FACT, RIGHT, ASK),
    ],
)
def test_a_number_that_calls_is_worth_what_the_tool_says(
    needed: Assurance, number: str | None, follows: Assured
) -> None:
    assert judge(needed, KnownCaller(number=number), ON_RECORD) is follows


@pytest.mark.parametrize("said", [RIGHT, "+971501234567", "00971 50 123 4567", "501234567", "050-123-4567"])
@pytest.mark.parametrize("on_record", [ON_RECORD, "0501234567", "00971501234567"])
def test_a_whole_number_proves_in_whatever_way_it_is_written(said: str, on_record: str) -> None:
    assert proves(said, on_record)


@pytest.mark.parametrize("said", ["", "4567", "1234567", "01234567", "0501234568", "050123456", "05012345677", A])
@pytest.mark.parametrize("on_record", [ON_RECORD, "0501234567"])
def test_a_part_of_a_number_or_another_one_proves_nothing(said: str, on_record: str) -> None:
    assert not proves(said, on_record)


numbers = st.from_regex(r"05[0-9]{8}", fullmatch=True)


@given(st.lists(numbers, unique=True), numbers)
def test_nobody_gets_more_than_the_tries_whatever_they_say(said: list[str], right: str) -> None:
    """The right number counts only while fewer than TRIES others came before it."""
    found = judge(Assurance.SECOND_FACT, KnownCaller(said=tuple(said)), right)
    in_time = right in said and said.index(right) < TRIES
    assert (found is GRANTED) == in_time
    if not in_time:
        assert found is (PERSON if len(said) >= TRIES else AGAIN if said else ASK)
