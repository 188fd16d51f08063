"""A media process that falls behind: its stages are timed, and their knobs turned, while calls go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from domain.knowledge.document import Passage
from domain.pace.profiles import Knobs, Profile
from domain.pace.stepping import Pace, Stage, Step, broken_off
from domain.speech import Language, Transcript
from engines.retrieval.remote import RemoteKnowledge
from engines.whisper import WhisperRecogniser

log = structlog.get_logger()

STAGE_BUCKETS_S = (0.05, 0.1, 0.15, 0.2, 0.3, 0.43, 0.6, 1.0, 2.0, 5.0)
"""Around the budgets of domain/pace."""


class LivePace:
    """Of one process. `told` hears of each step."""

    def __init__(
        self, chosen: Profile, given: Knobs, registry: CollectorRegistry, told: Callable[[Profile], None]
    ) -> None:
        """`given`: the knobs as the settings have them, whether by the profile or by themselves."""
        self._pace = Pace(chosen, given)
        self._told = told
        self._turned: list[Callable[[Knobs], None]] = []
        self._seconds = Histogram(
            "hatif_media_stage_seconds",
            "One run of a stage that can be made faster, its wait for other calls included",
            ["stage"],
            buckets=STAGE_BUCKETS_S,
            registry=registry,
        )
        self._steps = Counter(
            "hatif_media_profile_steps",
            "Steps to another profile, and the stage that asked for it",
            ["before", "after", "stage"],
            registry=registry,
        )
        self._profile = Gauge(
            "hatif_media_profile", "1 for the profile whose knobs count now", ["profile"], registry=registry
        )
        self._show()

    @property
    def profile(self) -> Profile:
        return self._pace.profile

    def when_turned(self, turn: Callable[[Knobs], None]) -> None:
        """`turn` sets an engine's knobs, from the thread of the loop."""
        self._turned.append(turn)

    @contextmanager
    def timing(self, stage: Stage) -> Generator[None]:
        """The block is one run of a stage."""
        began_s, whole = time.monotonic(), False
        try:
            yield
            whole = True
        finally:
            took_ms = round((time.monotonic() - began_s) * 1000)
            counts_ms = took_ms if whole else broken_off(took_ms, self._pace.budget_ms(stage))
            if counts_ms is not None:
                self.took(stage, counts_ms)

    def took(self, stage: Stage, ms: int) -> None:
        """One run of a stage has ended."""
        self._seconds.labels(stage).observe(ms / 1000)
        if (step := self._pace.took(stage, ms)) is not None:
            self._turn(step)

    def _turn(self, step: Step) -> None:
        tell = log.warning if step.down else log.info
        tell("profile_stepped", before=step.before, after=step.after, stage=step.stage, took_ms=step.took_ms)
        self._steps.labels(step.before, step.after, step.stage).inc()
        self._show()
        for turn in self._turned:
            turn(self._pace.knobs)
        self._told(step.after)

    def _show(self) -> None:
        for profile in Profile:
            self._profile.labels(profile).set(profile is self._pace.profile)


@dataclass(frozen=True, slots=True)
class PacedRecogniser:
    """The Recogniser port over one whose beam can be set."""

    inner: WhisperRecogniser
    pace: LivePace

    def __post_init__(self) -> None:
        self.pace.when_turned(self._turn)

    def _turn(self, knobs: Knobs) -> None:
        self.inner.beam = knobs.asr_beam

    async def transcribe(self, pcm: bytes, *, language: Language | None = None) -> Transcript:
        """See Recogniser.transcribe."""
        with self.pace.timing(Stage.RECOGNITION):
            return await self.inner.transcribe(pcm, language=language)


@dataclass(frozen=True, slots=True)
class PacedKnowledge:
    """The Knowledge port over a process that can be asked without its reranker."""

    inner: RemoteKnowledge
    pace: LivePace

    def __post_init__(self) -> None:
        self.pace.when_turned(self._turn)

    def _turn(self, knobs: Knobs) -> None:
        self.inner.reranks = knobs.reranker != "none"

    async def search(self, tenant_id: str, question: str, *, limit: int, deadline_ms: int) -> list[Passage]:
        """See Knowledge.search."""
        with self.pace.timing(Stage.SEARCH):
            return await self.inner.search(tenant_id, question, limit=limit, deadline_ms=deadline_ms)
