"""A media process that falls behind turns the knobs of its engines, and tells the metrics and `hatif doctor`."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from domain.pace.profiles import KNOBS, Profile
from domain.pace.stepping import LATE_WINDOWS, WINDOW, Stage
from domain.speech import SAMPLE_RATE_HZ
from engines.model_files import verified
from engines.whisper import WhisperRecogniser
from workers.settings import Settings
from workers.tuning.stepping import LivePace, PacedRecogniser


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def fall_behind(pace: LivePace, stage: Stage) -> None:
    for _ in range(WINDOW * LATE_WINDOWS):
        pace.took(stage, 2_000)


def test_a_step_is_in_the_metrics_and_told(registry: CollectorRegistry) -> None:
    told: list[Profile] = []
    pace = LivePace(Profile.BALANCED, KNOBS[Profile.BALANCED], registry, told.append)
    assert registry.get_sample_value("hatif_media_profile", {"profile": "balanced"}) == 1
    fall_behind(pace, Stage.SEARCH)
    assert told == [pace.profile] == [Profile.FAST]
    steps = {"before": "balanced", "after": "fast", "stage": "retrieval"}
    assert registry.get_sample_value("hatif_media_profile_steps_total", steps) == 1
    assert registry.get_sample_value("hatif_media_profile", {"profile": "balanced"}) == 0
    assert registry.get_sample_value("hatif_media_profile", {"profile": "fast"}) == 1


def test_what_is_broken_off_early_is_no_time_of_a_stage(registry: CollectorRegistry) -> None:
    pace = LivePace(Profile.BALANCED, KNOBS[Profile.BALANCED], registry, lambda _: None)
    with pytest.raises(asyncio.CancelledError), pace.timing(Stage.RECOGNITION):
        raise asyncio.CancelledError
    assert registry.get_sample_value("hatif_media_stage_seconds_count", {"stage": "asr"}) is None


@pytest.mark.models
async def test_a_recogniser_that_falls_behind_follows_fewer_readings(registry: CollectorRegistry) -> None:
    knobs = KNOBS[Profile.ACCURATE]
    whisper = WhisperRecogniser(verified("whisper-base", Settings().models_dir), beam=knobs.asr_beam)
    pace = LivePace(Profile.ACCURATE, knobs, registry, lambda _: None)
    paced = PacedRecogniser(whisper, pace)
    noise = np.random.default_rng(3).normal(0, 900, SAMPLE_RATE_HZ).astype("<i2").tobytes()
    wide = await paced.transcribe(noise)
    fall_behind(pace, Stage.RECOGNITION)
    assert whisper.beam == KNOBS[Profile.BALANCED].asr_beam == 1
    narrow = await paced.transcribe(noise)
    whisper.close()
    assert wide.text == narrow.text == ""
    assert registry.get_sample_value("hatif_media_stage_seconds_count", {"stage": "asr"}) == WINDOW * LATE_WINDOWS + 2
