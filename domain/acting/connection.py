"""A tenant's connection to another system: where it is, and which secrets it is reached with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRow:
    """`settings` are the system's own, such as which field holds our key; they name secrets by reference only."""

    tenant_id: str
    connection_id: str
    system: str
    """A connector's name: zendesk, hubspot, freshdesk, salesforce, twilio, whatsapp."""
    url: str
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    enabled: bool = True


class Connections(Protocol):
    """Raises Unavailable("postgres", ...)."""

    async def all(self, tenant_id: str) -> list[ConnectionRow]: ...

    async def save(self, row: ConnectionRow) -> None:
        """Insert or replace by `connection_id`."""
        ...

    async def remove(self, tenant_id: str, connection_id: str) -> bool:
        """False when there was none."""
        ...
