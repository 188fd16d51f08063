"""A lane: the few threads that one model has in a process, and the bounded queue in front of them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from domain.errors import EngineError, EngineFailed, EngineSlow

P = ParamSpec("P")
T = TypeVar("T")


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
        try:
            return await asyncio.wait_for(asyncio.wrap_future(job), deadline_ms / 1000)
        except TimeoutError as error:
            raise EngineSlow(self._stage, f"no answer in {deadline_ms} ms") from error
        except EngineError:
            raise
        except Exception as error:
            # The kind of error only: its text may quote what a caller said.
            raise EngineFailed(self._stage, type(error).__name__) from error

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)
