"""How a trunk stands with its registrar."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

LONGEST_REASON = 80
_STATUS = re.compile(r"[3-6][0-9][0-9]\b")


class Standing(StrEnum):
    """Of a trunk's registration."""

    ASKED = "asked"
    """No answer yet."""
    REGISTERED = "registered"
    BY_ADDRESS = "by_address"
    """The trunk knows us by our address: nothing is registered."""
    REFUSED = "refused"
    """By the registrar."""
    UNREACHABLE = "unreachable"
    """The registrar says nothing, or the way to it is broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkState:
    standing: Standing
    since_s: float
    """Unix time."""
    reason: str | None = None
    """In the registrar's or the network's words."""

    @property
    def is_ready(self) -> bool:
        """Whether one can dial by it, for all that is known."""
        return self.standing in (Standing.REGISTERED, Standing.BY_ADDRESS)

    @classmethod
    def now(cls, standing: Standing, reason: str | None = None) -> Self:
        return cls(standing=standing, since_s=time.time(), reason=reason)

    @classmethod
    def of_failure(cls, text: str) -> Self:
        """The registrar's status and its words, or the network's words; nothing where no answer came."""
        said = "".join(filter(str.isprintable, text))[:LONGEST_REASON].strip()
        standing = Standing.REFUSED if _STATUS.match(said) else Standing.UNREACHABLE
        return cls.now(standing, said or "no answer")

    def since(self, earlier: Self) -> Self:
        """The same standing, for as long as it was so before."""
        return replace(self, since_s=earlier.since_s)
