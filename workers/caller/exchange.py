"""What comes back for one thing that the caller said or typed, gathered from the data channel's messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.speech import Speaker, TurnKind

ANSWERING = frozenset({TurnKind.ANSWER, TurnKind.CLARIFY})
"""The kinds that answer a request."""
_BEST_FIRST = (
    TurnKind.ANSWER,
    TurnKind.CLARIFY,
    TurnKind.FILLER,
    TurnKind.APOLOGY,
    TurnKind.PROMPT,
    TurnKind.GOODBYE,
    TurnKind.GREETING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One message of the data channel."""

    at: int
    """Its arrival, in samples of the recording."""
    stream_at: int = 0
    """The place in the received stream of the first audio that arrived after it."""
    message: Mapping[str, Any]

    @property
    def type(self) -> str:
        return str(self.message.get("type", ""))

    @property
    def seq(self) -> int:
        seq = self.message.get("seq")
        return seq if isinstance(seq, int) else -1

    @property
    def kind(self) -> TurnKind | None:
        try:
            return TurnKind(self.message["kind"])
        except (KeyError, ValueError):
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The server's word that a sentence begins."""

    at: int
    stream_at: int
    answers: bool


@dataclass(slots=True)
class Exchange:
    """From the beginning of one item to the beginning of the next; its events arrive in order through `take`."""

    caller_seqs: dict[int, str] = field(default_factory=dict[int, str])
    """Final transcripts of the caller, by seq."""
    agent_seqs: dict[int, str] = field(default_factory=dict[int, str])
    kinds: list[TurnKind] = field(default_factory=list[TurnKind])
    begun: list[Begun] = field(default_factory=list[Begun])
    answered_seqs: set[int] = field(default_factory=set[int])
    language: str | None = None
    agent_language: str | None = None
    stages_ms: dict[str, int] = field(default_factory=dict[str, int])
    notices: list[str] = field(default_factory=list[str])

    def take(self, event: Event) -> None:
        match event.type:
            case "transcript" if event.message.get("final"):
                self._transcript(event)
            case "speaking":
                self.begun.append(Begun(at=event.at, stream_at=event.stream_at, answers=event.kind in ANSWERING))
                self._kind(event)
            case "turn":
                self._turn(event)
            case "answered":
                self.answered_seqs.add(event.seq)
            case "notice":
                self.notices.append(str(event.message.get("text", "")))
            case _:
                pass

    @property
    def heard(self) -> str:
        return " ".join(text for _, text in sorted(self.caller_seqs.items()) if text)

    @property
    def answered(self) -> str:
        """Every word of the agent that the caller heard, openers included."""
        return " ".join(text for _, text in sorted(self.agent_seqs.items()) if text)

    @property
    def kind(self) -> TurnKind | None:
        """The kind of the best sentence."""
        return next((kind for kind in _BEST_FIRST if kind in self.kinds), None)

    @property
    def complete(self) -> bool:
        """Whether the last turn that was heard of the caller is answered; an earlier one may have been cut short."""
        last_heard = max((seq for seq, text in self.caller_seqs.items() if text), default=-1)
        return bool(self.answered_seqs) and max(self.answered_seqs) >= last_heard

    @property
    def spoken_to(self) -> bool:
        """Whether the agent has said more than that it is coming."""
        return any(kind is not TurnKind.FILLER for kind in self.kinds)

    def _transcript(self, event: Event) -> None:
        text = str(event.message.get("text", "")).strip()
        language = event.message.get("language")
        if event.message.get("speaker") == Speaker.CALLER:
            self.caller_seqs[event.seq] = text
            self.language = str(language) if language else self.language
        elif event.message.get("speaker") == Speaker.AGENT:
            self.agent_seqs[event.seq] = text
            self.agent_language = str(language) if language else self.agent_language
            self._kind(event)

    def _turn(self, event: Event) -> None:
        stages: Any = event.message.get("stages_ms")
        if isinstance(stages, Mapping):
            for name, ms in stages.items():  # pyright: ignore[reportUnknownVariableType]
                if isinstance(ms, int):
                    # The first turn that tells a stage is the one that the caller waited for.
                    self.stages_ms.setdefault(str(name), ms)  # pyright: ignore[reportUnknownArgumentType]
        if event.message.get("speaker") == Speaker.AGENT:
            self._kind(event)

    def _kind(self, event: Event) -> None:
        if event.kind is not None:
            self.kinds.append(event.kind)
