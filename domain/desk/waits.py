"""What callers waited for: the wait for each answer stage by stage, and its figures by what the answer needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from domain.answering.dialogue import KNOWLEDGE_PREFIX
from domain.speech import Guesses, Speaker, Turn, TurnKind

STAGES = ("endpoint", "asr", "brain", "retrieval", "llm", "tool", "tts", "playout", "filler")
"""The order in which a caller waits for them; the store keeps none."""
_ANSWERS = (TurnKind.ANSWER, TurnKind.CLARIFY)


class Need(StrEnum):
    """What an answer took beside the tenant's own facts and the model."""

    NOTHING = "plain"
    DOCUMENT = "document"
    TOOL = "tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A turn of the agent, with all that the caller waited for until it answered."""

    turn: Turn
    need: Need
    stages_ms: dict[str, int]
    """In their order, the caller's own turn included."""
    first_sound_ms: int | None
    """From the caller's last sound to the first of ours, openers included; None where nobody had asked anything."""

    @property
    def answer_ms(self) -> int:
        return sum(self.stages_ms.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    answers: int
    first_sound_p50_ms: int
    first_sound_p95_ms: int
    answer_p50_ms: int
    answer_p95_ms: int


def source_of(turn: Turn) -> str | None:
    """The document that a turn quoted, as people read it: file, heading, page."""
    intent = turn.intent or ""
    return intent.removeprefix(KNOWLEDGE_PREFIX) if intent.startswith(KNOWLEDGE_PREFIX) else None


def waits(turns: Sequence[Turn]) -> list[Wait]:
    """One for each turn of the agent that was measured; what the caller's own turn took opens the first after it."""
    found: list[Wait] = []
    asked: Turn | None = None
    for turn in turns:
        match turn.speaker:
            case Speaker.CALLER:
                asked = turn
            case Speaker.AGENT:
                stages_ms = in_order({**(asked.stages_ms if asked else {}), **turn.stages_ms})
                if sum(stages_ms.values()) > 0:
                    first_ms = max(0, turn.started_ms - asked.ended_ms) if asked else None
                    found.append(Wait(turn=turn, need=_need(turn), stages_ms=stages_ms, first_sound_ms=first_ms))
                asked = None
            case Speaker.ADVISOR:
                asked = None
    return found


def guessed(turns: Iterable[Turn], speaker: Speaker) -> Guesses:
    """What was begun ahead for all the turns of a speaker: see Turn.guesses."""
    those = [turn.guesses for turn in turns if turn.speaker is speaker]
    return Guesses(begun=sum(each.begun for each in those), thrown_away=sum(each.thrown_away for each in those))


def _need(turn: Turn) -> Need:
    if "tool" in turn.stages_ms:
        return Need.TOOL
    return Need.DOCUMENT if source_of(turn) is not None else Need.NOTHING


def in_order(stages_ms: dict[str, int]) -> dict[str, int]:
    """Stages that nobody knows come last, by name."""
    names = [name for name in STAGES if name in stages_ms] + sorted(set(stages_ms) - set(STAGES))
    return {name: stages_ms[name] for name in names}


def figures(told: Iterable[Wait]) -> dict[Need, Figures]:
    """Of the answers to what callers asked, apart by what they needed; a need that no answer had is left out."""
    answers = [wait for wait in told if wait.first_sound_ms is not None and wait.turn.kind in _ANSWERS]
    by_need = {need: [wait for wait in answers if wait.need is need] for need in Need}
    return {need: _of(those) for need, those in by_need.items() if those}


def _of(answers: Sequence[Wait]) -> Figures:
    first_ms = [wait.first_sound_ms or 0 for wait in answers]
    answer_ms = [wait.answer_ms for wait in answers]
    return Figures(
        answers=len(answers),
        first_sound_p50_ms=round(median(first_ms)),
        first_sound_p95_ms=_p95(first_ms),
        answer_p50_ms=round(median(answer_ms)),
        answer_p95_ms=_p95(answer_ms),
    )


def _p95(values: Sequence[int]) -> int:
    """The nearest rank: of less than twenty values, the largest."""
    return sorted(values)[min(len(values) - 1, len(values) * 95 // 100)]
