"""What the caller's client is told over the data channel, in the words of docs/protocol.md."""

from __future__ import annotations

from typing import Any

from domain.call import Outcome
from domain.line import Phase
from domain.moves import Say
from domain.speech import Language, Speaker, Turn
from domain.turn_taking import Floor
from realtime.line import Line


class Client:
    """One caller's page or headless client."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def ready(self, call_id: str, lease: int) -> None:
        self._line.send({"type": "ready", "call_id": call_id, "lease": lease})

    def phase(self, phase: Phase) -> None:
        message: dict[str, Any] = {"type": "phase", "phase": phase.kind}
        if phase.position is not None:
            message["position"] = phase.position
        if phase.wait_s is not None:
            message["wait_s"] = phase.wait_s
        if phase.choose:
            message["choose"] = True
        self._line.send(message)

    def floor(self, floor: Floor) -> None:
        self._line.send({"type": "floor", "floor": floor, "at_ms": self._line.now_ms})

    def interim(self, seq: int, speaker: Speaker, text: str, language: Language) -> None:
        self._line.send(
            {
                "type": "transcript",
                "seq": seq,
                "speaker": speaker,
                "text": text,
                "language": language,
                "final": False,
            }
        )

    def speaking(self, seq: int, say: Say, at_ms: int) -> None:
        self._line.send({"type": "speaking", "seq": seq, "kind": say.kind, "at_ms": at_ms})

    def turn(self, turn: Turn) -> None:
        """A finished turn: its words, then its figures."""
        self._line.send(
            {
                "type": "transcript",
                "seq": turn.seq,
                "speaker": turn.speaker,
                "text": turn.text,
                "language": turn.language,
                "final": True,
                "kind": turn.kind,
            }
        )
        self._line.send(
            {
                "type": "turn",
                "seq": turn.seq,
                "speaker": turn.speaker,
                "kind": turn.kind,
                "intent": turn.intent,
                "interrupted": turn.interrupted,
                "started_ms": turn.started_ms,
                "ended_ms": turn.ended_ms,
                "stages_ms": turn.stages_ms,
            }
        )

    def answered(self, seq: int) -> None:
        self._line.send({"type": "answered", "seq": seq})

    def ended(self, outcome: Outcome) -> None:
        self._line.send({"type": "ended", "outcome": outcome})
