"""Taking down a telephone number: heard, read back, confirmed or corrected."""

import pytest

from domain.desk.contact import Given, NumberTaken


def taken(*said: str) -> list[Given]:
    talk, given = NumberTaken(), []
    for text in said:
        talk = talk.after(text, text)
        given.append(talk.given)
    return given


@pytest.mark.parametrize(
    ("said", "given"),
    [
        (("0501234567", "yes"), [Given.HEARD, Given.RIGHT]),
        (("٠٥٠١٢٣٤٥٦٧", "نعم صحيح"), [Given.HEARD, Given.RIGHT]),
        (("0501234567", "1"), [Given.HEARD, Given.RIGHT]),
        (("0501234567", "لا", "0501234568", "ايوه"), [Given.HEARD, Given.WRONG, Given.HEARD, Given.RIGHT]),
        (("0501234567", "2"), [Given.HEARD, Given.WRONG]),
        (("0501234567", "hmm what"), [Given.HEARD, Given.UNSURE]),
        (("0501234567", "no it is 0501234568"), [Given.HEARD, Given.HEARD]),
        (("050 12",), [Given.PART]),
        (("call me back",), [Given.OTHER]),
        (("yes",), [Given.OTHER]),
        (("no thanks",), [Given.NONE]),
        (("2",), [Given.NONE]),
        (("I'd rather not say",), [Given.NONE]),
        (("ما عندي رقم",), [Given.NONE]),
        (("never mind",), [Given.NONE]),
    ],
)
def test_a_number_is_taken_down_only_when_it_was_confirmed(said: tuple[str, ...], given: list[Given]) -> None:
    assert taken(*said) == given
