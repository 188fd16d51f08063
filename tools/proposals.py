"""The one gate for what somebody proposes to do, a rule or a model: by a tool's model, or refused with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from domain.errors import Refused
from tools.built_in import BY_NAME
from tools.tool import INSTRUCTION, NO_TEXT, NOT_SAID, SAID, Slots

BAD_SLOTS = "bad_slots"


class Why(StrEnum):
    """Why a proposal is refused."""

    NO_SUCH_TOOL = "no_such_tool"
    NO_SUCH_SLOT = "no_such_slot"
    MISSING = "missing"
    TOO_LONG = "too_long"
    WRONG_TYPE = "wrong_type"
    WRONG_VALUE = "wrong_value"
    NOT_SAID = "not_said"
    """The caller said nothing of the kind: a document, a page or a model put it there."""
    INSTRUCTION = "instruction"
    """It speaks to a model instead of saying what the caller wants."""
    NO_TEXT = "no_text"


_WHY: Mapping[str, Why] = {
    "extra_forbidden": Why.NO_SUCH_SLOT,
    "missing": Why.MISSING,
    "string_too_short": Why.MISSING,
    "string_too_long": Why.TOO_LONG,
    "string_type": Why.WRONG_TYPE,
    INSTRUCTION: Why.INSTRUCTION,
    NOT_SAID: Why.NOT_SAID,
    NO_TEXT: Why.NO_TEXT,
}
"""By pydantic's type of error; any other is a wrong value."""
_GRAVEST = (Why.INSTRUCTION, Why.NOT_SAID, Why.NO_SUCH_SLOT)
"""Told first where several things are wrong."""


class BadSlots(Refused):
    """A proposal that is none. Neither its words nor its values are in it."""

    def __init__(self, tool: str, slot: str | None, why: Why) -> None:
        super().__init__(BAD_SLOTS, f"{tool}{f'.{slot}' if slot else ''}: {why}")
        self.tool = tool
        self.slot = slot
        self.why = why


def checked(name: str, slots: Mapping[str, Any], said: Sequence[str] | None = None) -> Slots:
    """The tool's own model of these slots. Raises BadSlots.

    With `said`, everything that the caller said in this call, a value in their words has to be in it.
    """
    tool = BY_NAME.get(name)
    if tool is None:
        raise BadSlots("tool", None, Why.NO_SUCH_TOOL)
    try:
        return tool.takes.model_validate(dict(slots), context={SAID: said})
    except ValidationError as error:
        raise _refusal(name, tool.takes, error) from None


def check(name: str, slots: Mapping[str, Any]) -> None:
    """What is about to be done in another system, whoever proposed it. Raises BadSlots."""
    checked(name, slots)


def _refusal(name: str, takes: type[Slots], error: ValidationError) -> BadSlots:
    found = [
        (_WHY.get(one["type"], Why.WRONG_VALUE), str(one["loc"][0]) if one["loc"] else None)
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    why, slot = min(found, key=lambda each: _GRAVEST.index(each[0]) if each[0] in _GRAVEST else len(_GRAVEST))
    # The name of a slot that isn't one is somebody's text as well.
    return BadSlots(name, slot if slot in takes.model_fields else None, why)
