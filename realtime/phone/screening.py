"""Listening to whoever picked up a call of ours, before the call begins: a machine is told from a person."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog

from domain.errors import EngineError
from domain.outbound.answering import Answering, PickedUp
from domain.ports import Recogniser, VoiceActivity
from domain.speech import SAMPLE_RATE_HZ, AudioFrame
from domain.turn_taking.floor import TurnTakingLimits
from realtime.phone.line import PhoneLine
from realtime.phone.tones import BeepWatch

log = structlog.get_logger()

LONGEST_S = 10.0
"""Of the wall's clock: a line that is on hold has a clock that stands still."""
PAUSE_MS = TurnTakingLimits().pause_ms


class Screening:
    """Where the voice activity model fails, or the line ends, it was a person."""

    def __init__(self, vad: VoiceActivity, recogniser: Recogniser) -> None:
        self._vad = vad
        self._recogniser = recogniser

    async def who(self, line: PhoneLine) -> PickedUp:
        """Takes a few seconds of the line, which are no part of the call then; nothing is said meanwhile."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_S), line.before_call() as frames:
                try:
                    return await self.who_speaks(frames)
                except EngineError as error:
                    log.warning("screening_failed", stage=error.stage, error=type(error).__name__)
        return PickedUp.PERSON

    async def who_speaks(self, frames: AsyncIterator[AudioFrame]) -> PickedUp:
        """Raises EngineError."""
        hearing = _Hearing(self._vad, self._recogniser)
        try:
            async for frame in frames:
                if (decided := await hearing.take(frame.pcm)) is not None:
                    return decided
        finally:
            hearing.close()
        return PickedUp.PERSON


class _Hearing:
    """What is heard on one line."""

    def __init__(self, vad: VoiceActivity, recogniser: Recogniser) -> None:
        self._vad = vad.open()
        self._chunk_bytes = vad.chunk_samples * 2
        self._chunk_ms = vad.chunk_samples * 1000 // SAMPLE_RATE_HZ
        self._recogniser = recogniser
        self._answering, self._beep = Answering(), BeepWatch()
        self._heard = bytearray()
        self._chunks = 0
        """Of `_heard`, that were listened to."""
        self._understanding: asyncio.Task[str] | None = None
        self._understood_ms = 0
        """Until where the words are known, or asked for."""

    async def take(self, frame: bytes) -> PickedUp | None:
        self._heard += frame
        if self._beep.heard(frame):
            return PickedUp.MACHINE
        return await self._listen() or self._words()

    def close(self) -> None:
        if self._understanding is not None:
            self._understanding.cancel()

    async def _listen(self) -> PickedUp | None:
        while len(self._heard) >= (self._chunks + 1) * self._chunk_bytes:
            at_ms, from_byte = self._chunks * self._chunk_ms, self._chunks * self._chunk_bytes
            self._chunks += 1
            probability = await self._vad.probability(bytes(self._heard[from_byte : from_byte + self._chunk_bytes]))
            if (decided := self._answering.sound(at_ms, at_ms + self._chunk_ms, probability)) is not None:
                return decided
        return None

    def _words(self) -> PickedUp | None:
        """At every pause all that was said so far is understood anew, one after the other."""
        if self._understanding is None:
            answering = self._answering
            if answering.silent_ms >= PAUSE_MS and answering.voice_until_ms > self._understood_ms:
                self._understood_ms = answering.voice_until_ms
                self._understanding = asyncio.create_task(self._understand(bytes(self._heard)))
            return None
        if not self._understanding.done():
            return None
        understood, self._understanding = self._understanding, None
        return self._answering.words(understood.result())

    async def _understand(self, pcm: bytes) -> str:
        """Without words the times decide alone."""
        try:
            return (await self._recogniser.transcribe(pcm)).text
        except EngineError as error:
            log.warning("screening_without_words", stage=error.stage, error=type(error).__name__)
            return ""
