"""References inside of a tool's schema: put in their place, or refused with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import Refused
from tools.references import inlined
from tools.schemas import check_schema, fits

BRANCH = {"type": "string", "enum": ["Deira", "Marina"], "description": "a branch"}


def takes(field: Any, **parts: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"branch": field}, "required": ["branch"], **parts}


@pytest.mark.parametrize(
    "schema",
    [
        takes({"$ref": "#/$defs/Branch"}, **{"$defs": {"Branch": BRANCH}}),
        takes({"$ref": "#/definitions/a~1b"}, definitions={"a/b": BRANCH}),
        takes({"$ref": "#/$defs/One"}, **{"$defs": {"One": {"$ref": "#/$defs/Two"}, "Two": BRANCH}}),
        takes({"$ref": "#branch"}, **{"$defs": {"Branch": {**BRANCH, "$anchor": "branch"}}}),
    ],
)
def test_a_reference_to_a_part_of_the_schema_is_put_in_its_place(schema: dict[str, Any]) -> None:
    plain = inlined(schema, "input")
    check_schema(plain, "input")
    assert plain["properties"]["branch"]["type"] == "string"
    assert "ref" not in str(plain)
    assert "defs" not in str(plain)
    assert fits({"branch": "Deira"}, plain)
    assert not fits({"branch": "Sharjah"}, plain)


def test_what_stands_beside_a_reference_holds_as_well() -> None:
    field = {"$ref": "#/$defs/Branch", "description": "where to", "maxLength": 5}
    plain = inlined(takes(field, **{"$defs": {"Branch": BRANCH}}), "input")
    assert plain["properties"]["branch"]["description"] == "where to"
    assert fits({"branch": "Deira"}, plain)
    assert not fits({"branch": "Marina"}, plain)


def test_a_value_that_looks_like_a_reference_is_none() -> None:
    schema = takes({"type": "object", "default": {"$ref": "https://elsewhere.example/x"}})
    assert inlined(schema, "input") == schema


def doubled(times: int) -> dict[str, Any]:
    """Small, and twice as large with every step."""
    parts: dict[str, Any] = {"d0": BRANCH}
    for step in range(times):
        name = {"$ref": f"#/$defs/d{step}"}
        parts[f"d{step + 1}"] = {"type": "object", "properties": {"a": name, "b": name}}
    return {"$defs": parts}


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        (takes({"$ref": "https://elsewhere.example/schema"}), "outside"),
        (takes({"$ref": "file:///etc/passwd"}), "outside"),
        (takes({"$ref": "other.json#/Branch"}), "outside"),
        (takes({"$ref": "#/$defs/Nowhere"}), "nothing"),
        (takes({"$ref": "#nowhere"}), "nothing"),
        (takes({"$ref": "#"}), "itself"),
        (takes({"$ref": "#/$defs/A"}, **{"$defs": {"A": {"items": {"$ref": "#/$defs/A"}}}}), "itself"),
        (takes({"$ref": "#/$defs/d30"}, **doubled(30)), "too large"),
        (takes(BRANCH, **{"$id": "https://elsewhere.example/"}), "$id"),
    ],
)
def test_any_other_reference_is_refused_with_its_reason(schema: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused) as refused:
        inlined(schema, "input")
    assert refused.value.code == "bad_schema"
    assert why in str(refused.value)
    assert str(refused.value).startswith("input: ")
