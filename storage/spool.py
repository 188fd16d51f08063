"""Finished turns on their way to the store: at once when it answers, by way of the disk when it doesn't.

Each call has one ordered queue: first what is on disk, then what is still in memory. The store takes a turn once,
by `(call_id, lease, seq)`, so sending one again after a doubt changes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import structlog

from domain.errors import NotFound, Rejected, Unavailable
from domain.ports import CallStore, KeyRing
from domain.speech import Turn
from storage.spool_file import SpoolFile, left_behind

log = structlog.get_logger(__name__)
_Result = TypeVar("_Result")

SLOW_S = 0.3
"""A turn is stored in 5 ms, and 50 ms on a busy machine; one that takes longer goes to disk meanwhile."""
FIRST_RETRY_S = 0.25
LAST_RETRY_S = 5.0
"""The store is asked again after 0.25 s, then after twice that, up to every 5 s: it restarts in under a second."""
MEMORY_TURNS = 512
"""Of one call, while neither store nor disk take them: an hour of conversation, about 1 MiB."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A turn that only memory holds, and who wants to know when that has changed."""

    turn: Turn
    safe: Callable[[], None]


@dataclass(eq=False, slots=True)
class _Queue:
    tenant_id: str
    call_id: str
    file: SpoolFile | None = None
    memory: deque[_Waiting] = field(default_factory=deque[_Waiting])
    """Overflow rule: the turn that comes is lost and said so; what waits keeps its order."""
    poked: asyncio.Event = field(default_factory=asyncio.Event)
    """A turn came, or somebody waits for the queue."""
    hurry: bool = False
    drained: asyncio.Event = field(default_factory=asyncio.Event)
    complained: bool = False
    """A notice about an unwritable spool is given once, until it works again."""

    def __len__(self) -> int:
        return len(self.memory) + (len(self.file) if self.file else 0)

    def advance(self, *, stored: bool) -> None:
        """The first turn is done with, wherever it has moved since."""
        if self.file:
            self.file.advance()
            return
        first = self.memory.popleft()
        if stored:
            first.safe()

    def poke(self) -> None:
        self.hurry = True
        self.poked.set()


class TurnSpool:
    """Implements domain.ports.TurnRecorder; belongs to one event loop. `start` it, and `close` it at the end."""

    def __init__(self, store: CallStore, keys: KeyRing, folder: Path) -> None:
        self._store = store
        self._keys = keys
        self._folder = folder
        self._queues: dict[tuple[str, str], _Queue] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._disk = ThreadPoolExecutor(1, "spool")

    def start(self) -> None:
        """Deliver what killed processes left in the folder, one call after the other, beside the living calls."""
        self._run(self._replay())

    def record(self, tenant_id: str, call_id: str, turn: Turn, safe: Callable[[], None] = lambda: None) -> None:
        queue = self._queues.get((tenant_id, call_id))
        if queue is None:
            queue = self._queues[tenant_id, call_id] = _Queue(tenant_id, call_id)
            self._run(self._serve(queue))
        if len(queue.memory) >= MEMORY_TURNS:
            log.error("turn_lost", call_id=call_id, seq=turn.seq, reason="no store, no disk, memory full")
            return
        queue.memory.append(_Waiting(turn, safe))
        queue.poked.set()

    async def flush(self, call_id: str, deadline_ms: int) -> bool:
        return await _drain([queue for queue in self._queues.values() if queue.call_id == call_id], deadline_ms)

    async def close(self, deadline_ms: int = 2_000) -> None:
        """Store what can be stored by the deadline; the rest stays on disk for the next process."""
        await _drain(list(self._queues.values()), deadline_ms)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for queue in self._queues.values():
            await self._to_disk(queue)
            await self._release(queue)
        self._disk.shutdown()

    def _run(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, queue: _Queue) -> None:
        await self._deliver(queue)
        # A turn that comes from here on gets another queue.
        del self._queues[queue.tenant_id, queue.call_id]
        queue.drained.set()
        await self._release(queue)

    async def _replay(self) -> None:
        files = left_behind(self._folder)
        while (file := await self._on_disk(lambda: next(files, None))) is not None:
            queue = _Queue(file.tenant_id, file.call_id, file)
            log.info("spool_replayed", call_id=file.call_id, turns=len(queue))
            try:
                await self._deliver(queue)
            finally:
                await self._release(queue)

    async def _deliver(self, queue: _Queue) -> None:
        """Returns when nothing waits any more."""
        retry_s = FIRST_RETRY_S
        while len(queue):
            stored = False
            try:
                await self._offer(queue)
                stored = True
            except (Rejected, NotFound) as error:
                # Words that were erased: nobody wants this turn any more.
                log.warning("turn_dropped", call_id=queue.call_id, reason=str(error))
            except Exception as error:
                if not isinstance(error, Unavailable):
                    log.error("turn_delayed", call_id=queue.call_id, reason=type(error).__name__)
                await self._pause(queue, retry_s)
                retry_s = min(2 * retry_s, LAST_RETRY_S)
                continue
            queue.advance(stored=stored)
            retry_s = FIRST_RETRY_S

    async def _offer(self, queue: _Queue) -> None:
        """Give the first turn to the store; while that takes long, bring what waits to safety."""
        turn = await self._head(queue)
        attempt = asyncio.create_task(self._store.record_turn(queue.tenant_id, queue.call_id, turn))
        try:
            while not (await asyncio.wait({attempt}, timeout=SLOW_S))[0]:
                await self._to_disk(queue)
            attempt.result()
        finally:
            attempt.cancel()

    async def _head(self, queue: _Queue) -> Turn:
        if not queue.file:
            return queue.memory[0].turn
        key = await self._keys.key(queue.tenant_id, queue.call_id)
        if key is None:
            raise Rejected("spool", f"the words of call {queue.call_id} were erased")
        return await self._on_disk(queue.file.head, key)

    async def _pause(self, queue: _Queue, delay_s: float) -> None:
        """Wait before the store is asked again; turns that come meanwhile go to disk at once."""
        clock = asyncio.get_running_loop().time
        ends_at = clock() + delay_s
        while not queue.hurry and clock() < ends_at:
            queue.poked.clear()
            await self._to_disk(queue)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(ends_at):
                    await queue.poked.wait()
        queue.hurry = False

    async def _to_disk(self, queue: _Queue) -> None:
        """Move what is in memory into the queue's file; what can't be moved stays."""
        waiting = list(queue.memory)
        if not waiting:
            return
        try:
            key = await self._keys.key(queue.tenant_id, queue.call_id)
            if key is None:
                return
            if queue.file is None:
                queue.file = await self._on_disk(SpoolFile.create, self._folder, queue.tenant_id, queue.call_id)
            await self._on_disk(queue.file.append, [each.turn for each in waiting], key)
        except Exception as error:
            # Whatever is wrong with the spool, the call goes on, and the store may still come back.
            if not queue.complained:
                reason = error.strerror if isinstance(error, OSError) else type(error).__name__
                log.error("spool_unwritable", call_id=queue.call_id, waiting=len(waiting), reason=reason)
            queue.complained = True
            return
        queue.complained = False
        for each in waiting:
            queue.memory.popleft()
            each.safe()

    async def _release(self, queue: _Queue) -> None:
        if queue.file is not None:
            await self._on_disk(queue.file.close)
            queue.file = None

    async def _on_disk(self, work: Callable[..., _Result], *arguments: Any) -> _Result:
        """Disk calls may take long: they run on one thread, in order."""
        return await asyncio.get_running_loop().run_in_executor(self._disk, work, *arguments)


async def _drain(queues: list[_Queue], deadline_ms: int) -> bool:
    for queue in queues:
        queue.poke()
    waits = [asyncio.create_task(queue.drained.wait()) for queue in queues]
    if not waits:
        return True
    _, late = await asyncio.wait(waits, timeout=deadline_ms / 1000)
    for wait in late:
        wait.cancel()
    return not late
