"""A JSON schema without its references: what each names inside of the same schema stands in its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from referencing import Registry, Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from domain.errors import Refused

MOST_NODES = 2_000
"""Objects and lists once everything is in its place: a form of a few dozen fields has a tenth. Small schemas whose
references name each other twice over grow without end."""
DEEPEST = 40
_REF = "$ref"
_SHELVES = ("$defs", "definitions")
"""Where the parts lie that references name; nothing asks for them any more."""
_VALUES = ("const", "default", "enum", "examples")
"""Keywords that hold values and no schemas."""
_ANNOTATIONS = ("default", "deprecated", "description", "examples", "readOnly", "title", "writeOnly")
"""Keywords beside a reference that say something else of it instead of asking for more."""


def inlined(schema: Mapping[str, Any], of: str) -> dict[str, Any]:
    """Raises Refused("bad_schema") for a reference to anywhere else, to nothing, or to itself. Nothing is fetched."""
    if "$id" in schema:
        raise Refused("bad_schema", f"{of}: $id is not allowed in a tool's schema.")
    root = Resource.from_contents(dict(schema), default_specification=DRAFT202012)
    plain = _Inliner(Registry[Any]().with_resource("", root).resolver(), of).node(dict(schema), (), 0)
    return {name: value for name, value in plain.items() if name not in _SHELVES}


class _Inliner:
    def __init__(self, resolver: Any, of: str) -> None:
        self._resolver = resolver
        self._of = of
        self._nodes = 0

    def node(self, node: Any, within: tuple[str, ...], depth: int) -> Any:
        """`within` are the references that led here."""
        if isinstance(node, list):
            self._count(depth)
            return [self.node(each, within, depth + 1) for each in cast("list[Any]", node)]
        if not isinstance(node, dict):
            return node
        self._count(depth)
        told = cast("dict[str, Any]", node)
        plain = {
            name: value if name in _VALUES else self.node(value, within, depth + 1)
            for name, value in told.items()
            if name != _REF or not isinstance(value, str)
            if depth or name not in _SHELVES
        }
        ref = told.get(_REF)
        return self._with(plain, ref, within, depth) if isinstance(ref, str) else plain

    def _with(self, beside: dict[str, Any], ref: str, within: tuple[str, ...], depth: int) -> Any:
        if not ref.startswith("#"):
            raise self._refused("a $ref leads outside of the schema")
        if ref in within:
            raise self._refused("a $ref leads back to itself")
        try:
            named = self._resolver.lookup(ref).contents
        except Unresolvable:
            raise self._refused("a $ref names nothing in the schema") from None
        found = self.node(named, (*within, ref), depth + 1)
        if not isinstance(found, dict):
            return found if not beside else {"allOf": [found], **beside}
        whole = cast("dict[str, Any]", found) | {name: beside[name] for name in _ANNOTATIONS if name in beside}
        more = {name: value for name, value in beside.items() if name not in _ANNOTATIONS}
        return {**whole, "allOf": [*whole.get("allOf", []), more]} if more else whole

    def _count(self, depth: int) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES or depth > DEEPEST:
            raise self._refused("the schema is too large once its references are in place")

    def _refused(self, why: str) -> Refused:
        return Refused("bad_schema", f"{self._of}: {why}.")
