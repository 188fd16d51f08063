"""What a headless call found out: the JSON of `hatif call --json`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from domain.speech import TurnKind
from workers.caller.exchange import ANSWERING


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnReport:
    """One item of the caller and what came back for it."""

    heard: str
    language: str | None
    answered: str
    kind: TurnKind | None
    """None when the agent said nothing."""
    voice_to_voice_ms: int | None
    """From the caller's last sample, or the sending of a text, to the first sample of the answering sentence."""
    with_openers_ms: int | None
    """The same to the first sample of anything that the agent said."""
    stages_ms: dict[str, int]

    @property
    def is_answer(self) -> bool:
        return self.kind in ANSWERING


@dataclass(slots=True, kw_only=True)
class CallReport:
    call_id: str | None = None
    outcome: str | None = None
    greeting: str = ""
    turns: list[TurnReport] = field(default_factory=list[TurnReport])

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
