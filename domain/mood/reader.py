"""The mood by words, helped by loudness and pace: pure, quick, and only as good as a list of words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from domain.answering import triggers
from domain.answering.spelling import fold
from domain.answering.wordlist import WordList
from domain.mood import words
from domain.mood.estimate import CallerTurn, Evidence, Mood, MoodReading

_WEIGHTS: dict[Evidence, float] = {
    Evidence.INSULT: -0.75,
    Evidence.ANGER: -0.65,
    Evidence.EMERGENCY: -0.6,
    Evidence.DISTRESS: -0.55,
    Evidence.THREAT: -0.5,
    Evidence.ANNOYANCE: -0.35,
    Evidence.NOT_PLEASED: -0.35,
    Evidence.TOLD_BEFORE: -0.3,
    Evidence.WAITED_LONG: -0.25,
    Evidence.VERY_LOUD: -0.3,
    Evidence.LOUD: -0.2,
    Evidence.WRITTEN_LOUD: -0.15,
    Evidence.FAST: -0.1,
    Evidence.STRESSED: -0.1,
    Evidence.THANKS: 0.3,
    Evidence.PRAISE: 0.35,
}
"""How much each kind of evidence moves a turn's score; set by hand on written sentences, not learnt."""
_FURTHER = 0.4
"""Share of a turn's further evidence beside its heaviest: two annoyed words are not twice as annoyed."""
_WORDS: tuple[tuple[Evidence, WordList], ...] = (
    (Evidence.INSULT, words.INSULT),
    (Evidence.ANGER, words.ANGER),
    (Evidence.THREAT, words.THREAT),
    (Evidence.ANNOYANCE, words.ANNOYANCE),
    (Evidence.TOLD_BEFORE, words.TOLD_BEFORE),
    (Evidence.WAITED_LONG, words.WAITED_LONG),
    (Evidence.DISTRESS, words.DISTRESS),
    (Evidence.THANKS, words.THANKS),
    (Evidence.PRAISE, words.PRAISE),
)
_DENIED = re.compile(rf"(?<!\S){words.NOT.either}(?: {words.BETWEEN.either})*\s*$")
_HOW_STRONG = {Evidence.STRESSED, Evidence.LOUD, Evidence.VERY_LOUD, Evidence.FAST, Evidence.WRITTEN_LOUD}
"""Makes what was said heavier; without words that are bad it says little: people also shout in a noisy street."""
_ALONE = 0.5
_DISTRESSED = {Evidence.DISTRESS, Evidence.EMERGENCY}
_ANGRY = {Evidence.INSULT, Evidence.ANGER, Evidence.THREAT}

LOUD_DB, VERY_LOUD_DB = 6.0, 10.0
"""Against the caller's own level: twice and three times the amplitude; people vary by 3 dB from turn to turn."""
FAST_WORDS_PER_S = 4.2
"""Both languages are mostly spoken at two to three words a second."""
UNREADABLE_CONFIDENCE = 0.55
"""Below it the recogniser's words are hardly the caller's; see domain.answering.policy."""

_LATEST_TURNS = 3
_FADING = 0.5
"""How much the turn before counts beside a turn."""
_ANGRY_SCORE, _ANNOYED_SCORE, _CALM_SCORE = -0.55, -0.2, 0.25
_MARKS = re.compile(r"[!！]{2,}")
_CAPITALS = re.compile(r"\b[A-Z]{4,}\b(?:\W+[A-Z]{2,}\b)+")


class WordMoodReader:
    """Implements MoodReader without listening: the audio stays unread."""

    async def read(self, turns: Sequence[CallerTurn], *, pcm: bytes | None = None) -> MoodReading:
        return estimate(turns)


def estimate(turns: Sequence[CallerTurn]) -> MoodReading:
    """The mood after the last of `turns`, the oldest first."""
    latest = turns[-_LATEST_TURNS:]
    if not latest:
        return MoodReading(mood=Mood.NEUTRAL, score=0.0)
    weighed = [(evidence_in(turn), _FADING**age) for age, turn in enumerate(reversed(latest))]
    total = sum(weight for _, weight in weighed)
    score = sum(_score(evidence) * weight for evidence, weight in weighed) / total
    evidence = weighed[0][0]
    return MoodReading(mood=_mood(score, weighed), score=round(score, 3), evidence=evidence, at_ms=latest[-1].at_ms)


def _mood(score: float, weighed: Sequence[tuple[tuple[Evidence, ...], float]]) -> Mood:
    if score > _ANNOYED_SCORE:
        return Mood.CALM if score >= _CALM_SCORE else Mood.NEUTRAL
    distress = sum(weight for evidence, weight in weighed if _DISTRESSED & set(evidence))
    anger = sum(weight for evidence, weight in weighed if _ANGRY & set(evidence))
    if distress > anger:
        return Mood.DISTRESSED
    return Mood.ANGRY if score <= _ANGRY_SCORE else Mood.ANNOYED


def _score(evidence: Sequence[Evidence]) -> float:
    """-1..1 of one turn."""
    weights = [_WEIGHTS[each] for each in evidence]
    bad = sorted(
        weight for each, weight in zip(evidence, weights, strict=True) if weight < 0 and each not in _HOW_STRONG
    )
    stronger = sum(_WEIGHTS[each] for each in evidence if each in _HOW_STRONG)
    good = max((weight for weight in weights if weight > 0), default=0.0)
    if not bad:
        return max(-1.0, good + (0.0 if good else stronger * _ALONE))
    # "Thanks for nothing": kind words don't outweigh the others, they soften them.
    return max(-1.0, bad[0] + _FURTHER * sum(bad[1:]) + stronger + _FURTHER * good)


def evidence_in(turn: CallerTurn) -> tuple[Evidence, ...]:
    """What one turn tells of the mood, the heaviest first."""
    found: set[Evidence] = set()
    if turn.typed or turn.confidence >= UNREADABLE_CONFIDENCE:
        found |= _in_words(fold(turn.text))
        if turn.typed and (_MARKS.search(turn.text) or _CAPITALS.search(turn.text)):
            found.add(Evidence.WRITTEN_LOUD)
    if turn.louder_db is not None and turn.louder_db >= LOUD_DB:
        found.add(Evidence.VERY_LOUD if turn.louder_db >= VERY_LOUD_DB else Evidence.LOUD)
    if turn.words_per_s is not None and turn.words_per_s >= FAST_WORDS_PER_S:
        found.add(Evidence.FAST)
    return tuple(sorted(found, key=lambda each: (-abs(_WEIGHTS[each]), each)))


def _in_words(folded: str) -> set[Evidence]:
    found: set[Evidence] = set()
    rest = folded
    for kind, listed in _WORDS:
        rest = listed.without(rest)
        for begin, _ in listed.places_in(folded):
            if not _DENIED.search(folded[:begin]):
                found.add(kind)
            elif kind is Evidence.PRAISE:
                found.add(Evidence.NOT_PLEASED)
    if triggers.emergency(folded):
        found.add(Evidence.EMERGENCY)
    bad = any(_WEIGHTS[kind] < 0 for kind in found)
    if bad and words.STRESS.found_in(rest):  # the "مره" of "كم مره" stresses nothing
        found.add(Evidence.STRESSED)
    return found
