"""The contract of VoiceActivity, against every implementation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from domain.errors import EngineFailed, SetupError
from domain.ports import VoiceActivity, VoiceActivityStream
from domain.speech import SAMPLE_RATE_HZ
from engines.silero import FEW_CALLS, SileroActivity

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
    assert np.allclose(alone, together, atol=1e-5)
    assert silence.max() < 0.3


async def test_many_calls_are_judged_together_as_each_would_be_alone(
    activity: VoiceActivity, spoken_clip: Callable[[str], bytes]
):
    rng = np.random.default_rng(7)
    speech, size = np.frombuffer(spoken_clip("en-lj042-0094.wav"), "<i2"), activity.chunk_samples
    said = [np.roll(speech, n * 4_000)[: (20 + n) * size] * rng.uniform(0.1, 1) for n in range(3 * FEW_CALLS)]
    heard = [samples.astype("<i2").tobytes() for samples in said]
    alone = [await judged(activity.open(), pcm, size) for pcm in heard]
    streams = [activity.open() for _ in heard]
    together = await asyncio.gather(*(judged(stream, pcm, size) for stream, pcm in zip(streams, heard, strict=True)))
    for one, same in zip(alone, together, strict=True):
        assert np.allclose(one, same, atol=1e-5)


async def test_a_call_that_ends_leaves_the_others_their_answers(activity: VoiceActivity):
    streams, silence = [activity.open() for _ in range(2 * FEW_CALLS)], bytes(activity.chunk_samples * 2)
    asked = [asyncio.create_task(stream.probability(silence)) for stream in streams]
    await asyncio.sleep(0)
    asked[0].cancel()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert all(isinstance(answer, float) and answer < 0.3 for answer in answers[1:])
    assert await streams[0].probability(silence) < 0.3


async def test_what_breaks_is_told_to_every_call(activity: VoiceActivity):
    streams, silence = [activity.open() for _ in range(2 * FEW_CALLS)], bytes(activity.chunk_samples * 2)
    streams[-1].state = np.zeros((2, 1, 7), np.float32)
    answers = await asyncio.gather(*(stream.probability(silence) for stream in streams), return_exceptions=True)
    assert {type(answer) for answer in answers} == {EngineFailed}


@pytest.mark.parametrize("size", [0, 1, 1023, 1026])
async def test_another_size_is_refused(activity: VoiceActivity, size: int):
    with pytest.raises(ValueError, match="1024"):
        await activity.open().probability(bytes(size))


def test_a_file_that_is_no_model_is_one_sentence(tmp_path: Path):
    (tmp_path / "silero_vad_16k_op15.onnx").write_bytes(b"not a model")
    with pytest.raises(SetupError, match="can't be loaded"):
        SileroActivity(tmp_path)
