"""What the caller's client, and the pages of people joined to the call, are told in the words of docs/protocol.md."""

from __future__ import annotations

from collections.abc import Sequence

from domain.call import Outcome
from domain.line import Party, Phase, PhaseKind
from domain.moves import Say
from domain.speech import Language, Speaker, Turn
from domain.turn_taking.floor import Floor
from realtime.line import Line, Message


class Client:
    """One call's clients: the caller's, which is told all, and people's, who are told what is said and who is there."""

    def __init__(self, line: Line, *, callbacks: bool = True) -> None:
        """`callbacks`: whether the tenant promises any."""
        self._line = line
        self._callbacks = callbacks
        self._people: list[Line] = []
        self._names: dict[str, str | None] = {}
        """Of everybody who was ever here, by their ids."""
        self._phase = _phase_message(Phase(), None)
        self._recording = False

    # ------------------------------------------------------------ to the caller

    def ready(self, call_id: str, lease: int) -> None:
        self._line.send({"type": "ready", "call_id": call_id, "lease": lease})

    def floor(self, floor: Floor) -> None:
        self._line.send({"type": "floor", "floor": floor, "at_ms": self._line.now_ms})

    def speaking(self, seq: int, say: Say, at_ms: int) -> None:
        self._line.send({"type": "speaking", "seq": seq, "kind": say.kind, "at_ms": at_ms})

    def answered(self, seq: int) -> None:
        self._line.send({"type": "answered", "seq": seq})

    # ------------------------------------------------------------ to all

    def phase(self, phase: Phase, advisor: str | None) -> None:
        """`advisor` is the name of whoever comes, or is there."""
        self._phase = _phase_message(phase, advisor)
        if phase.kind is PhaseKind.HELD and not self._callbacks:
            self._phase["callbacks"] = False
        self._tell(self._phase)

    def recording(self, *, on: bool) -> None:
        self._recording = on
        self._tell({"type": "recording", "on": on})

    def interim(self, seq: int, speaker: Speaker, text: str, language: Language, *, by: Party | None = None) -> None:
        supervised = by is not None and by.supervises
        words = _words(seq, speaker, text, language, final=False, by_supervisor=supervised)
        self._tell_words(words, None if by is None else by.party_id)

    def words(self, turn: Turn) -> None:
        """What was said in a finished turn."""
        words = _words(turn.seq, turn.speaker, turn.text, turn.language, final=True, by_supervisor=turn.by_supervisor)
        self._tell_words(words | {"kind": turn.kind}, turn.said_by)

    def turn(self, turn: Turn) -> None:
        """A finished turn is safe."""
        message: Message = {
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
        if turn.text_id is not None:
            message["id"] = turn.text_id
        self._tell(message)

    def move(self) -> None:
        """This worker is going away: connect again while the line still lives."""
        self._tell({"type": "move"})

    def ended(self, outcome: Outcome) -> None:
        self._tell({"type": "ended", "outcome": outcome})

    # ------------------------------------------------------------ to people

    def joined(self, line: Line) -> None:
        self._people.append(line)
        line.send(self._phase)
        if self._recording:
            line.send({"type": "recording", "on": True})

    def parted(self, line: Line) -> None:
        if line in self._people:
            self._people.remove(line)

    def parties(self, parties: Sequence[tuple[Party, str | None]]) -> None:
        """Each with their name."""
        self._names |= {party.party_id: name for party, name in parties}
        listed = [_party_message(party, name) for party, name in parties]
        for line in self._people:
            line.send({"type": "parties", "parties": listed})

    def _tell_words(self, message: Message, said_by: str | None) -> None:
        """People are told which of them said it."""
        self._line.send(message)
        if said_by is not None:
            message = message | {"by": {"id": said_by, "name": self._names.get(said_by)}}
        for line in self._people:
            line.send(message)

    def _tell(self, message: Message) -> None:
        for line in (self._line, *self._people):
            line.send(message)


def _words(seq: int, speaker: Speaker, text: str, language: Language, *, final: bool, by_supervisor: bool) -> Message:
    message: Message = {
        "type": "transcript",
        "seq": seq,
        "speaker": speaker,
        "text": text,
        "language": language,
        "final": final,
    }
    if by_supervisor:
        message["supervisor"] = True
    return message


def _phase_message(phase: Phase, advisor: str | None) -> Message:
    message: Message = {"type": "phase", "phase": phase.kind}
    if phase.position is not None:
        message["position"] = phase.position
    if phase.wait_s is not None:
        message["wait_s"] = phase.wait_s
    if phase.choose:
        message["choose"] = True
    if phase.number_wanted:
        message["number"] = True
    if advisor is not None:
        message["advisor"] = {"name": advisor}
    return message


def _party_message(party: Party, name: str | None) -> Message:
    message: Message = {"role": party.role, "mode": party.mode}
    if name is not None:
        message["name"] = name
    return message
