"""One call's recording as it is lived: each voice's frames by the line's clock, gathered into seconds for the tape."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from domain.media.recording import RecordingLeg, Recordings, Tape
from domain.speech import BYTES_PER_MS, FRAME_BYTES, FRAME_MS
from realtime.line import FREEZE_MS

CHUNK_MS = 1000
"""Goes to disk at a time: what a killed process loses at most, beside what waits for the disk."""
JITTER_MS = 100
"""A voice's frames follow one another, whatever their stamps say up to here: two frames that leave within one frame of
the other side carry one stamp. Beyond it there was a pause, or the clocks have drifted apart, and the stamp counts."""
BURST_MS = 1000
"""A process that was busy sends all that is due at once, under one stamp, and hears only then what the caller said
meanwhile. Where frames still come too early after so long, one clock runs faster, or the caller's stood still for a
while: one frame is left out, and another after as long again, so that no word is missed."""


@dataclass(slots=True)
class _Voice:
    """The second that is being gathered, and where the next frame belongs."""

    at_ms: int = 0
    next_ms: int = 0
    early_from_ms: int | None = None
    """Since when its frames come too early."""
    pcm: bytearray = field(default_factory=bytearray)

    def place(self, at_ms: int, tolerance_ms: int) -> int | None:
        """Where a frame stamped `at_ms` belongs; None for one that comes too early, while another has its place."""
        early_ms = self.next_ms - at_ms
        if early_ms <= tolerance_ms:
            self.early_from_ms = None
            return self.next_ms if early_ms >= -tolerance_ms else at_ms
        if self.early_from_ms is None:
            self.early_from_ms = at_ms
        if early_ms <= FREEZE_MS and at_ms - self.early_from_ms < BURST_MS:
            return self.next_ms
        self.early_from_ms = at_ms
        return None


class CallRecorder:
    """Start and stop it at any time of the call; what comes while it is stopped is not kept."""

    def __init__(
        self, recordings: Recordings, *, tenant_id: str, call_id: str, lease: int, now_ms: Callable[[], int]
    ) -> None:
        """`now_ms` is the caller's line's clock; make a recorder for each line."""
        self._recordings = recordings
        self._tenant_id = tenant_id
        self._call_id = call_id
        self._lease = lease
        self._now_ms = now_ms
        self._clock_zero_at: float | None = None
        self._tape: Tape | None = None
        self._wanted = 0
        self._voices: dict[RecordingLeg, _Voice] = {}

    @property
    def recording(self) -> bool:
        return self._tape is not None

    async def start(self) -> bool:
        """False when nothing may be kept of the call. Raises Unavailable("postgres", ...)."""
        if self._tape is not None:
            return True
        self._wanted += 1
        return await self._begin()

    def take(self, leg: RecordingLeg, pcm: bytes, at_ms: int) -> None:
        """20 ms of a voice: the caller's as it came, the others' as they left for the caller. Nothing else is kept."""
        if self._tape is None or len(pcm) != FRAME_BYTES:
            return
        voice = self._voices.setdefault(leg, _Voice(next_ms=at_ms))
        if (placed_ms := voice.place(at_ms, JITTER_MS)) is None:
            return
        if voice.pcm and placed_ms + FRAME_MS - voice.at_ms > CHUNK_MS:
            self._flush(leg, voice)
        if not voice.pcm:
            voice.at_ms = placed_ms
        # A pause within the second is silence in it.
        voice.pcm += bytes((placed_ms - voice.at_ms) * BYTES_PER_MS - len(voice.pcm))
        voice.pcm += pcm
        voice.next_ms = voice.at_ms + len(voice.pcm) // BYTES_PER_MS
        for other, waiting in self._voices.items():
            # Whoever is silent meanwhile must not keep a last word from the disk.
            overdue = at_ms - waiting.at_ms >= CHUNK_MS + JITTER_MS
            if overdue or len(waiting.pcm) >= CHUNK_MS * BYTES_PER_MS:
                self._flush(other, waiting)

    def stop(self) -> None:
        """At once: what was said until now is kept, nothing after it."""
        self._wanted += 1
        if self._tape is None:
            return
        for leg, voice in self._voices.items():
            self._flush(leg, voice)
        self._voices.clear()
        self._tape.close()
        self._tape = None

    async def adopt(self, lease: int) -> None:
        """The line goes on under a higher lease: what comes from now on is in files of that lease."""
        self._lease = lease
        if self._tape is not None:
            await self._begin()

    async def _begin(self) -> bool:
        """A tape under the present lease in place of the one before, without a gap."""
        wanted = self._wanted
        if self._clock_zero_at is None:
            self._clock_zero_at = time.time() - self._now_ms() / 1000
        tape = await self._recordings.open(self._tenant_id, self._call_id, self._lease, self._clock_zero_at)
        if wanted == self._wanted:
            # Otherwise it was stopped while the key was fetched.
            self.stop()
            self._tape = tape
        return self._tape is not None

    def _flush(self, leg: RecordingLeg, voice: _Voice) -> None:
        if self._tape is not None and voice.pcm:
            self._tape.write(leg, voice.at_ms, bytes(voice.pcm))
        voice.pcm.clear()
