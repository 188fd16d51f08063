"""Telephone numbers in what callers say, and taking one down: heard, read back, confirmed or corrected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.answering.held import HeldSaid, held_said
from domain.answering.replies import Reply, yes_or_no
from domain.answering.spelling import ascii_digits, fold
from domain.answering.wordlist import WordList
from domain.desk.calling import normal_number
from domain.speech import Speaker, Turn

# Nine digits and more, as mobile numbers have; order numbers, prices and years are shorter.
_NUMBER = re.compile(r"(?<!\d)(?:\+|00)?\d(?:[\s().-]{0,2}\d){8,14}(?!\d)")
_PART_DIGITS = 3
"""As many digits as make it likely that the rest of a number was not understood; fewer are hours and counts."""
_CONFIRMS, _DENIES = "1", "2"
"""Keys, as for the other questions on hold."""
_NO_NUMBER = WordList(
    """no number, have no number, dont have a number, do not have a number, havent got a number, dont have a phone,
    no phone, rather not say, rather not give, not giving, not going to give, dont want to give, wont give,
    ما عندي رقم, ماعندي رقم, ليس لدي رقم, ما معي رقم, مش معايا رقم, معنديش رقم, ماعنديش رقم, ما عندي تلفون,
    ما عندي موبايل, ما عندي جوال, بدون رقم, ما ابي اعطي, ما ابغي اعطي, ما ابا اعطي, لا اريد ان اعطي, ما بدي اعطي,
    مش عايز ادي, ما راح اعطي, ما بعطي"""
)


def spoken_number(turns: Sequence[Turn]) -> str | None:
    """The last telephone number that the caller said or typed, in its normal form."""
    for turn in reversed(turns):
        if turn.speaker is Speaker.CALLER and (number := number_in(turn.text)) is not None:
            return number
    return None


def number_in(text: str) -> str | None:
    """The last telephone number in `text`, in its normal form."""
    written = [match.group() for match in _NUMBER.finditer(ascii_digits(text))]
    numbers = [number for number in map(normal_number, written) if number is not None]
    return numbers[-1] if numbers else None


class Given(StrEnum):
    """What a caller who was asked for their number has answered."""

    HEARD = "heard"
    """A number, to be read back."""
    RIGHT = "right"
    WRONG = "wrong"
    UNSURE = "unsure"
    """Neither yes nor no to what was read back."""
    PART = "part"
    """Too few digits for a number, or too many."""
    NONE = "none"
    """There is no number, or none is given."""
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberTaken:
    """How far it has come; `number` is in its normal form, and was read back."""

    number: str | None = None
    given: Given = Given.OTHER

    def after(self, text: str, written: str) -> NumberTaken:
        """`written` is the same `text` with what was dictated as digits (SpokenValues.heard)."""
        if (number := number_in(written)) is not None:
            return NumberTaken(number=number, given=Given.HEARD)
        if self.number is not None:
            return self._confirmed(text, written)
        if sum(character.isdigit() for character in written) >= _PART_DIGITS:
            return NumberTaken(given=Given.PART)
        if _refused(text):
            return NumberTaken(given=Given.NONE)
        return NumberTaken()

    def _confirmed(self, text: str, written: str) -> NumberTaken:
        reply = _key(written) or yes_or_no(text)
        if reply is Reply.YES:
            return NumberTaken(number=self.number, given=Given.RIGHT)
        if reply is Reply.NO:
            return NumberTaken(given=Given.WRONG)
        if sum(character.isdigit() for character in written) >= _PART_DIGITS:
            return NumberTaken(given=Given.PART)
        return NumberTaken(number=self.number, given=Given.UNSURE)


def _key(written: str) -> Reply | None:
    return {_CONFIRMS: Reply.YES, _DENIES: Reply.NO}.get(ascii_digits(written).strip())


def _refused(text: str) -> bool:
    if _NO_NUMBER.found_in(fold(text)) or held_said(text) is HeldSaid.NEVER_MIND:
        return True
    return (_key(text) or yes_or_no(text)) is Reply.NO
