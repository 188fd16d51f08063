"""What is said about a call after it: its disposition, a summary made by rule, and its figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import median

from domain.call import Outcome
from domain.speech import Speaker, Turn, TurnKind


class Disposition(StrEnum):
    """What became of the caller's request: the fixed list that reports count by."""

    RESOLVED = "resolved"
    UNRESOLVED = "unresolved"
    HANDED_OFF = "handed_off"
    CALLBACK_NEEDED = "callback_needed"
    NO_REQUEST = "no_request"
    """The caller said nothing, or nothing that asked for anything."""
    CUT_OFF = "cut_off"
    """The line was lost before the request was dealt with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    text: str
    disposition: Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFigures:
    """One call's figures for the reports."""

    turns: int
    caller_turns: int
    interruptions: int
    duration_ms: int
    """Audio from the first turn's start to the last turn's end."""
    reply_ms: int | None
    """The median time from the caller's last sound to the agent's first; None without an answer."""


HANDOFF_INTENT = "handoff:"
"""Begins the intent of a turn that promised a person."""
VOICE_MESSAGE = "voice_message"
"""The intent of a caller's turn that stands for a voice message: from its start to its end the recording holds it."""
_ANSWERS = (TurnKind.ANSWER, TurnKind.CLARIFY)


def rule_made_summary(turns: Sequence[Turn], outcome: Outcome) -> Summary:
    """A summary that needs no model: counts, intents in their order, and how it ended."""
    asked = [turn for turn in turns if turn.speaker is Speaker.CALLER]
    answers = [turn for turn in turns if turn.speaker is Speaker.AGENT and turn.kind in _ANSWERS]
    intents = list(dict.fromkeys(turn.intent for turn in answers if turn.intent))
    text = f"{len(asked)} requests, {len(answers)} answers"
    if intents:
        text += f", about {', '.join(intents)}"
    return Summary(
        text=f"{text}; {outcome.value.replace('_', ' ')}.", disposition=_disposition(asked, answers, outcome)
    )


def _disposition(asked: Sequence[Turn], answers: Sequence[Turn], outcome: Outcome) -> Disposition:
    if not asked:
        return Disposition.NO_REQUEST
    if outcome is Outcome.HANDED_OFF:
        return Disposition.HANDED_OFF
    if outcome is Outcome.LOST:
        return Disposition.CUT_OFF
    left_message = any(turn.intent == VOICE_MESSAGE for turn in asked)
    if left_message or any((turn.intent or "").startswith(HANDOFF_INTENT) for turn in answers):
        return Disposition.CALLBACK_NEEDED
    answered = bool(answers) and answers[-1].kind is TurnKind.ANSWER and _at(answers[-1]) > _at(asked[-1])
    return Disposition.RESOLVED if answered else Disposition.UNRESOLVED


def _at(turn: Turn) -> tuple[int, int]:
    return turn.lease, turn.seq


def figures(turns: Sequence[Turn]) -> CallFigures:
    """`turns` in their order. A reply's time is from the end of the caller's turn to the start of the answer."""
    replies = [
        max(0, answer.started_ms - asked.ended_ms)
        for asked, answer in pairwise(turns)
        if asked.speaker is Speaker.CALLER and answer.speaker is Speaker.AGENT and answer.kind in _ANSWERS
    ]
    return CallFigures(
        turns=len(turns),
        caller_turns=sum(turn.speaker is Speaker.CALLER for turn in turns),
        interruptions=sum(turn.interrupted for turn in turns),
        duration_ms=max((turn.ended_ms for turn in turns), default=0) - min((t.started_ms for t in turns), default=0),
        reply_ms=round(median(replies)) if replies else None,
    )
