"""The contract of TurnEndModel, against every implementation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from domain.errors import SetupError
from domain.ports import TurnEndModel
from domain.speech import BYTES_PER_MS
from engines.smart_turn import SmartTurn

pytestmark = pytest.mark.models

QUIET = bytes(200 * BYTES_PER_MS)


@pytest.fixture(params=["smart-turn"])
def turn_end(request: pytest.FixtureRequest, model: Callable[[str], Path]) -> TurnEndModel:
    return {"smart-turn": lambda: SmartTurn(model("smart-turn"), deadline_ms=60_000)}[request.param]()


async def test_whole_sentences_sound_finished_and_halves_do_not(
    turn_end: TurnEndModel, spoken_clip: Callable[[str], bytes]
):
    whole, half = [], []
    for clip, cut in (("en-lj042-0094.wav", 0.4), ("ar-egy.mp3", 0.4), ("ar-msa.mp3", 0.6)):
        pcm = spoken_clip(clip)
        whole.append(await turn_end.ended(pcm + QUIET))
        half.append(await turn_end.ended(pcm[: int(len(pcm) * cut) // 2 * 2] + QUIET))
    assert min(whole) > 0.5 > max(half)


async def test_any_length_is_judged(turn_end: TurnEndModel, spoken_clip: Callable[[str], bytes]):
    pcm = spoken_clip("en-lj042-0094.wav")
    for heard in (b"", bytes(2), pcm * 5):
        assert 0 <= await turn_end.ended(heard) <= 1


def test_a_file_that_is_no_model_is_one_sentence(tmp_path: Path):
    (tmp_path / "smart-turn-v3.2-cpu.onnx").write_bytes(b"not a model")
    with pytest.raises(SetupError, match="can't be loaded"):
        SmartTurn(tmp_path)
