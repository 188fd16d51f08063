"""The contract of VoiceActivity, against every implementation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from domain.errors import SetupError
from domain.ports import VoiceActivity, VoiceActivityStream
from domain.speech import SAMPLE_RATE_HZ
from engines.silero import SileroActivity

pytestmark = pytest.mark.models


@pytest.fixture(params=["silero"])
def activity(request: pytest.FixtureRequest, model: Callable[[str], Path]) -> VoiceActivity:
    return {"silero": lambda: SileroActivity(model("silero-vad"))}[request.param]()


async def judged(stream: VoiceActivityStream, pcm: bytes, chunk_samples: int) -> np.ndarray:
    size = chunk_samples * 2
    return np.array([await stream.probability(pcm[at : at + size]) for at in range(0, len(pcm) - size + 1, size)])


async def test_speech_is_heard_and_what_is_none_is_not(activity: VoiceActivity, spoken_clip: Callable[[str], bytes]):
    rng = np.random.default_rng(7)
    noise = rng.normal(0, 300, 3 * SAMPLE_RATE_HZ).astype(np.int16).tobytes()
    for clip in ("en-lj042-0094.wav", "ar-gulf.wav"):
        heard = await judged(activity.open(), spoken_clip(clip), activity.chunk_samples)
        assert (heard > 0.5).mean() > 0.6, clip
    assert (await judged(activity.open(), bytes(3 * SAMPLE_RATE_HZ * 2), activity.chunk_samples)).max() < 0.3
    assert (await judged(activity.open(), noise, activity.chunk_samples)).max() < 0.5


async def test_calls_do_not_hear_each_other(activity: VoiceActivity, spoken_clip: Callable[[str], bytes]):
    speech, quiet = spoken_clip("en-lj042-0094.wav"), bytes(2 * SAMPLE_RATE_HZ * 2)
    alone = await judged(activity.open(), speech, activity.chunk_samples)
    together, silence = await asyncio.gather(
        judged(activity.open(), speech, activity.chunk_samples), judged(activity.open(), quiet, activity.chunk_samples)
    )
    assert np.array_equal(alone, together)
    assert silence.max() < 0.3


@pytest.mark.parametrize("size", [0, 1, 1023, 1026])
async def test_another_size_is_refused(activity: VoiceActivity, size: int):
    with pytest.raises(ValueError, match="1024"):
        await activity.open().probability(bytes(size))


def test_a_file_that_is_no_model_is_one_sentence(tmp_path: Path):
    (tmp_path / "silero_vad_16k_op15.onnx").write_bytes(b"not a model")
    with pytest.raises(SetupError, match="can't be loaded"):
        SileroActivity(tmp_path)
