"""What a tool is: what goes in, what comes out, what must be known of the caller, and what it may cost."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

from domain.acting.action import ActionState
from domain.acting.assurance import Assurance
from domain.acting.limits import PER_CALL
from domain.answering.spelling import ascii_digits, fold
from domain.crm import MIN_SAME_DIGITS

LONGEST_WORDS = 500
"""Characters of a slot in a caller's own words: half a minute of speech; what is longer is asked for in short."""
SAID = "said"
"""Under this name a check is told what the caller said, in words and with its numbers in digits."""

INSTRUCTION = "instruction"
NOT_SAID = "not_said"
NO_TEXT = "no_text"
"""Types of refusal beside pydantic's own."""

_FOR_A_MODEL = re.compile(
    r"<\|.{0,40}?\|>|\[/?INST\]|<</?SYS>>|</?(?:system|assistant|tool_call|function_call|tool)\b"
    r"|(?:^|\n)\s*(?:###\s*)?(?:system|assistant|developer|tool)\s*(?:message|prompt)?\s*:"
    r"|\b(?:ignore|disregard|forget) (?:all |any |the |your )*(?:previous|prior|above|earlier) "
    r"(?:instructions|rules|prompts)",
    re.IGNORECASE,
)
"""Marks by which one model's text pretends to be another's order. Callers don't speak them."""
_JOINERS = "\u200c\u200d"
"""Invisible, and part of how some languages are written."""


class Effect(StrEnum):
    READ = "read"
    """Beside the talk, with a deadline; asked again freely."""
    WRITE = "write"
    """A durable action that happens once, see docs/connectors.md."""


class Slots(BaseModel):
    """Strict: a number is no text, a text no number, and what isn't listed is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _plain(value: str) -> str:
    hidden = any(
        unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co") and letter not in _JOINERS and letter not in "\n\t"
        for letter in value
    )
    if hidden:
        raise PydanticCustomError(NO_TEXT, "a character that is no text")
    if _FOR_A_MODEL.search(value):
        raise PydanticCustomError(INSTRUCTION, "an instruction to a model")
    return value


def _what_was_said(info: ValidationInfo) -> Sequence[str] | None:
    """None where nobody was asked what the caller said: then a value is only looked at by itself."""
    context: Any = info.context
    return context[SAID] if context else None


def _said(value: str, info: ValidationInfo) -> str:
    """Where what the caller said is known, every word of the value is one of theirs."""
    said = _what_was_said(info)
    if said is not None and not set(fold(value).split()) <= set(fold(" ".join(said)).split()):
        raise PydanticCustomError(NOT_SAID, "words that the caller did not say")
    return value


def _digits_said(value: str, info: ValidationInfo) -> str:
    """The same of a number, in whatever groups it was said."""
    said = _what_was_said(info)
    if said is None:
        return value
    digits = re.sub(r"\D", "", ascii_digits(value)).lstrip("0")
    spoken = [re.sub(r"\D", "", ascii_digits(text)) for text in said]
    bare = digits[_COUNTRY_CODE:] if len(digits) > _COUNTRY_CODE + MIN_SAME_DIGITS else digits
    if not any(bare in text for text in spoken):
        raise PydanticCustomError(NOT_SAID, "a number that the caller did not say")
    return value


_COUNTRY_CODE = 3
"""Digits at most, which may be left out when a telephone number is said."""

CallersWords = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_WORDS),
    AfterValidator(_plain),
    AfterValidator(_said),
]
"""What the caller said, and nobody else."""
TicketNumber = Annotated[str, StringConstraints(pattern=r"^\d{1,14}$"), AfterValidator(_digits_said)]
OrderNumber = Annotated[str, StringConstraints(pattern=r"^\d{3,8}$"), AfterValidator(_digits_said)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[1-9]\d{6,14}$"), AfterValidator(_digits_said)]
"""As ITU-T E.164 writes it."""
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Clock = Annotated[str, StringConstraints(pattern=r"^(?:[01]\d|2[0-3]):[0-5]\d$")]
Moment = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?[+-]\d{2}:\d{2}$")]
"""A time with its zone, by ISO 8601."""


class ActionTold(Slots):
    state: ActionState
    reference: Annotated[str | None, Field(description="The number in the other system, once it is done")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    name: str
    about: str
    """For a language model, and for the page in English."""
    takes: type[Slots]
    gives: type[Slots]
    effect: Effect
    assurance: Assurance = Assurance.NOTHING
    deadline_ms: int
    """How long the caller waits for it; what takes longer is told when it is there, or by a person."""
    amount_limited: bool = False
    """Whether what it asks for may move money: above the tenant's amount a person decides."""

    @property
    def limit(self) -> int | None:
        """In one call, before an advisor has to allow each."""
        return PER_CALL.get(self.name)

    def shown(self) -> dict[str, Any]:
        """As a language model and the tools page see it."""
        return {
            "name": self.name,
            "about": self.about,
            "effect": self.effect,
            "assurance": self.assurance,
            "limit": self.limit,
            "deadline_ms": self.deadline_ms,
            "amount_limited": self.amount_limited,
            "input": self.takes.model_json_schema(),
            "output": self.gives.model_json_schema(),
        }
