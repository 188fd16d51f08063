"""What a headless phone found out: the JSON of `hatif call --sip --json`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneTurn:
    """One file and what came back for it. A phone is not told what a sound means: a filler is a sound, too."""

    with_openers_ms: int | None
    """From the caller's last sample to the first sample of anything that was heard after it; None for silence."""
    sound_ms: int
    """From that first sample to the last one, pauses included."""

    @property
    def is_answer(self) -> bool:
        return self.with_openers_ms is not None


@dataclass(slots=True, kw_only=True)
class PhoneReport:
    sip_call_id: str | None = None
    """The Call-ID header, by which both ends and everything between them name the call."""
    outcome: str | None = None
    ringing_ms: int | None = None
    """From the INVITE to the answer."""
    greeting_ms: int = 0
    """How long the greeting lasted, pauses included."""
    turns: list[PhoneTurn] = field(default_factory=list[PhoneTurn])

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
