"""Which JSON schemas a tool may have."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import Refused
from tools.built_in import BUILT_IN
from tools.schemas import MOST_PROPERTIES, check_schema, fits

CARD: dict[str, Any] = {
    "type": "object",
    "properties": {"card": {"type": "string", "minLength": 3}},
    "required": ["card"],
    "additionalProperties": False,
}


def test_a_value_fits_or_not() -> None:
    check_schema(CARD, "input")
    assert fits({"card": "123"}, CARD)
    for other in ({}, {"card": 123}, {"card": "1"}, {"card": "123", "more": 1}, [], None):
        assert not fits(other, CARD)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "array"},
        {"type": "object"},
        {"type": "object", "properties": []},
        {"type": "object", "properties": {"a": {"type": "no such type"}}},
        {"type": "object", "properties": {"a": {"$ref": "https://elsewhere.example/schema"}}},
        {"type": "object", "properties": {"a": {"type": "string", "pattern": "(a+)+$"}}},
        {"type": "object", "properties": {f"f{n}": {} for n in range(MOST_PROPERTIES + 1)}},
        {"type": "object", "properties": {"a": {"description": "x" * 9_000}}},
        {"type": "object", "properties": {"a": {"description": "\x00"}}},
        {"type": "object", "properties": {"a": {"description": "\ud800"}}},
    ],
)
def test_what_is_unfit_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        check_schema(schema, "input")
    assert refused.value.code == "bad_schema"


def test_the_built_in_tools_have_names_of_their_own_and_whole_schemas() -> None:
    assert len({tool.name for tool in BUILT_IN}) == len(BUILT_IN)
    for tool in BUILT_IN:
        shown = tool.shown()
        assert shown["input"]["type"] == shown["output"]["type"] == "object"
        assert shown["input"]["additionalProperties"] is False
        assert shown["deadline_ms"] > 0
