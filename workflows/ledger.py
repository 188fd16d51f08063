"""What a workflow writes down in order, without anybody on the line waiting long for the database."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError

from workflows import timeouts
from workflows.patience import until


class Ledger:
    """Each write begins when the one before it is done, and is tried until it succeeds.

    A write for what was erased meanwhile fails for good, and is left out.
    """

    def __init__(self) -> None:
        self._last: asyncio.Task[None] | None = None

    async def write(self, step: Callable[[Any, Any], Any], argument: Any) -> None:
        """Returns when it is written, or after WRITTEN_SOON; it is written in any case."""
        writing = asyncio.create_task(self._write(self._last, step, argument))
        self._last = writing
        await until(writing.done, timeouts.WRITTEN_SOON)

    async def done(self) -> None:
        """Wait until everything is written."""
        while self._last is not None and not self._last.done():
            await workflow.wait_condition(self._last.done)

    async def _write(self, earlier: asyncio.Task[None] | None, step: Callable[[Any, Any], Any], argument: Any) -> None:
        if earlier is not None:
            await workflow.wait_condition(earlier.done)
        with contextlib.suppress(ActivityError):
            await workflow.execute_activity_method(
                step,
                argument,
                start_to_close_timeout=timeouts.RECORD_ATTEMPT,
                retry_policy=timeouts.RECORD_FOR_SURE,
            )
