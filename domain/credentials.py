"""Secrets of other people's systems: configuration holds references, the values are read when they are used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """OAuth2 tokens of one tenant's connection; they are never shown, not even in a repr."""

    access: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    expires_at_s: float | None = None


class Secrets(Protocol):
    """One tenant's secrets, encrypted at rest. Raises Unavailable("postgres", ...)."""

    async def read(self, reference: str) -> str:
        """Raises NotFound("secrets", ...) for a reference that nobody filled."""
        ...

    async def tokens(self, reference: str) -> Tokens | None: ...

    async def replace_tokens(self, reference: str, new: Tokens, *, instead_of: Tokens | None) -> Tokens:
        """Compare-and-set: the tokens that hold now, which are another process's when it was faster."""
        ...
