"""Whether an utterance sounds finished, by smart-turn v3: melody and pace, in any language, without words."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np

from domain.errors import SetupError
from domain.speech import SAMPLE_RATE_HZ
from engines.lane import Lane
from engines.onnx import onnx_session
from engines.pcm import Floats, to_floats

STAGE = "end_of_turn"
WINDOW_S = 8
"""What the model hears: the last seconds, with silence before an utterance that is shorter."""
MEL_FRAMES = 800
DEADLINE_MS = 1_000
"""A judgement takes 60-190 ms on one thread; a second after the pause began, silence and words have decided."""
WEIGHTS = "smart-turn-v3.2-cpu.onnx"
_LEAST_VARIANCE = 1e-7


class SmartTurn:
    """The TurnEndModel port: one session and one thread for all calls of the process.

    `folder` holds `smart-turn-v3.2-cpu.onnx`. Raises SetupError for a file that is no model.
    """

    def __init__(self, folder: Path, *, deadline_ms: int = DEADLINE_MS) -> None:
        features: Any = importlib.import_module("faster_whisper.feature_extractor")
        try:
            self._session = onnx_session(folder / WEIGHTS)
        except Exception as error:
            raise SetupError(f"{folder / WEIGHTS} can't be loaded as an end-of-turn model.") from error
        self._mel = features.FeatureExtractor(chunk_length=WINDOW_S)
        self._deadline_ms = deadline_ms
        self._lane = Lane(STAGE)

    async def ended(self, pcm: bytes) -> float:
        return await self._lane.run(self._deadline_ms, self._judge, pcm)

    def close(self) -> None:
        self._lane.close()

    def _judge(self, pcm: bytes) -> float:
        most = WINDOW_S * SAMPLE_RATE_HZ
        heard = to_floats(pcm[-2 * most :])
        window: Floats = np.pad(heard, (most - len(heard), 0))
        window = (window - window.mean()) / np.sqrt(window.var() + _LEAST_VARIANCE)
        mel: Floats = self._mel(window, padding=0)[:, :MEL_FRAMES].astype(np.float32)
        return float(self._session.run(None, {"input_features": mel[None]})[0][0, 0])
