"""What a mood is, who reads it, how it goes on over a call, and when it has turned so that a person is offered.

All of it is an estimate. It may offer a caller a person and tell an advisor what to expect; it never decides anything
against a caller, and it is labelled as an estimate wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import mean, median
from typing import Protocol

from domain.speech import Turn, Utterance


class Mood(StrEnum):
    CALM = "calm"
    NEUTRAL = "neutral"
    ANNOYED = "annoyed"
    ANGRY = "angry"
    DISTRESSED = "distressed"


class Evidence(StrEnum):
    """What an estimate rests on: codes, never the caller's words."""

    INSULT = "insult"
    ANGER = "anger"
    THREAT = "threat"
    """To complain, to go to a lawyer, to tell everybody."""
    ANNOYANCE = "annoyance"
    TOLD_BEFORE = "told_before"
    WAITED_LONG = "waited_long"
    DISTRESS = "distress"
    EMERGENCY = "emergency"
    THANKS = "thanks"
    PRAISE = "praise"
    NOT_PLEASED = "not_pleased"
    """A word of praise that was denied."""
    STRESSED = "stressed"
    """A word that makes another one stronger."""
    WRITTEN_LOUD = "written_loud"
    """Capitals or exclamation marks, where the turn was typed."""
    LOUD = "loud"
    VERY_LOUD = "very_loud"
    FAST = "fast"


class Trend(StrEnum):
    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerTurn:
    """One thing that the caller said, as far as a mood can be read from it."""

    text: str
    at_ms: int = 0
    confidence: float = 1.0
    """The recogniser's, in its words."""
    typed: bool = False
    louder_db: float | None = None
    """RMS level against the caller's own on this call so far."""
    words_per_s: float | None = None


SHORTEST_PACE_S = 1.5
"""Of speech from which a pace can be told: a shorter turn is mostly its own edges."""


def caller_turns(said: Iterable[Turn | Utterance]) -> list[CallerTurn]:
    """What a caller's turns tell of a mood: words, loudness and pace. A turn without length was typed."""
    found: list[CallerTurn] = []
    levels_db: list[float] = []
    for turn in said:
        found.append(_caller_turn(turn, levels_db))
        if turn.level_db is not None:
            levels_db.append(turn.level_db)
    return found


def _caller_turn(turn: Turn | Utterance, levels_db: Sequence[float]) -> CallerTurn:
    """`levels_db` are those of the caller's turns before it."""
    length_s = (turn.ended_ms - turn.started_ms) / 1000
    return CallerTurn(
        text=turn.text,
        at_ms=turn.started_ms,
        typed=length_s <= 0,
        louder_db=turn.level_db - median(levels_db) if turn.level_db is not None and levels_db else None,
        words_per_s=len(turn.text.split()) / length_s if length_s >= SHORTEST_PACE_S else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodReading:
    """An estimate after a turn."""

    mood: Mood
    score: float
    """-1 (as bad as can be) to 1."""
    evidence: tuple[Evidence, ...] = ()
    """Of the latest turn, the heaviest first."""
    at_ms: int = 0


class MoodReader(Protocol):
    """Reads a mood; by words, or by an acoustic model that listens to `pcm`."""

    async def read(self, turns: Sequence[CallerTurn], *, pcm: bytes | None = None) -> MoodReading:
        """The estimate after the last of `turns`, the oldest first; `pcm` is that turn's audio.

        NEUTRAL without turns. Raises EngineSlow or EngineFailed with stage "mood".
        """
        ...


# ---------------------------------------------------------------- over a call

BAD = (Mood.ANGRY, Mood.DISTRESSED)
ANNOYED_IN_A_ROW = 3
"""One annoyed sentence is nothing; three in a row are a call that goes wrong."""
FALL = 0.6
"""A drop of the score within three readings that counts as turning, where it ends below nothing."""
RECOVERED_SCORE = -0.1
"""From here on the mood may turn, and a person be offered, again."""
_LATEST = 3
_SAME = 0.15
"""Smaller differences are noise."""


def turned(history: Sequence[MoodReading]) -> bool:
    """Whether the mood turned bad with the last reading: once per turn for the worse, not at each reading after it."""
    bad = turned_now = False
    for index, reading in enumerate(history):
        turned_now = not bad and _is_bad(history[: index + 1])
        bad = (bad or turned_now) and reading.score < RECOVERED_SCORE
    return turned_now


def _is_bad(history: Sequence[MoodReading]) -> bool:
    last = history[-1]
    if last.mood in BAD:
        return True
    latest = history[-_LATEST:]
    if len(latest) == ANNOYED_IN_A_ROW and all(reading.mood is Mood.ANNOYED for reading in latest):
        return True
    return last.mood is Mood.ANNOYED and max(reading.score for reading in latest) - last.score >= FALL


def trend(history: Sequence[MoodReading]) -> Trend:
    """The last reading against the three before it."""
    if len(history) < 2:
        return Trend.SAME
    before = mean(reading.score for reading in history[-_LATEST - 1 : -1])
    change = history[-1].score - before
    if abs(change) < _SAME:
        return Trend.SAME
    return Trend.BETTER if change > 0 else Trend.WORSE
