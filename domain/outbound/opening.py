"""What somebody whom we call hears first, and what the agent knows of why they are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from domain.speech import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Takes the place of the tenant's greeting. Whoever picks up hears it, so it holds nothing that is private."""

    language: Language
    text: str
    about: str | None = None
    """For the agent alone: what the call is about."""


class Openings(Protocol):
    async def opening(self, tenant_id: str, call_id: str) -> Opening | None:
        """None for a call that opens with the greeting. Raises Unavailable("postgres", …)."""
        ...
