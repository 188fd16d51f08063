"""JSON schemas: whether one is fit for a tool, and whether a value fits one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from domain.errors import Refused

MOST_SCHEMA_CHARACTERS = 8_000
"""A form of a few dozen fields; a language model that reads it has little more room."""
MOST_PROPERTIES = 24
_NO_CHARACTER = re.compile(r"\\u(?:0000|d[89a-f][0-9a-f]{2})")
"""Which Postgres can't hold; whole characters beyond the first plane go with them, and no schema needs any."""
_REFERENCES = ("$ref", "$dynamicRef", "$id", "$schema", "pattern", "patternProperties")
"""What would fetch something from elsewhere, or let an expression run for ever."""

_validator: Any = import_module("jsonschema").Draft202012Validator
_schema_error: Any = import_module("jsonschema").exceptions.SchemaError


def check_schema(schema: Mapping[str, Any], of: str) -> None:
    """Raises Refused("bad_schema"): an object with named properties, valid by draft 2020-12, without references.

    Those to parts of the same schema are put in their place before, see tools.references.
    """
    written = json.dumps(schema)
    if len(written) > MOST_SCHEMA_CHARACTERS:
        raise Refused("bad_schema", f"{of}: the schema is longer than {MOST_SCHEMA_CHARACTERS} characters.")
    if _NO_CHARACTER.search(written):
        raise Refused("bad_schema", f"{of}: a text holds what is no character.")
    properties: Any = schema.get("properties")
    named = len(cast("dict[str, Any]", properties)) if isinstance(properties, dict) else MOST_PROPERTIES + 1
    if schema.get("type") != "object" or named > MOST_PROPERTIES:
        raise Refused("bad_schema", f'{of}: an object with at most {MOST_PROPERTIES} "properties" is expected.')
    if (found := next(_forbidden(schema), None)) is not None:
        raise Refused("bad_schema", f"{of}: {found} is not allowed in a tool's schema.")
    try:
        _validator.check_schema(schema)
    except _schema_error:
        # The library's own words would repeat the schema.
        raise Refused("bad_schema", f"{of}: this is no valid JSON schema.") from None


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    return bool(_validator(schema).is_valid(value))


def _forbidden(node: Any) -> Any:
    match node:
        case dict():
            for name, inner in node.items():  # pyright: ignore[reportUnknownVariableType]
                if name in _REFERENCES:
                    yield name
                yield from _forbidden(inner)
        case list():
            for inner in node:  # pyright: ignore[reportUnknownVariableType]
                yield from _forbidden(inner)
        case _:
            pass
