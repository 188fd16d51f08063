"""All that a call's workflow knows of its call."""

from __future__ import annotations

from dataclasses import dataclass, field

from temporalio.workflow import ActivityHandle

from domain.call import CallState, Outcome
from domain.line import CallStart, LineEnded, LineOpen, LineProgress, PartyJoined, Phase, PhaseKind
from domain.speech import Language
from workflows.live.refusals import CALL_ENDED, refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One `serve_line` that holds the line, or may still open it."""

    handle: ActivityHandle[LineEnded]
    phase_number: int
    """Of the phase that it was asked to bring the line into."""


@dataclass(slots=True, kw_only=True)
class LiveCall:
    start: CallStart
    lease: int = 0
    """The highest lease given out so far."""
    attempts: dict[int, Attempt] = field(default_factory=dict[int, Attempt])
    """By lease."""
    line: LineOpen | None = None
    """The line as it was last opened or adopted."""
    opened_at: float = 0.0
    """When that was, in Unix seconds."""
    lost_at: float | None = None
    """Since when nobody is known to hold the line, in Unix seconds."""
    adrift: bool = False
    """Nobody adopts the line: only the caller can bring the call back."""
    dialling: int = 0
    """Updates that are having the line opened."""
    phase: Phase = field(default_factory=Phase)
    """What the line is to be in, wherever it is opened."""
    parties: dict[str, PartyJoined] = field(default_factory=dict[str, PartyJoined])
    """By party id, the people beside the caller whose audio flows."""
    progress: LineProgress | None = None
    turns: int = 0
    wants_callback: str | None = None
    """Why somebody has to call once the call is over, as its line found."""
    asked_to_end: Outcome | None = None
    outcome: Outcome | None = None

    @property
    def holder(self) -> ActivityHandle[LineEnded] | None:
        attempt = self.attempts.get(self.line.lease) if self.line else None
        return attempt.handle if attempt else None

    @property
    def held(self) -> bool:
        """Whether somebody holds the line, as far as is known."""
        return self.holder is not None and not self.holder.done()

    @property
    def over(self) -> bool:
        return bool(self.outcome or self.asked_to_end)

    @property
    def state(self) -> CallState:
        if self.outcome:
            return CallState.ENDED
        if self.line is None:
            return CallState.CONNECTING
        if self.adrift:
            return CallState.ADRIFT
        match self.phase.kind:
            case PhaseKind.CONVERSE:
                return CallState.TALKING
            case PhaseKind.HELD:
                return CallState.HELD
            case PhaseKind.BRIDGED:
                return CallState.BRIDGED

    @property
    def language(self) -> Language | None:
        return self.progress.language if self.progress else self.start.language

    def refuse_when_over(self) -> None:
        if self.over:
            raise refusal(CALL_ENDED, "the call has ended")
