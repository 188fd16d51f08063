"""Recordings on their way to disk: one thread a process seals and writes them, and the call never waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from domain.errors import HatifError, Unavailable
from domain.media.recording import RecordingLeg, RecordingPart, RecordingRow, RecordingRows, Tape
from domain.ports import KeyRing
from storage.recordings.sealed_file import RecordingFile, part_path

log = structlog.get_logger(__name__)

WAITING_CHUNKS = 512
"""Of all calls, 16 MiB: half a minute of eight calls with two voices while the disk hangs."""
SYNC_S = 5.0
"""What a power cut may take of a recording; a killed process takes what waits here, normally under a second."""
RETRY_S = (0.5, 10.0)
"""First and longest wait before a row is written again."""
TRIES = 60
"""About ten minutes. Without its row a recording can be played all the same: the files say what they are."""


@dataclass(eq=False, slots=True)
class _Leg:
    """One part being written. Only the thread touches `file` and `synced_at`."""

    part: RecordingPart
    key: bytes
    started_at: float
    ended_ms: int = 0
    file: RecordingFile | None = None
    synced_at: float = 0.0
    lost: int = 0
    complained: bool = False


@dataclass(slots=True)
class _Write:
    leg: _Leg
    at_ms: int
    pcm: bytes


@dataclass(slots=True)
class _End:
    leg: _Leg


class _Tape:
    """Implements domain.media.recording.Tape."""

    def __init__(self, writer: RecordingWriter, begin: Callable[[RecordingLeg], _Leg]) -> None:
        self._writer = writer
        self._begin = begin
        self._legs: dict[RecordingLeg, _Leg] = {}
        self._closed = False

    def write(self, leg: RecordingLeg, at_ms: int, pcm: bytes) -> None:
        if self._closed:
            return
        if leg not in self._legs:
            self._legs[leg] = self._begin(leg)
        self._writer.put(_Write(self._legs[leg], at_ms, pcm))

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            for leg in self._legs.values():
                self._writer.end(_End(leg))


class RecordingWriter:
    """Implements the port Recordings; belongs to one event loop. `start` it, and `close` it at the end."""

    def __init__(self, rows: RecordingRows, keys: KeyRing, folder: Path) -> None:
        self._rows = rows
        self._keys = keys
        self._folder = folder
        self._waiting: deque[_Write | _End] = deque()
        """Overflow rule: the chunk that comes is lost, counted and said once; an end is never lost."""
        self._changed = threading.Condition()
        self._stopping = False
        # A disk that hangs must not keep the process from ending.
        self._thread = threading.Thread(target=self._work, name="recordings", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._saving: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def open(self, tenant_id: str, call_id: str, lease: int, clock_zero_at: float) -> Tape | None:
        key = await self._keys.key(tenant_id, call_id)
        if key is None:
            return None

        def begin(leg: RecordingLeg) -> _Leg:
            part = RecordingPart(
                tenant_id=tenant_id,
                call_id=call_id,
                lease=lease,
                leg=leg,
                part_id=secrets.token_hex(8),
                clock_zero_at=clock_zero_at,
            )
            begun = _Leg(part, key, time.time())
            self._save(_row(self._folder, begun))
            return begun

        return _Tape(self, begin)

    async def close(self, deadline_ms: int = 5_000) -> None:
        """Write what waits, by the deadline; tapes that are still open end without their last chunk."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        ends_at = time.monotonic() + deadline_ms / 1000
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join, deadline_ms / 1000)
        # The thread's last words, said to this loop, come before this.
        await asyncio.sleep(0)
        if self._saving:
            _, late = await asyncio.wait(self._saving, timeout=max(0.0, ends_at - time.monotonic()))
            for task in late:
                task.cancel()

    # ------------------------------------------------------------ from the calls

    def put(self, chunk: _Write) -> None:
        with self._changed:
            if len(self._waiting) < WAITING_CHUNKS and not self._stopping:
                self._waiting.append(chunk)
                self._changed.notify()
                return
        self._lose(chunk.leg, "too much waits for the disk")

    def end(self, end: _End) -> None:
        with self._changed:
            self._waiting.append(end)
            self._changed.notify()

    # ------------------------------------------------------------ on the thread

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._stopping)
                if not self._waiting:
                    return
                next_one = self._waiting.popleft()
            match next_one:
                case _Write(leg=leg, at_ms=at_ms, pcm=pcm):
                    self._write(leg, at_ms, pcm)
                case _End(leg=leg):
                    self._end(leg)

    def _write(self, leg: _Leg, at_ms: int, pcm: bytes) -> None:
        try:
            if leg.file is None:
                leg.file = RecordingFile.create(self._folder, leg.part, leg.key)
                leg.synced_at = time.monotonic()
            leg.file.append(at_ms, pcm)
            leg.ended_ms = at_ms + len(pcm) // 32
            if time.monotonic() - leg.synced_at > SYNC_S:
                leg.file.sync()
                leg.synced_at = time.monotonic()
            leg.complained = False
        except Exception as error:
            # Whatever is wrong with the disk, the call and its other voices go on.
            self._lose(leg, _reason(error))

    def _end(self, leg: _Leg) -> None:
        row = _row(self._folder, leg)
        if leg.file is not None:
            row = replace(row, chunks=leg.file.chunks)
            try:
                leg.file.append(leg.ended_ms, b"", last=True)
                leg.file.sync()
            except OSError as error:
                self._lose(leg, _reason(error))
            leg.file.close()
        row = replace(row, lost=leg.lost, ended_at=time.time())
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._save, row)

    def _lose(self, leg: _Leg, reason: str) -> None:
        leg.lost += 1
        if not leg.complained:
            leg.complained = True
            log.error("recording_unwritable", call_id=leg.part.call_id, leg=leg.part.leg.value, reason=reason)

    # ------------------------------------------------------------ rows, on the loop

    def _save(self, row: RecordingRow) -> None:
        task = asyncio.get_running_loop().create_task(self._keep(row))
        self._saving.add(task)
        task.add_done_callback(self._saving.discard)

    async def _keep(self, row: RecordingRow) -> None:
        wait_s, longest_s = RETRY_S
        for _ in range(TRIES):
            try:
                await self._rows.save_recording(row)
            except Unavailable:
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, longest_s)
            except HatifError as error:
                log.error("recording_row_lost", call_id=row.part.call_id, reason=type(error).__name__)
                return
            else:
                return
        log.error("recording_row_lost", call_id=row.part.call_id, reason="no store")


def _row(folder: Path, leg: _Leg) -> RecordingRow:
    path = part_path(folder, leg.part).relative_to(folder)
    return RecordingRow(part=leg.part, path=str(path), started_at=leg.started_at)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
