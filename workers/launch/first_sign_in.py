"""Who can sign in after the first start."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPassword:
    """Made just now, kept nowhere in clear, shown once."""

    company: str
    """The tenant's slug, which the sign-in page asks for."""
    email: str
    password: str
