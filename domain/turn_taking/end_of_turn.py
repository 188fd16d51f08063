"""Whether the caller has finished: one decision over silence, sound, words, what was asked, and the caller's habit."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain.turn_taking.asked import Asked
from domain.turn_taking.words import WHOLE_NUMBER_DIGITS, Ending, digits_at_end, ending, has_digits


class Verdict(StrEnum):
    WAIT = "wait"
    LIKELY = "likely"
    """Time to begin work that can be thrown away; nothing is heard or done yet."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Silences after which a turn counts as ended, each with the observation behind it; milliseconds."""

    quick_ms: int = 320
    """Sound and words both say that it is over: one silence in fifty inside a sentence is longer and sounds so."""
    usual_ms: int = 600
    """The words are whole and the sound says nothing clear: most pauses inside a sentence are shorter than this."""
    doubtful_ms: int = 900
    """The words are whole but the voice stayed up: lists and second thoughts go on within this."""
    unheard_ms: int = 900
    """The recogniser has not answered: nobody can be answered before it has, so waiting for it costs nothing."""
    open_ms: int = 1_500
    """After "and" or "يعني" a speaker looks for words for up to a second and a half."""
    dictation_ms: int = 1_300
    """Between two groups of a number that is read from a card."""
    begin_ms: int = 160
    """Longer than the closure of a stop consonant, the longest silence inside a word."""
    sure: float = 0.8
    """Of the sound's probability: of ends above it nine in ten are ends."""
    doubt: float = 0.4
    """Below it the sound says that more comes."""
    habit_spare_ms: int = 150
    """Beyond the caller's own pauses, which are not all equally long."""
    longest_habit_ms: int = 1_200
    """A caller who once searched for a paper for two seconds is not waited for so long each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known about the silence that a caller's turn has come to."""

    silent_ms: int
    sounds_ended: float | None = None
    """0..1 by the audio model; None until it has judged this silence, or without one."""
    words: str | None = None
    """What was understood of the turn up to this silence; None until the recogniser has answered."""
    asked: Asked = Asked.ANYTHING
    pauses_ms: Sequence[int] = ()
    """The caller's latest pauses inside turns."""


PATIENCE = Patience()


def judge(evidence: Evidence, patience: Patience = PATIENCE) -> Verdict:
    wait_ms = silence_needed_ms(evidence, patience)
    if evidence.silent_ms >= wait_ms:
        return Verdict.ENDED
    if evidence.silent_ms < patience.begin_ms or evidence.words is None:
        return Verdict.WAIT
    likely = evidence.sounds_ended is None or evidence.sounds_ended >= patience.doubt
    return Verdict.LIKELY if likely and wait_ms <= patience.doubtful_ms else Verdict.WAIT


def silence_needed_ms(evidence: Evidence, patience: Patience = PATIENCE) -> int:
    """The silence after which, as far as is known, the turn has ended."""
    sound = evidence.sounds_ended
    sounds_open = sound is not None and sound < patience.doubt
    if evidence.words is None:
        return patience.unheard_ms
    match ending(evidence.words):
        case Ending.REPLY if evidence.asked is Asked.YES_OR_NO:
            return patience.quick_ms
        case Ending.OPEN:
            return patience.open_ms
        case Ending.DICTATION:
            whole = digits_at_end(evidence.words) >= WHOLE_NUMBER_DIGITS
            return patience.usual_ms if whole and not sounds_open else patience.dictation_ms
        case Ending.WHOLE | Ending.REPLY if evidence.asked is Asked.NUMBER and has_digits(evidence.words):
            return patience.dictation_ms
        case Ending.WHOLE | Ending.REPLY if sounds_open:
            return _at_habit(evidence, patience.doubtful_ms, patience)
        case Ending.WHOLE | Ending.REPLY if sound is not None and sound >= patience.sure:
            return patience.quick_ms
        case Ending.WHOLE | Ending.REPLY:
            return _at_habit(evidence, patience.usual_ms, patience)


def _at_habit(evidence: Evidence, wait_ms: int, patience: Patience) -> int:
    """At least as long as this caller is used to pause."""
    if not evidence.pauses_ms:
        return wait_ms
    usual = sorted(evidence.pauses_ms)[len(evidence.pauses_ms) * 3 // 4]
    return max(wait_ms, min(usual + patience.habit_spare_ms, patience.longest_habit_ms))


PAUSES_KEPT = 8
LEAST_PAUSE_MS = 160
"""Shorter ones lie between the words of everybody's fluent speech."""


@dataclass(slots=True)
class Habit:
    """One caller's latest pauses inside turns, in milliseconds."""

    _pauses_ms: deque[int] = field(default_factory=lambda: deque[int](maxlen=PAUSES_KEPT))

    def paused(self, ms: int) -> None:
        """The caller went on after so much silence."""
        if ms >= LEAST_PAUSE_MS:
            self._pauses_ms.append(ms)

    @property
    def pauses_ms(self) -> tuple[int, ...]:
        return tuple(self._pauses_ms)
