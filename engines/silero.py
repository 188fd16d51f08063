"""Voice activity by Silero VAD: does this 32 ms of audio hold speech? Chunks of many calls are judged in one run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakSet

import numpy as np

from domain.errors import EngineError, SetupError
from domain.speech import SAMPLE_RATE_HZ
from engines.lane import Lane
from engines.onnx import onnx_session
from engines.pcm import Floats, to_floats

STAGE = "vad"
CHUNK_SAMPLES = 512
CONTEXT_SAMPLES = 64
"""The model also wants the last 4 ms of the chunk before; without them it hears clicks at every seam."""
DEADLINE_MS = 500
"""A run of one chunk takes 0.1-0.3 ms, and one of 32 calls 2 ms; half a second late, the turn is lost anyhow."""
FEW_CALLS = 4
"""Chunks of as many calls are judged as soon as they come."""
GATHER_MS = 4
"""How long a chunk waits for those of other calls where there are more."""
WEIGHTS = "silero_vad_16k_op15.onnx"
_RATE = np.array(SAMPLE_RATE_HZ, np.int64)


class SileroActivity:
    """The VoiceActivity port: one session and one thread for all calls of the process.

    `folder` holds `silero_vad_16k_op15.onnx`. Raises SetupError for a file that is no model.
    """

    chunk_samples = CHUNK_SAMPLES

    def __init__(self, folder: Path) -> None:
        try:
            self._session = onnx_session(folder / WEIGHTS)
        except Exception as error:
            raise SetupError(f"{folder / WEIGHTS} can't be loaded as a voice activity model.") from error
        self._lane = Lane(STAGE)
        self._streams: WeakSet[SileroStream] = WeakSet()
        self._waiting: list[_Chunk] = []
        """One of a call at most."""
        self._judging: asyncio.Task[None] | None = None

    def open(self) -> SileroStream:
        stream = SileroStream(self._judged)
        self._streams.add(stream)
        return stream

    def close(self) -> None:
        self._lane.close()

    async def _judged(self, stream: SileroStream, pcm: bytes) -> float:
        if len(self._streams) <= FEW_CALLS:
            return (await self._lane.run(DEADLINE_MS, self._run, [stream], pcm))[0]
        chunk = _Chunk(stream, pcm, asyncio.get_running_loop().create_future())
        self._waiting.append(chunk)
        if self._judging is None or self._judging.done():
            self._judging = asyncio.create_task(self._judge_what_waits())
        return await chunk.probability

    async def _judge_what_waits(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(GATHER_MS / 1000)
                chunks, self._waiting = self._waiting, []
                await self._judge(chunks)
        finally:
            self._waiting = []

    async def _judge(self, chunks: Sequence[_Chunk]) -> None:
        streams, pcm = [chunk.stream for chunk in chunks], b"".join(chunk.pcm for chunk in chunks)
        try:
            judged = await self._lane.run(DEADLINE_MS, self._run, streams, pcm)
        except EngineError as error:
            for chunk in chunks:
                if not chunk.probability.done():
                    chunk.probability.set_exception(error)
            return
        for chunk, probability in zip(chunks, judged, strict=True):
            if not chunk.probability.done():
                chunk.probability.set_result(probability)

    def _run(self, streams: Sequence[SileroStream], pcm: bytes) -> list[float]:
        """A row for each call, their chunks one after another in `pcm`. On the lane's thread, which alone touches
        what streams keep."""
        samples = to_floats(pcm).reshape(len(streams), CHUNK_SAMPLES)
        windows = np.concatenate([np.stack([stream.context for stream in streams]), samples], axis=1)
        states = np.concatenate([stream.state for stream in streams], axis=1)
        judged, states = self._session.run(None, {"input": windows, "state": states, "sr": _RATE})
        for row, stream in enumerate(streams):
            stream.context = samples[row, -CONTEXT_SAMPLES:].copy()
            stream.state = states[:, row : row + 1].copy()
        return judged[:, 0].tolist()


class SileroStream:
    """One call's audio: the model's memory and the tail of the last chunk."""

    def __init__(self, judged: Judged) -> None:
        self.state: Floats = np.zeros((2, 1, 128), np.float32)
        self.context: Floats = np.zeros(CONTEXT_SAMPLES, np.float32)
        self._judged = judged

    async def probability(self, pcm: bytes) -> float:
        if len(pcm) != CHUNK_SAMPLES * 2:
            raise ValueError(f"a chunk has {CHUNK_SAMPLES * 2} bytes, not {len(pcm)}")
        return await self._judged(self, pcm)


Judged = Callable[[SileroStream, bytes], Awaitable[float]]


@dataclass(slots=True)
class _Chunk:
    """It waits for those of other calls."""

    stream: SileroStream
    pcm: bytes
    probability: asyncio.Future[float]
