"""A lane: the few threads that one model has in a process, and the bounded queue in front of them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, ParamSpec, TypeVar

from domain.errors import EngineError, EngineFailed, EngineSlow

P = ParamSpec("P")
A = TypeVar("A")
T = TypeVar("T")

GATHER_MS = 5.0
"""A batch that is not full waits this long for more: a fortieth of the shortest transcription."""


class Lane:
    """Runs blocking model code off the event loop. One per engine and process, never one per call.

    Work beyond `waiting` is refused with EngineSlow at once: it would miss its deadline anyhow.
    """

    def __init__(self, stage: str, *, threads: int = 1, waiting: int = 16) -> None:
        self._stage = stage
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=stage)
        self._places = threading.Semaphore(threads + waiting)

    async def run(self, deadline_ms: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Raises EngineSlow past the deadline, EngineFailed for whatever `work` raises.

        Work that has not begun when its caller stops waiting never begins; work that has runs to its end.
        """
        if not self._places.acquire(blocking=False):
            raise EngineSlow(self._stage, "too much work is waiting")
        job = self._executor.submit(work, *args, **kwargs)
        job.add_done_callback(lambda _: self._places.release())
        return await _answer(self._stage, deadline_ms, job)

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)


class Batches(Generic[A, T]):
    """A lane of one thread for a model that does the work of several calls in one go, up to `most` of them.

    `work` answers in the order in which it is asked. What fails together is tried once more, each by itself.
    """

    def __init__(
        self,
        stage: str,
        work: Callable[[Sequence[A]], Sequence[T]],
        *,
        most: int,
        gather_ms: float = GATHER_MS,
        waiting: int = 16,
    ) -> None:
        self._stage = stage
        self._work = work
        self._most = most
        self._gather_s = gather_ms / 1000 if most > 1 else 0.0
        self._places = threading.Semaphore(most + waiting)
        self._asked: deque[tuple[A, Future[T]]] = deque()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=stage)

    async def run(self, deadline_ms: int, item: A) -> T:
        """See Lane.run."""
        if not self._places.acquire(blocking=False):
            raise EngineSlow(self._stage, "too much work is waiting")
        answer: Future[T] = Future()
        answer.add_done_callback(lambda _: self._places.release())
        self._asked.append((item, answer))
        self._executor.submit(self._take)
        return await _answer(self._stage, deadline_ms, answer)

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _take(self) -> None:
        """As much as has come by now. An earlier batch may have taken what this was submitted for."""
        if self._gather_s and 0 < len(self._asked) < self._most:
            time.sleep(self._gather_s)
        batch: list[tuple[A, Future[T]]] = []
        while self._asked and len(batch) < self._most:
            item, answer = self._asked.popleft()
            if answer.set_running_or_notify_cancel():
                batch.append((item, answer))
        if batch:
            self._do(batch)

    def _do(self, batch: Sequence[tuple[A, Future[T]]]) -> None:
        try:
            made = self._work([item for item, _ in batch])
        except Exception as error:
            if len(batch) == 1:
                batch[0][1].set_exception(error)
            else:
                for one in batch:
                    self._do([one])
            return
        for (_, answer), result in zip(batch, made, strict=True):
            answer.set_result(result)


async def _answer(stage: str, deadline_ms: int, job: Future[T]) -> T:
    try:
        return await asyncio.wait_for(asyncio.wrap_future(job), deadline_ms / 1000)
    except TimeoutError as error:
        raise EngineSlow(stage, f"no answer in {deadline_ms} ms") from error
    except EngineError:
        raise
    except Exception as error:
        # The kind of error only: its text may quote what a caller said.
        raise EngineFailed(stage, type(error).__name__) from error
