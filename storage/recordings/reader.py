"""Recordings taken from disk to be played: every leg of every line of a call, aligned on one timeline."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.errors import Rejected
from domain.media.recording import Playback, RecordingLeg, RecordingRow, RecordingRows
from domain.ports import KeyRing
from domain.speech import SAMPLE_RATE_HZ
from storage.recordings.sealed_file import MAX_CHUNK_SAMPLES, SUFFIX, Chunk, RecordedPart, call_folder

BLOCK_SAMPLES = SAMPLE_RATE_HZ
"""Read and mixed at a time."""
SAMPLES_PER_MS = SAMPLE_RATE_HZ // 1000
CHANNELS = {RecordingLeg.CALLER: 0, RecordingLeg.AGENT: 1, RecordingLeg.ADVISOR: 1}

_Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A chunk's place on the timeline, in samples."""

    first: int
    chunk: Chunk
    part: RecordedPart


@dataclass(slots=True)
class _Track:
    """One leg's chunks in their order, and the one that was opened last: it may go on in the next block."""

    placed: list[_Placed]
    firsts: list[int] = field(init=False)
    opened: tuple[_Placed, _Samples] | None = None

    def __post_init__(self) -> None:
        self.placed.sort(key=lambda placed: placed.first)
        self.firsts = [placed.first for placed in self.placed]

    def read(self, first: int, end: int, key: bytes) -> NDArray[np.int32]:
        sound = np.zeros(end - first, np.int32)
        # Chunks may overlap by a few milliseconds where one line's clock gives way to the next.
        at = bisect_left(self.firsts, first - MAX_CHUNK_SAMPLES + 1)
        while at < len(self.placed) and self.firsts[at] < end:
            placed = self.placed[at]
            start, stop = max(first, placed.first), min(end, placed.first + placed.chunk.samples)
            if start < stop:
                sound[start - first : stop - first] += self._open(placed, key)[
                    start - placed.first : stop - placed.first
                ]
            at += 1
        return sound

    def _open(self, placed: _Placed, key: bytes) -> _Samples:
        if self.opened is None or self.opened[0] is not placed:
            self.opened = (placed, np.frombuffer(placed.part.read(placed.chunk, key), "<i2"))
        return self.opened[1]


class SealedPlayback:
    """Implements domain.media.recording.Playback."""

    def __init__(self, parts: list[RecordedPart], complete: bool, key: bytes) -> None:
        """At least one chunk must be in `parts`."""
        placed = {leg: list[_Placed]() for leg in RecordingLeg}
        zeros = _clock_zeros(parts)
        for part in parts:
            for chunk in part.chunks:
                first = zeros[part.part.clock_zero_at] + chunk.at_ms * SAMPLES_PER_MS
                placed[part.part.leg].append(_Placed(first, chunk, part))
        everything = [one for leg in placed.values() for one in leg]
        self._begins = min(one.first for one in everything)
        self._key = key
        self._placed = placed
        self.samples = max(one.first + one.chunk.samples for one in everything) - self._begins
        self.starts_ms = self._begins // SAMPLES_PER_MS
        self.complete = complete
        self.legs = frozenset(leg for leg in RecordingLeg if placed[leg])

    def stereo(self, first: int, end: int) -> Iterator[bytes]:
        for sound in self.apart(first, end):
            both = np.zeros((len(next(iter(sound.values()))), 2), np.int32)
            for leg, samples in sound.items():
                both[:, CHANNELS[leg]] += samples
            yield both.clip(-32768, 32767).astype("<i2").tobytes()

    def apart(self, first: int, end: int) -> Iterator[dict[RecordingLeg, NDArray[np.int32]]]:
        """Each leg by itself, block by block. Blocking; raises Rejected for audio that was altered."""
        tracks = {leg: _Track(list(self._placed[leg])) for leg in RecordingLeg if leg in self.legs}
        end = min(end, self.samples)
        for at in range(max(0, first), end, BLOCK_SAMPLES):
            start, stop = self._begins + at, self._begins + min(at + BLOCK_SAMPLES, end)
            yield {leg: track.read(start, stop, self._key) for leg, track in tracks.items()}


class SealedRecordings:
    """Implements the ports RecordingShelf and VoiceMessages over the folder that the media workers write to."""

    def __init__(self, rows: RecordingRows, keys: KeyRing, folder: Path) -> None:
        self._rows = rows
        self._keys = keys
        self._folder = folder

    async def find(self, tenant_id: str, call_id: str) -> Playback | None:
        key = await self._keys.key(tenant_id, call_id)
        if key is None:
            return None
        rows = await self._rows.recordings(tenant_id, call_id)
        parts = await asyncio.to_thread(_scan, self._folder, tenant_id, call_id)
        if not any(part.chunks for part in parts):
            return None
        complete = _agree({row.part.part_id: row for row in rows}, parts)
        return SealedPlayback(parts, complete, key)

    async def voice_message(self, tenant_id: str, call_id: str, lease: int, from_ms: int, to_ms: int) -> bytes:
        key = await self._keys.key(tenant_id, call_id)
        if key is None:
            return b""
        parts = await asyncio.to_thread(_scan, self._folder, tenant_id, call_id)
        ours = [each for each in parts if (each.part.lease, each.part.leg) == (lease, RecordingLeg.CALLER)]
        return await asyncio.to_thread(_between, ours, key, from_ms, to_ms)

    async def erase(self, tenant_id: str, call_id: str) -> int:
        return await asyncio.to_thread(_erase, call_folder(self._folder, tenant_id, call_id))


def _scan(folder: Path, tenant_id: str, call_id: str) -> list[RecordedPart]:
    paths = sorted(call_folder(folder, tenant_id, call_id).glob(f"*{SUFFIX}"))
    return [part for path in paths if (part := RecordedPart.scan(path, tenant_id, call_id)) is not None]


def _between(parts: list[RecordedPart], key: bytes, from_ms: int, to_ms: int) -> bytes:
    """Chunk by chunk as they were written, those at either end as a whole."""
    placed = sorted(((chunk.at_ms, part, chunk) for part in parts for chunk in part.chunks), key=itemgetter(0))
    wanted = [(part, chunk) for at_ms, part, chunk in placed if from_ms < at_ms + _ms(chunk.samples) and at_ms < to_ms]
    return b"".join(part.read(chunk, key) for part, chunk in wanted)


def _ms(samples: int) -> int:
    return samples // SAMPLES_PER_MS


def _agree(rows: dict[str, RecordingRow], parts: list[RecordedPart]) -> bool:
    """Whether the files hold all that was recorded, by their own ends and by the store's rows.

    Raises Rejected when a part has fewer chunks than were counted as it ended: somebody cut it.
    """
    complete = all(part.ended for part in parts) and rows.keys() <= {part.part.part_id for part in parts}
    for part in parts:
        row = rows.get(part.part.part_id)
        if row is None or row.ended_at is None:
            continue
        if len(part.chunks) < row.chunks:
            raise Rejected("recordings", "a recording was cut")
        complete = complete and row.lost == 0
    return complete


def _clock_zeros(parts: list[RecordedPart]) -> dict[float, int]:
    """Where each line's clock begins on the timeline, in samples; a line never begins before the one before it ended.

    Lines follow each other by the wall clocks of the machines that held them, which may differ.
    """
    lengths: dict[float, int] = {}
    for part in sorted(parts, key=lambda part: (part.part.lease, part.part.clock_zero_at)):
        ends = max((chunk.at_ms * SAMPLES_PER_MS + chunk.samples for chunk in part.chunks), default=0)
        zero_at = part.part.clock_zero_at
        lengths[zero_at] = max(lengths.get(zero_at, 0), ends)
    zeros: dict[float, int] = {}
    begins_at, free = next(iter(lengths)), 0
    for zero_at, length in lengths.items():
        zeros[zero_at] = max(free, round((zero_at - begins_at) * 1000) * SAMPLES_PER_MS)
        free = zeros[zero_at] + length
    return zeros


def _erase(folder: Path) -> int:
    paths = list(folder.glob(f"*{SUFFIX}"))
    for path in paths:
        path.unlink(missing_ok=True)
    if folder.exists():
        folder.rmdir()
    return len(paths)
