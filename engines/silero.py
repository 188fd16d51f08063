"""Voice activity by Silero VAD: does this 32 ms of audio hold speech?"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np

from domain.errors import SetupError
from domain.speech import SAMPLE_RATE_HZ
from engines.lane import Lane
from engines.pcm import Floats, to_floats

STAGE = "vad"
CHUNK_SAMPLES = 512
CONTEXT_SAMPLES = 64
"""The model also wants the last 4 ms of the chunk before; without them it hears clicks at every seam."""
DEADLINE_MS = 500
"""A chunk takes 0.2-0.3 ms; half a second late, the turn is lost anyhow."""
WEIGHTS = "silero_vad_16k_op15.onnx"


class SileroActivity:
    """The VoiceActivity port: one session and one thread for all calls of the process.

    `folder` holds `silero_vad_16k_op15.onnx`. Raises SetupError for a file that is no model.
    """

    chunk_samples = CHUNK_SAMPLES

    def __init__(self, folder: Path) -> None:
        onnxruntime: Any = importlib.import_module("onnxruntime")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / WEIGHTS), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise SetupError(f"{folder / WEIGHTS} can't be loaded as a voice activity model.") from error
        # Deep enough for every call of a process to have a chunk in it at the same time.
        self._lane = Lane(STAGE, waiting=256)

    def open(self) -> SileroStream:
        return SileroStream(self._session, self._lane)

    def close(self) -> None:
        self._lane.close()


class SileroStream:
    """One call's audio: the model's memory and the tail of the last chunk."""

    def __init__(self, session: Any, lane: Lane) -> None:
        self._session = session
        self._lane = lane
        self._state: Floats = np.zeros((2, 1, 128), np.float32)
        self._context: Floats = np.zeros(CONTEXT_SAMPLES, np.float32)

    async def probability(self, pcm: bytes) -> float:
        if len(pcm) != CHUNK_SAMPLES * 2:
            raise ValueError(f"a chunk has {CHUNK_SAMPLES * 2} bytes, not {len(pcm)}")
        return await self._lane.run(DEADLINE_MS, self._judge, pcm)

    def _judge(self, pcm: bytes) -> float:
        samples = to_floats(pcm)
        window = np.concatenate([self._context, samples])[None]
        self._context = samples[-CONTEXT_SAMPLES:]
        rate = np.array(SAMPLE_RATE_HZ, np.int64)
        judged, self._state = self._session.run(None, {"input": window, "state": self._state, "sr": rate})
        return float(judged[0, 0])
