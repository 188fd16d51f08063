"""What must be on record however a call goes on: audit lines, written beside the audio until they are stored."""

from __future__ import annotations

import asyncio

import structlog

from domain.errors import HatifError
from domain.ports import Audit

log = structlog.get_logger()

RETRY_S = (0.5, 10.0)
"""First and longest wait before a line is written again."""
TRIES = 60
"""About ten minutes; a store that is away for longer has an operator at it, and the log names the call."""
WAITING = 256
"""Lines of all calls that wait at a time."""


class Witness:
    """One for all calls of the process; belongs to its event loop."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self._writing: set[asyncio.Task[None]] = set()

    def note(self, tenant_id: str, call_id: str, action: str, detail: dict[str, str]) -> None:
        """Put down that the agent did `action` in this call; never blocks."""
        self._put("agent", tenant_id, call_id, action, detail)

    def refused(self, tenant_id: str, subject: str, action: str, detail: dict[str, str]) -> None:
        """Put down what was refused before there was a call; never blocks."""
        self._put("system", tenant_id, subject, action, detail)

    def _put(self, actor: str, tenant_id: str, subject: str, action: str, detail: dict[str, str]) -> None:
        if len(self._writing) >= WAITING:
            log.error("audit_line_lost", subject=subject, action=action)
            return
        task = asyncio.create_task(self._write(actor, tenant_id, subject, action, detail))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def close(self, within_s: float) -> None:
        """Wait for what is being written, and say what is not."""
        if self._writing:
            _, late = await asyncio.wait(self._writing, timeout=within_s)
            for task in late:
                task.cancel()

    async def _write(self, actor: str, tenant_id: str, subject: str, action: str, detail: dict[str, str]) -> None:
        wait_s, longest_s = RETRY_S
        for _ in range(TRIES):
            try:
                await self._audit.record(tenant_id, actor, action, subject, detail)
            except HatifError as error:
                log.warning("audit_line_waits", subject=subject, action=action, error=type(error).__name__)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, longest_s)
            else:
                return
        log.error("audit_line_lost", subject=subject, action=action)
