"""When a living process goes over to a faster profile because a stage falls behind, and when it goes back."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum

from domain.pace.profiles import KNOBS, Knobs, Profile
from domain.pace.tuning import HIDDEN_MS

WINDOW = 6
"""Times of a stage whose middle one counts: one that waited for a neighbour's call moves nothing."""
LATE_WINDOWS = 2
"""In a row, until a stage has fallen behind: a burst of calls that begin together is over before the second."""
CALM_WINDOWS = 10
"""In a row, until more is dared again: about a hundred turns."""
MOST_CALM_WINDOWS = 160
"""CALM_WINDOWS doubles with each step back down, up to this."""
CALM = 0.5
"""Of the budget: a stage that is slower than this in the faster profile has no room for the slower one."""


class Stage(StrEnum):
    """What a knob that can be turned in a living process makes faster."""

    RECOGNITION = "asr"
    SEARCH = "retrieval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The process goes over to another profile."""

    before: Profile
    after: Profile
    stage: Stage
    took_ms: int
    """The stage's median that decided it."""

    @property
    def down(self) -> bool:
        return _PROFILES.index(self.after) > _PROFILES.index(self.before)


@dataclass(slots=True)
class _Recent:
    """What is known of one stage since the last step."""

    window_ms: list[int] = field(default_factory=list[int])
    late: int = 0
    calm: int = 0
    """Windows in a row."""


@dataclass(slots=True)
class Pace:
    """Of one process: fed with what its stages took, whichever call they were for. Never above `chosen`."""

    chosen: Profile
    given: Knobs
    """As the settings have them, whether by the chosen profile or by themselves."""
    profile: Profile = field(init=False)
    """The one whose knobs count now."""
    _recent: dict[Stage, _Recent] = field(init=False)
    _behind: list[Stage] = field(init=False, default_factory=list[Stage])
    """For each step down that is not taken back, the stage that asked for it."""
    _calm_windows: int = CALM_WINDOWS

    def __post_init__(self) -> None:
        self.profile = self.chosen
        self._forget()

    @property
    def knobs(self) -> Knobs:
        """Those of the profile that counts now. One that was set by itself stays where it was put, and so does the
        model, which no living process loads again."""
        old, new = asdict(KNOBS[self.chosen]), asdict(KNOBS[self.profile])
        moved = {n: new[n] for n, value in asdict(self.given).items() if value == old[n] and n != "llm_file"}
        return replace(self.given, **moved)

    def budget_ms(self, stage: Stage) -> int:
        """What a stage may take in the middle before it has fallen behind."""
        match stage:
            case Stage.RECOGNITION:
                return HIDDEN_MS
            case Stage.SEARCH:
                return self.knobs.knowledge_ms

    def took(self, stage: Stage, ms: int) -> Step | None:
        """One run of a stage has ended, its wait for others included; the step that follows from it, if any."""
        recent = self._recent[stage]
        recent.window_ms.append(ms)
        if len(recent.window_ms) < WINDOW:
            return None
        middle_ms = round(statistics.median(recent.window_ms))
        recent.window_ms.clear()
        budget_ms = self.budget_ms(stage)
        recent.late = recent.late + 1 if middle_ms > budget_ms else 0
        recent.calm = recent.calm + 1 if middle_ms <= CALM * budget_ms else 0
        if recent.late >= LATE_WINDOWS and self.profile is not _PROFILES[-1]:
            self._behind.append(stage)
            return self._step(1, stage, middle_ms)
        if self._behind and stage is self._behind[-1] and recent.calm >= self._calm_windows:
            self._behind.pop()
            self._calm_windows = min(2 * self._calm_windows, MOST_CALM_WINDOWS)
            return self._step(-1, stage, middle_ms)
        return None

    def _step(self, down: int, stage: Stage, took_ms: int) -> Step:
        before = self.profile
        self.profile = _PROFILES[_PROFILES.index(before) + down]
        self._forget()
        return Step(before=before, after=self.profile, stage=stage, took_ms=took_ms)

    def _forget(self) -> None:
        """What was measured under other knobs says nothing of these."""
        self._recent = {stage: _Recent() for stage in Stage}


_PROFILES = list(Profile)
"""From the most accurate to the fastest."""


def broken_off(ms: int, budget_ms: int) -> int | None:
    """What a run counts that nobody waited for any more after `ms`: None where that was early, which tells nothing.

    An answer gives up at the very moment at which the budget of its search is spent: that one would have been late.
    """
    return max(ms, budget_ms + 1) if ms >= budget_ms else None
