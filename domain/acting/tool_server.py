"""A server of the Model Context Protocol that a tenant registered, and the tools that it says it has.

What such a server says of itself is somebody else's words: an administrator reads them and decides, no model does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from domain.acting.tenant_tool import TenantTool

MOST_SERVERS = 10
"""Of one tenant."""
MOST_LISTED = 100
"""Tools of one server that are looked at; nobody chooses among more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolServer:
    name: str
    url: str
    timeout_ms: int = 3_000
    """For one question; a write may take longer."""
    has_secret: bool = False
    """Whether a bearer token is sent to it; the token is sealed, and kept apart."""
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTool:
    """As the server describes it at this moment."""

    name: str
    title: str
    about: str
    takes: Mapping[str, Any]
    gives: Mapping[str, Any] | None = None
    """JSON schemas of what goes in and comes out; without the second it answers in text."""
    only_reads: bool = False
    idempotent: bool = False
    """What it says of itself: that calling it again with the same input changes nothing more."""

    @property
    def digest(self) -> str:
        """Of everything that an administrator read when they approved it."""
        told = [self.name, self.title, self.about, self.takes, self.gives, self.only_reads, self.idempotent]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a server answered."""

    product: str
    """What it calls itself."""
    protocol: str
    """The revision that was agreed on."""
    tools: Sequence[ListedTool]


class Why(StrEnum):
    """Why a tool was switched off without anybody's doing."""

    CHANGED = "changed"
    """Its server describes it otherwise than when it was approved."""
    GONE = "gone"
    """Its server has it no more."""


def standing(tool: TenantTool, listed: Sequence[ListedTool]) -> Why | None:
    """Whether a tool is still what was approved; None when it is."""
    found = next((each for each in listed if each.name == tool.remote), None)
    if found is None:
        return Why.GONE
    return None if found.digest == tool.approved else Why.CHANGED


TEXT_ONLY: Mapping[str, Any] = {
    "type": "object",
    "properties": {"text": {"type": "string"}},
    "required": ["text"],
}
"""What a tool gives that has no schema for it."""


class ToolServers(Protocol):
    """Raises Unavailable("postgres", ...)."""

    async def all(self, tenant_id: str) -> list[ToolServer]: ...

    async def save(self, tenant_id: str, server: ToolServer, secret: str | None) -> None:
        """Insert or replace by name. With `has_secret` and no secret the earlier one stays."""
        ...

    async def remove(self, tenant_id: str, name: str) -> bool:
        """With its secret and every tool of it. False when there was none."""
        ...


class ServerReader(Protocol):
    """Asks a server what it has."""

    def check(self, server: ToolServer) -> None:
        """Raises Rejected for an address that no server may have."""
        ...

    async def listing(self, tenant_id: str, server: ToolServer) -> Listing:
        """Of this moment; tools of the tenant's that are no more what was approved are switched off.

        Raises Rejected, Unavailable.
        """
        ...

    def unfit(self, listed: ListedTool) -> str | None:
        """Why a tool can't be offered to callers, as a sentence; None when it can."""
        ...
