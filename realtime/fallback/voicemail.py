"""A voice message: what the caller says after the tone, kept with the call as its recordings are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from domain.errors import HatifError
from domain.media.recording import RecordingLeg
from domain.speech import AudioFrame
from domain.turn_taking.floor import Floor
from realtime.recorder import CallRecorder

log = structlog.get_logger()

LONGEST_MS = 120_000
SILENCE_MS = 4_000
"""After the last word; people who think of what else to say pause for two or three seconds."""
NOTHING_MS = 8_000
"""Without a word from the tone on: there will be no message."""
READY_MS = 2_000
"""The longest wait for the call's key, without which nothing is kept."""


@dataclass(frozen=True, slots=True)
class Message:
    """By the line's clock."""

    started_ms: int
    ended_ms: int


@dataclass(slots=True, kw_only=True)
class Voicemail:
    """One line's. Speech is told from silence without the recogniser, by the ear's floor."""

    recorder: CallRecorder
    floor: Callable[[], Floor]
    _from_ms: int | None = None
    _spoken_ms: int | None = None
    """When the caller spoke last."""

    @property
    def taking(self) -> bool:
        return self._from_ms is not None

    async def ready(self) -> bool:
        """Have what is needed to keep a message; False when none can be kept."""
        try:
            async with asyncio.timeout(READY_MS / 1000):
                return await self.recorder.start()
        except (HatifError, TimeoutError) as error:
            log.warning("message_not_begun", error=type(error).__name__)
            return False

    def begin(self, now_ms: int) -> None:
        """From now on the caller speaks the message."""
        self._from_ms, self._spoken_ms = now_ms, None

    def take(self, frame: AudioFrame) -> None:
        self.recorder.take(RecordingLeg.CALLER, frame.pcm, frame.at_ms)
        if self.floor() is Floor.CALLER:
            self._spoken_ms = frame.at_ms

    def over(self, now_ms: int) -> bool:
        """Whether the caller has stopped speaking, or has spoken for long enough."""
        if self._from_ms is None:
            return False
        if self._spoken_ms is None:
            return now_ms - self._from_ms >= NOTHING_MS
        return now_ms - self._spoken_ms >= SILENCE_MS or now_ms - self._from_ms >= LONGEST_MS

    def end(self) -> Message | None:
        """Stop; None when nothing was said."""
        self.recorder.stop()
        begun, self._from_ms = self._from_ms, None
        return Message(begun, self._spoken_ms) if begun is not None and self._spoken_ms is not None else None
