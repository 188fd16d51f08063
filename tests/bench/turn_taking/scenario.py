"""A scenario: what the caller does while the agent listens or speaks, and what the ear should make of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    ENDS = "ends"
    PAUSES = "pauses"
    NUMBERS = "numbers"
    REPLIES = "replies"
    BACKGROUND = "background"
    BACKCHANNELS = "backchannels"
    NOISES = "noises over the agent"
    INTERRUPTIONS = "interruptions"
    ECHOES = "echoes"


@dataclass(frozen=True, slots=True)
class Said:
    """By the English voice."""

    text: str


@dataclass(frozen=True, slots=True)
class Cut:
    """From a real recording; None is its end."""

    clip: str
    from_ms: int = 0
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Cough:
    seed: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Inside a turn."""

    ms: int


@dataclass(frozen=True, slots=True)
class Over:
    """The end of a turn, and silence until the next."""


Part = Said | Cut | Cough | Pause | Over


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    name: str
    kind: Kind
    parts: tuple[Part, ...]
    asked: str = ""
    """The agent's last sentence before."""
    over_agent: str = ""
    """What the agent is saying all the while; empty when it listens."""
    interrupts: bool = False
    """Whether the agent should stop for it."""
    telephone: bool = False
    background: Cut | None = None
    """Somebody else in the caller's room, 20 dB below."""
    echo: tuple[int, float] | None = None
    """The agent's own voice in the microphone: so many ms late, so many dB down."""

    @property
    def arabic(self) -> bool:
        return any(isinstance(part, Cut) and part.clip.startswith("ar-") for part in self.parts)
