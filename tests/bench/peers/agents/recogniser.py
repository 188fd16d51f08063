"""Whisper for the agents that Hatif is compared with: the whole 30 s window, or Hatif's own short one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
from faster_whisper import WhisperModel

from domain.speech import Language
from engines.whisper import WhisperRecogniser

THREADS = 2
"""As Hatif's."""


class Recogniser:
    """English words of 16 kHz mono int16 audio. Greedy decoding, as Hatif's, in both windows."""

    def __init__(self, folder: Path, *, short_window: bool) -> None:
        self._short = WhisperRecogniser(folder, threads=THREADS) if short_window else None
        self._whole = (
            None
            if short_window
            else WhisperModel(
                str(folder), device="cpu", compute_type="int8", cpu_threads=THREADS, local_files_only=True
            )
        )

    async def words(self, pcm: bytes) -> str:
        if self._short is not None:
            return (await self._short.transcribe(pcm, language=Language.EN)).text
        return await asyncio.to_thread(self._in_whole_window, pcm)

    def _in_whole_window(self, pcm: bytes) -> str:
        assert self._whole is not None
        samples = np.frombuffer(pcm, np.int16).astype(np.float32) / 32768
        segments, _ = self._whole.transcribe(samples, language="en", beam_size=1)
        return " ".join(segment.text.strip() for segment in segments)
