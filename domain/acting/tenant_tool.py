"""A tool that a tenant added: one question to a web address of its own, and the sentence that the answer is told in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from domain.acting.assurance import Assurance
from domain.speech import Language
from domain.tenant import Words

MCP = "MCP"
NAME = re.compile(r"^[a-z][a-z0-9_]{1,39}$")
MOST_TOOLS = 30
"""Of one tenant: each is one more thing that a question may mean."""
_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantTool:
    """At a web address it only reads; at an MCP server it may also write."""

    name: str
    about: Words
    method: str = MCP
    """GET: the input is in the query. POST: it is the body, as JSON. MCP: `remote` is called at `server`."""
    url: str = ""
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
    server: str | None = None
    """The tenant's name of the MCP server; None for a web address."""
    remote: str = ""
    """What the server calls it."""
    approved: str = ""
    """The digest of what the server said of it when it was approved, see domain.acting.tool_server."""
    writes: bool = False
    """It has an effect: it is confirmed by the caller, and happens once."""
    idempotent: bool = False
    """Whether its server says that calling it again changes nothing more; only of one that writes."""
    needs_advisor: bool = False
    """Whether an advisor allows each time; only of one that writes."""
    reference: str | None = None
    """The output's field that the caller is told as what the other system calls it; only of one that writes."""
    off_because: str | None = None
    """Why it was switched off without anybody's doing, see domain.acting.tool_server."""


class TenantTools(Protocol):
    """Raises Unavailable("postgres", ...)."""

    async def all(self, tenant_id: str) -> list[TenantTool]: ...

    async def save(self, tenant_id: str, tool: TenantTool, secret: str | None) -> None:
        """Insert or replace by name. With `has_secret` and no secret the earlier one stays."""
        ...

    async def remove(self, tenant_id: str, name: str) -> bool:
        """With its secret. False when there was none."""
        ...

    async def switch_off(self, tenant_id: str, name: str, because: str) -> None:
        """Nobody is asked: it is no more what was approved."""
        ...


class ToolRunner(Protocol):
    """Asks a tenant's tool."""

    def check(self, tool: TenantTool) -> None:
        """Raises Refused or Rejected for one that could never be asked."""
        ...

    async def run(self, tenant_id: str, tool: TenantTool, slots: Mapping[str, Any]) -> dict[str, Any]:
        """The output of one that reads, which fits its schema. Raises NotFound, Rejected, Unavailable."""
        ...


class ToolWriter(Protocol):
    """Has a tenant's tool do what it does, once for a key."""

    async def write(self, tenant_id: str, name: str, slots: Mapping[str, str], key: str) -> str:
        """What the other system calls what was done, or nothing. Raises as a write of domain.crm.Crm does."""
        ...


REFERENCE = "reference"
"""The one field that the sentence about a finished action may have."""
ACTION = "tool:"
"""Before a tool's name, in the name of an action."""


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
