"""What must be known of a caller before something of theirs is read or done, and what to do while it isn't.

Only what the caller said counts: what a document, a model or the agent says proves nothing. Numbers are counted over
the whole call, so that no other question, other order or interruption in between buys a further try.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.crm import MIN_SAME_DIGITS, same_number

TRIES = 3
"""Numbers that a caller may say for what they ask about: a slip, another phone of the house, and the right one."""
COUNTRY_CODE_DIGITS = 3
"""The longest country code: how much of a number written in full may be left out when it is said."""


class Assurance(StrEnum):
    """What a tool needs to know of the caller, from least to most."""

    NOTHING = "nothing"
    KNOWN_NUMBER = "known_number"
    """The number that calls is that of a customer."""
    OWN_NUMBER = "own_number"
    """A number that is the caller's: the one that calls or writes, or one that was read back to them and agreed to."""
    SECOND_FACT = "second_fact"
    """The caller told what only the person concerned should know, such as the phone on their order."""


class Assured(StrEnum):
    """What to do about it."""

    GRANTED = "granted"
    ASK = "ask"
    ASK_AGAIN = "ask_again"
    """What was said does not fit, and there is a try left."""
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCaller:
    """What is known of who calls."""

    number: str | None = None
    """The number that calls, where the line tells it; a web page's doesn't."""
    said: tuple[str, ...] = ()
    """The telephone numbers that the caller said in this call, in order; the same one counts once."""


def judge(needed: Assurance, caller: KnownCaller, on_record: str | None) -> Assured:
    """`on_record` is the number with what is asked for, if there is one: without it nobody can prove anything.

    What isn't there at all is judged the same way, so that nobody learns from the answer whether it is there.
    """
    match needed:
        case Assurance.NOTHING:
            return Assured.GRANTED
        case Assurance.KNOWN_NUMBER if caller.number and on_record and proves(caller.number, on_record):
            return Assured.GRANTED
        case Assurance.OWN_NUMBER:
            return Assured.GRANTED if caller.number else Assured.ASK
        case Assurance.KNOWN_NUMBER | Assurance.SECOND_FACT:
            return _by_what_was_said(caller.said, on_record)


def _by_what_was_said(said: tuple[str, ...], on_record: str | None) -> Assured:
    wrong = 0
    for number in _once(said):
        if on_record and proves(number, on_record):
            return Assured.GRANTED
        wrong += 1
        # Also where the right one follows in the same breath: whoever lists numbers is guessing.
        if wrong == TRIES:
            return Assured.PERSON
    return Assured.ASK_AGAIN if wrong else Assured.ASK


def proves(said: str, on_record: str) -> bool:
    """Whether a number was said as a whole, with or without its country code; its last digits are no proof."""
    known, told = _digits(on_record).lstrip("0"), _digits(said).lstrip("0")
    in_full = on_record.strip().startswith(("+", "00"))
    needed = len(known) - COUNTRY_CODE_DIGITS if in_full else len(known)
    return len(told) >= max(needed, MIN_SAME_DIGITS) and same_number(said, on_record)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _once(numbers: Iterable[str]) -> list[str]:
    """Without those that were said before, in whatever way they were written."""
    kept: list[str] = []
    for number in numbers:
        if not any(same_number(number, earlier) for earlier in kept):
            kept.append(number)
    return kept
