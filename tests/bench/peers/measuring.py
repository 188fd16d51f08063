"""What a recorded call came to, from its two channels and the places at which the caller was told to speak.

The same for every target. A target that tells which of its sentences answer is believed; of all others every sound
answers. Places are samples at 16 kHz since the recording began.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from workers.caller.audio_file import Pcm
from workers.caller.measure import Told, latency, sounds, speech_end
from workers.caller.recording import to_ms, to_samples

STOPPED_MS = 400
"""Of silence after which the agent has fallen silent: pauses between its sentences are shorter."""
YIELDS_WITHIN_MS = 4_000
"""An agent that talks on for so long has not yielded."""
REACTS_WITHIN_MS = 2_500
"""A silence that begins later after a backchannel has another cause."""
BACKCHANNEL_STOPPED_MS = 700
"""Stricter than STOPPED_MS, because a slow model pauses too."""
CUT_SHORT_MS = 800
"""No answer of the conversation is shorter: what is, and is begun again, was dropped."""
TOUCHING_MS = 300
"""Sounds this close together belong to one stretch of speech."""


class Said(StrEnum):
    """What the caller did."""

    ASKED = "asked"
    INTERRUPTED = "interrupted"
    """Asked while the agent spoke."""
    MURMURED = "murmured"
    """A backchannel while the agent spoke."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The caller began to say something; what follows until the next mark belongs to it."""

    said: Said
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    sent: Pcm
    received: Pcm
    marks: Sequence[Mark]
    told: Sequence[Told] | None = None
    """What the target said of its sentences; None: nothing."""
    model_asked: Sequence[int] | None = None
    """When the language model was asked; None: not known."""


@dataclass(slots=True)
class Figures:
    """Of one call or several."""

    waits_ms: list[int] = field(default_factory=list[int])
    waits_with_openers_ms: list[int] = field(default_factory=list[int])
    yields_ms: list[int] = field(default_factory=list[int])
    not_yielded: int = 0
    false_starts: int = 0
    turns: int = 0
    unanswered: int = 0
    murmurs: int = 0
    """Backchannels that fell into the agent's speech."""
    false_interruptions: int = 0
    resumed: int = 0
    resumed_unknown: int = 0
    """False interruptions after which it can't be told whether the agent went on or answered anew."""

    def told(self) -> Mapping[str, int | None]:
        """By the keys of build/bench.json."""
        return {
            "v2v_ms_p50": _p50(self.waits_ms),
            "v2v_ms_p95": _p95(self.waits_ms),
            "v2v_with_openers_ms_p50": _p50(self.waits_with_openers_ms),
            "yield_ms_p50": _p50(self.yields_ms),
            "yield_ms_p95": _p95(self.yields_ms),
            "false_starts": self.false_starts if self.turns else None,
            "turns": self.turns,
            "false_interruptions": self.false_interruptions if self.murmurs else None,
            "resumed": None if self.resumed_unknown or not self.murmurs else self.resumed,
        }


def measure(call: CallRecord, figures: Figures) -> None:
    """Add what `call` came to."""
    heard = sounds(call.received)
    told = [Told(at=start, answers=True) for start, _ in heard] if call.told is None else list(call.told)
    stretches = _joined(heard, STOPPED_MS)
    for mark, after in zip(call.marks, [*call.marks[1:], None], strict=True):
        until = len(call.sent) if after is None else after.at
        spoken = sounds(call.sent[mark.at : until])
        end = speech_end(call.sent[mark.at : until])
        if not spoken or end is None:
            continue
        began, ended = mark.at + spoken[0][0], mark.at + end
        if mark.said is Said.MURMURED:
            _measure_murmur(figures, call, heard, began, until)
            continue
        since = began
        if (speaking := _over(stretches, began)) is not None:
            since = max(began, speaking[1])
            if mark.said is Said.INTERRUPTED:
                _measure_yield(figures, to_ms(speaking[1] - began))
        figures.turns += 1
        # Sounds are judged against the whole recording's level, so none is cut out of it.
        waited = latency(call.received[:until], [one for one in told if since <= one.at < until], ended)
        if waited.voice_to_voice_ms is None:
            figures.unanswered += 1
        else:
            figures.waits_ms.append(waited.voice_to_voice_ms)
        if waited.with_openers_ms is not None:
            figures.waits_with_openers_ms.append(waited.with_openers_ms)
        figures.false_starts += _started_falsely(heard, since, ended, until)


def _measure_yield(figures: Figures, yield_ms: int) -> None:
    if yield_ms <= YIELDS_WITHIN_MS:
        figures.yields_ms.append(yield_ms)
    else:
        figures.not_yielded += 1


def _measure_murmur(
    figures: Figures, call: CallRecord, heard: Sequence[tuple[int, int]], began: int, until: int
) -> None:
    stretches = _joined(heard, BACKCHANNEL_STOPPED_MS)
    speaking = _over(stretches, began)
    if speaking is None:
        return
    figures.murmurs += 1
    stopped = speaking[1]
    if stopped >= until or stopped - began > to_samples(REACTS_WITHIN_MS):
        return
    figures.false_interruptions += 1
    again = next((start for start, _ in stretches if stopped < start < until), None)
    if again is None:
        return
    if call.model_asked is None:
        figures.resumed_unknown += 1
    elif not any(began <= asked < again for asked in call.model_asked):
        figures.resumed += 1


def _started_falsely(heard: Sequence[tuple[int, int]], since: int, ended: int, until: int) -> bool:
    """Whether an answer was begun before the caller's end, or broken off right after its beginning and begun again."""
    stretches = [(start, end) for start, end in _joined(heard, TOUCHING_MS) if since < start < until]
    if any(start < ended for start, _ in stretches):
        return True
    if len(stretches) < 2:
        return False
    (start, end), (again, _) = stretches[:2]
    return end - start < to_samples(CUT_SHORT_MS) and again - end >= to_samples(STOPPED_MS)


def _over(stretches: Sequence[tuple[int, int]], place: int) -> tuple[int, int] | None:
    """The stretch of speech into which a place falls."""
    return next(((start, end) for start, end in stretches if start < place < end), None)


def _joined(heard: Sequence[tuple[int, int]], gap_ms: int) -> list[tuple[int, int]]:
    """Sounds with less than `gap_ms` between them as one."""
    joined: list[tuple[int, int]] = []
    for start, end in heard:
        if joined and start - joined[-1][1] < to_samples(gap_ms):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _p50(values: Sequence[int]) -> int | None:
    return round(statistics.median(values)) if values else None


def _p95(values: Sequence[int]) -> int | None:
    return sorted(values)[min(len(values) - 1, len(values) * 95 // 100)] if values else None
