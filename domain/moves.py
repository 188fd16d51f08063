"""What the brain decides to do next on a line."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.speech import Language, TurnKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Speak one sentence. Several may follow one another in a turn."""

    text: str
    language: Language
    kind: TurnKind = TurnKind.ANSWER
    intent: str | None = None
    took_ms: dict[str, int] = field(default_factory=dict[str, int], compare=False)
    """Stages of the wait for this sentence that only who decided on it knows: retrieval, llm, tool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Do something with an effect in another system, with slots that rules have filled."""

    action: str
    slots: dict[str, str] = field(default_factory=dict[str, str])
    done: dict[Language, str] = field(default_factory=dict[Language, str])
    """What the caller is told once it is done, where a tenant has a sentence of its own."""
    needs_approval: bool = False
    """An advisor allows it first."""
    found: tuple[str, ...] = ()
    """Values among the slots that were looked up for the caller, who need not have said them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Keep the caller waiting, with `text` spoken first."""

    text: str
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """Ask for a person. `reason` is a code, `sentence` what the caller is told first."""

    reason: str
    text: str
    language: Language
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Goodbye:
    """Say `text`, then hang up."""

    text: str
    language: Language


Move = Say | Act | Hold | Handoff | Goodbye
