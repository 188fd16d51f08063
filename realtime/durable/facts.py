"""What lines tell their workflows: one ordered queue per call, told by signals until the workflow has it or is over."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

import structlog
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.call import workflow_id
from domain.errors import HatifError, Unavailable
from domain.line import (
    HandoffRequested,
    HeldChoiceMade,
    LineFact,
    LineOpen,
    LineProgress,
    PartyJoined,
    PartyLeft,
    PhoneMissed,
)
from workflows.call import CallWorkflow

MAX_FACTS = 64
"""Facts that wait for one workflow. Progress counts up, so beyond this the oldest is dropped: the next says more.
The other facts come a few in a call, and none of them is ever dropped."""
RETRY_S = (0.2, 5.0)
"""First and longest wait before telling a fact again; there is no last time while the workflow lives."""

log = structlog.get_logger()

_Fact = LineOpen | LineProgress | LineFact


@dataclass(slots=True)
class _Outbox:
    """One call's facts in their order, and the task that tells them while there are any."""

    waiting: deque[_Fact] = field(default_factory=deque[_Fact])
    telling: asyncio.Task[None] | None = None

    def put(self, fact: _Fact) -> None:
        if len(self.waiting) >= MAX_FACTS:
            # The first is being told, whatever becomes of it here.
            oldest = next((f for f in list(self.waiting)[1:] if isinstance(f, LineProgress)), None)
            if oldest is not None:
                self.waiting.remove(oldest)
        self.waiting.append(fact)


class WorkflowFacts:
    """LineFacts and LineFactTeller by signals.

    A signal may arrive twice; the workflow counts it once by what is in it: lease, seq, number of turns or of a phase.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._outboxes: dict[str, _Outbox] = {}

    def progressed(self, call_id: str, fact: LineProgress) -> None:
        self._put(call_id, fact)

    def told(self, call_id: str, fact: LineFact) -> None:
        self._put(call_id, fact)

    def opened(self, call_id: str, line: LineOpen) -> None:
        """Ahead of anything that happens on that line."""
        self._put(call_id, line)

    async def flush(self, within_s: float) -> bool:
        """Wait until every fact is told; False when the time was over first."""
        tasks = [outbox.telling for outbox in self._outboxes.values() if outbox.telling]
        if not tasks:
            return True
        _, late = await asyncio.wait(tasks, timeout=within_s)
        return not late

    def _put(self, call_id: str, fact: _Fact) -> None:
        outbox = self._outboxes.setdefault(call_id, _Outbox())
        outbox.put(fact)
        if outbox.telling is None:
            outbox.telling = asyncio.create_task(self._tell(call_id, outbox), name=f"facts {call_id}")

    async def _tell(self, call_id: str, outbox: _Outbox) -> None:
        try:
            while outbox.waiting:
                if not await self._signalled(call_id, outbox.waiting[0]):
                    outbox.waiting.clear()
                    break
                outbox.waiting.popleft()
        finally:
            del self._outboxes[call_id]

    async def _signalled(self, call_id: str, fact: _Fact) -> bool:
        """True once the workflow has it; False when there is no workflow to tell."""
        handle = self._client.get_workflow_handle(workflow_id(call_id))
        wait_s, longest_s = RETRY_S
        while True:
            try:
                await handle.signal(_signal(fact), fact)
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return False
                log.warning("fact_waits", call_id=call_id, reason=error.status.name)
            except Unavailable as error:
                log.warning("fact_waits", call_id=call_id, reason=error.system)
            except HatifError as error:
                log.error("fact_dropped", call_id=call_id, reason=type(error).__name__)
                return False
            else:
                return True
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, longest_s)


def _signal(fact: _Fact) -> str:
    """The name of the signal of CallWorkflow that takes such a fact."""
    match fact:
        case LineOpen():
            return CallWorkflow.line_open.__name__
        case LineProgress():
            return CallWorkflow.progressed.__name__
        case HandoffRequested():
            return CallWorkflow.handoff_requested.__name__
        case HeldChoiceMade():
            return CallWorkflow.choice_made.__name__
        case PartyJoined():
            return CallWorkflow.party_joined.__name__
        case PartyLeft():
            return CallWorkflow.party_left.__name__
        case PhoneMissed():
            return CallWorkflow.phone_missed.__name__
