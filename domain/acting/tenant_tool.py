"""A tool that a tenant added: one question to a web address of its own, and the sentence that the answer is told in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from domain.acting.assurance import Assurance
from domain.speech import Language
from domain.tenant import Words

NAME = re.compile(r"^[a-z][a-z0-9_]{1,39}$")
MOST_TOOLS = 30
"""Of one tenant: each is one more thing that a question may mean."""
_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantTool:
    """It only reads: what changes something goes through the tenant's CRM, where it happens once."""

    name: str
    about: Words
    method: str
    """GET: the input is in the query. POST: it is the body, as JSON."""
    url: str
    takes: Mapping[str, Any]
    gives: Mapping[str, Any]
    """JSON schemas, of an object each."""
    answer: Words
    """What is said, with the output's fields in braces."""
    examples: Mapping[Language, tuple[str, ...]]
    """How callers ask for it."""
    asks: Mapping[str, Words] = field(default_factory=dict[str, Words])
    """The question for each slot that the input requires."""
    assurance: Assurance = Assurance.NOTHING
    proof: str | None = None
    """The output's field with the phone that its caller has to tell; it is never said."""
    timeout_ms: int = 3_000
    has_secret: bool = False
    """Whether a bearer token is sent with it; the token is sealed, and kept apart."""
    enabled: bool = True


class TenantTools(Protocol):
    """Raises Unavailable("postgres", ...)."""

    async def all(self, tenant_id: str) -> list[TenantTool]: ...

    async def save(self, tenant_id: str, tool: TenantTool, secret: str | None) -> None:
        """Insert or replace by name. With `has_secret` and no secret the earlier one stays."""
        ...

    async def remove(self, tenant_id: str, name: str) -> bool:
        """With its secret. False when there was none."""
        ...


class ToolRunner(Protocol):
    """Asks a tenant's tool."""

    def check(self, tool: TenantTool) -> None:
        """Raises Refused or Rejected for one that could never be asked."""
        ...

    async def run(self, tenant_id: str, tool: TenantTool, slots: Mapping[str, Any]) -> dict[str, Any]:
        """The output, which fits its schema. Raises NotFound, Rejected, Unavailable."""
        ...


def fields_of(answer: Words) -> frozenset[str]:
    return frozenset(name for text in answer.values() for name in _FIELD.findall(text))


def told(tool: TenantTool, output: Mapping[str, Any]) -> Words:
    """The sentences; a value is put in as it is, and can neither add a field nor anything but words."""
    return {
        language: _FIELD.sub(lambda found: _plain(output.get(found[1])), text) for language, text in tool.answer.items()
    }


def _plain(value: Any) -> str:
    text = "" if value is None else str(value)
    return "".join(letter for letter in text if letter.isprintable())[:200]
