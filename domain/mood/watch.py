"""The mood of a call as it goes on, and whether it is time to offer a person: once in a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.answering.dialogue import PERSON
from domain.answering.escalation import offer_person
from domain.mood.estimate import CallerTurn, MoodReading, caller_turns
from domain.mood.reader import estimate
from domain.moves import Say
from domain.speech import Language, Speaker, Turn, TurnKind, Utterance


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodWatch:
    """Folded from finished turns, so that a call that is taken up again offers nothing twice."""

    said: tuple[Turn, ...] = ()
    offered: bool = False

    def after(self, turn: Turn) -> MoodWatch:
        if turn.speaker is Speaker.CALLER:
            return replace(self, said=(*self.said, turn))
        if turn.speaker is Speaker.AGENT and turn.kind is TurnKind.CLARIFY and turn.intent == PERSON:
            return replace(self, offered=True)
        return self

    def offer(self, utterance: Utterance, language: Language) -> Say | None:
        """The offer of a person where the mood turns with these words, which may be among what was said already."""
        if self.offered:
            return None
        known = bool(self.said) and self.said[-1].text == utterance.text
        said = self.said if known else (*self.said, utterance)
        return offer_person(_readings(caller_turns(said)), language)


def _readings(said: Sequence[CallerTurn]) -> list[MoodReading]:
    return [estimate(said[: count + 1]) for count in range(len(said))]
