"""Telephone numbers in what callers say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from domain.answering.spelling import ascii_digits
from domain.desk.calling import normal_number
from domain.speech import Speaker, Turn

# Nine digits and more, as mobile numbers have; order numbers, prices and years are shorter.
_NUMBER = re.compile(r"(?<!\d)(?:\+|00)?\d(?:[\s().-]{0,2}\d){8,14}(?!\d)")


def spoken_number(turns: Sequence[Turn]) -> str | None:
    """The last telephone number that the caller said or typed, in its normal form."""
    for turn in reversed(turns):
        if turn.speaker is Speaker.CALLER:
            written = [match.group() for match in _NUMBER.finditer(ascii_digits(turn.text))]
            if numbers := [number for number in map(normal_number, written) if number is not None]:
                return numbers[-1]
    return None
