"""The line's side of Temporal: leases on lines, and the facts that lines tell their workflows.

    facts = WorkflowFacts(client)                             LineFacts for the lines
    durable = DurableLines(client, host, facts, worker="a1")  `worker` is unique among living processes
    async with asyncio.TaskGroup() as group:
        group.create_task(durable.run())                      takes lines until it is drained
        ...
        await durable.drain()                                 on SIGTERM: no more calls, let those here end, hand back

A line belongs to its LineHost. `serve_line` only holds its lease: losing the activity, its worker or Temporal itself
never ends a line, because the workflow adopts it under a higher lease, or the workflow is over and says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import (
    CustomSlotSupplier,
    FixedSizeSlotSupplier,
    PollerBehaviorSimpleMaximum,
    SlotMarkUsedContext,
    SlotPermit,
    SlotReleaseContext,
    SlotReserveContext,
    Worker,
    WorkerTuner,
)

from domain.call import Outcome, workflow_id
from domain.errors import HatifError, LineBusy, LineLost, Refused, Unavailable
from domain.line import END_LINE, SERVE_LINE, EndLine, LineEnded, LineOpen, LineProgress, LineRequest
from domain.ports import LineHost
from workflows.call import CallWorkflow
from workflows.queues import MEDIA, media_queue
from workflows.timeouts import LINE_BEAT

DRAIN_S = 15.0
"""How long a draining worker lets calls go on."""
CUT_S = 5.0
"""From cutting the remaining calls until their workflows know: a goodbye, the last turns, one completion."""
COMMAND_SLOTS = 4
"""Short commands at a time on the own queue, besides an adoption for each line."""
MAX_FACTS = 64
"""Facts that wait for one workflow. Progress counts up, so the oldest may be dropped: the next says more."""
RETRY_S = (0.2, 5.0)
"""First and longest wait before telling a fact again; there is no last time while the workflow lives."""
REMEMBERED_ENDS = 256
"""More lines than end in one process while Temporal is away for minutes."""
RECLAIM_S = (1.0, 30.0)
"""First and longest wait before asking whether the workflow of a line without a lease is over."""

log = structlog.get_logger()


# ---------------------------------------------------------------- facts


@dataclass(slots=True)
class _Outbox:
    """One call's facts in their order, and the task that tells them while there are any."""

    waiting: deque[LineOpen | LineProgress] = field(default_factory=deque[LineOpen | LineProgress])
    telling: asyncio.Task[None] | None = None


class WorkflowFacts:
    """LineFacts by signals: one ordered queue per call, told again until the workflow has them or is over.

    A signal may arrive twice; the workflow counts it once by its lease and number of turns.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._outboxes: dict[str, _Outbox] = {}

    def progressed(self, call_id: str, fact: LineProgress) -> None:
        self._put(call_id, fact)

    def opened(self, call_id: str, line: LineOpen) -> None:
        """Ahead of any progress on that line."""
        self._put(call_id, line)

    async def flush(self, within_s: float) -> bool:
        """Wait until every fact is told; False when the time was over first."""
        tasks = [outbox.telling for outbox in self._outboxes.values() if outbox.telling]
        if not tasks:
            return True
        _, late = await asyncio.wait(tasks, timeout=within_s)
        return not late

    def _put(self, call_id: str, fact: LineOpen | LineProgress) -> None:
        outbox = self._outboxes.setdefault(call_id, _Outbox())
        if len(outbox.waiting) >= MAX_FACTS:
            oldest = next(waiting for waiting in outbox.waiting if isinstance(waiting, LineProgress))
            outbox.waiting.remove(oldest)
        outbox.waiting.append(fact)
        if outbox.telling is None:
            outbox.telling = asyncio.create_task(self._tell(call_id, outbox), name=f"facts {call_id}")

    async def _tell(self, call_id: str, outbox: _Outbox) -> None:
        try:
            while outbox.waiting:
                if not await self._told(call_id, outbox.waiting[0]):
                    outbox.waiting.clear()
                    break
                outbox.waiting.popleft()
        finally:
            del self._outboxes[call_id]

    async def _told(self, call_id: str, fact: LineOpen | LineProgress) -> bool:
        """True once the workflow has it; False when there is no workflow to tell."""
        handle = self._client.get_workflow_handle_for(CallWorkflow.run, workflow_id(call_id))
        wait_s, longest_s = RETRY_S
        while True:
            try:
                if isinstance(fact, LineOpen):
                    await handle.signal(CallWorkflow.line_open, fact)
                else:
                    await handle.signal(CallWorkflow.progressed, fact)
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


# ---------------------------------------------------------------- slots


class LineSlots(CustomSlotSupplier):
    """Polls of the shared queue, as many as there is room for calls: a full worker does not poll at all.

    A call takes a slot while it lives, not while its activity does: `unheld` counts lines here whose lease is held on
    the own queue, or by nobody for the moment.
    """

    def __init__(self, capacity: int, unheld: Callable[[], int]) -> None:
        self._capacity = capacity
        self._unheld = unheld
        self._permits = 0
        self._changed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit:
        self._loop = asyncio.get_running_loop()
        while self._permits + self._unheld() >= self._capacity:
            self._changed.clear()
            await self._changed.wait()
        self._permits += 1
        return SlotPermit()

    def try_reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit | None:
        return None

    def mark_slot_used(self, ctx: SlotMarkUsedContext) -> None:
        pass

    def release_slot(self, ctx: SlotReleaseContext) -> None:
        """Called from Temporal's threads."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._release)

    def _release(self) -> None:
        self._permits -= 1
        self.changed()

    def changed(self) -> None:
        """A line is gone: there may be room again."""
        self._changed.set()


# ---------------------------------------------------------------- leases


@dataclass(slots=True)
class _Line:
    """A line that lives in this process."""

    lease: int
    ended: asyncio.Task[LineEnded]
    held_by: int | None = None
    """The lease whose activity holds it by a permit of the shared queue."""


class DurableLines:
    """The media worker's two Temporal workers: the shared queue, where lines begin, and its own, for lines it has."""

    def __init__(
        self, client: Client, host: LineHost, facts: WorkflowFacts, *, worker: str, drain_s: float = DRAIN_S
    ) -> None:
        self.queue = media_queue(worker)
        self._client = client
        self._host = host
        self._facts = facts
        self._drain_s = drain_s
        self._lines: dict[str, _Line] = {}
        self._ended: OrderedDict[str, LineEnded] = OrderedDict()
        """How the last lines here ended, for a workflow that lost its lease and asks too late."""
        self._all_gone = asyncio.Event()
        self._all_gone.set()
        self._reclaiming: set[asyncio.Task[None]] = set()
        self._slots = LineSlots(host.slots, self._unheld)
        spare = FixedSizeSlotSupplier(1)
        self._shared = Worker(
            client,
            task_queue=MEDIA,
            activities=[self.serve_line],
            tuner=WorkerTuner.create_composite(
                workflow_supplier=FixedSizeSlotSupplier(2),
                activity_supplier=self._slots,
                local_activity_supplier=spare,
                nexus_supplier=spare,
            ),
            # A frozen process swallows one task for each poll that it has open; the workflow hedges three times.
            activity_task_poller_behavior=PollerBehaviorSimpleMaximum(maximum=1),
            max_heartbeat_throttle_interval=LINE_BEAT,
            graceful_shutdown_timeout=timedelta(seconds=drain_s + CUT_S),
        )
        self._own = Worker(
            client,
            task_queue=self.queue,
            activities=[self.serve_line, self.end_line],
            max_concurrent_activities=host.slots + COMMAND_SLOTS,
            activity_task_poller_behavior=PollerBehaviorSimpleMaximum(maximum=2),
            max_heartbeat_throttle_interval=LINE_BEAT,
            graceful_shutdown_timeout=timedelta(seconds=CUT_S),
        )

    async def run(self) -> None:
        """Take lines until `drain`. Raises when a worker fails for good, such as for a missing namespace."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._shared.run())
                group.create_task(self._own.run())
        finally:
            for task in self._reclaiming:
                task.cancel()

    async def drain(self) -> None:
        """Stop polling for calls at once, let the calls here end, cut those that don't, and tell their workflows."""
        stopping = asyncio.create_task(self._shared.shutdown())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._all_gone.wait(), self._drain_s)
        for call_id in list(self._lines):
            log.warning("call_cut", call_id=call_id)
            await self._host.end(call_id, Outcome.ENDED_BY_OPERATOR)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._all_gone.wait(), CUT_S)
        await asyncio.gather(stopping, self._own.shutdown())
        if not await self._facts.flush(CUT_S):
            log.error("facts_lost")

    @activity.defn(name=SERVE_LINE)
    async def serve_line(self, request: LineRequest) -> LineEnded:
        """Hold the lease on a line, opened or adopted, for as long as the line lives."""
        beating = asyncio.create_task(_beat())
        try:
            if request.offer is None and (ended := self._ended.get(request.call_id)):
                return ended
            line = await self._open(request)
            return await asyncio.shield(line.ended)
        except (LineBusy, LineLost) as error:
            raise _answer_no(type(error).__name__, error) from None
        except Refused as error:
            raise _answer_no(error.code, error) from None
        finally:
            beating.cancel()
            self._let_go(request)

    @activity.defn(name=END_LINE)
    async def end_line(self, command: EndLine) -> None:
        """Hang up, unless a later lease holds the line by now."""
        line = self._lines.get(command.call_id)
        if line is None or line.lease <= command.lease:
            await self._host.end(command.call_id, command.outcome)

    async def _open(self, request: LineRequest) -> _Line:
        answer = None
        if request.offer is not None:
            answer = await self._host.open(request)
            line = self._begin(request)
        elif (line := self._lines.get(request.call_id)) is None or not await self._host.adopt(request):
            raise LineLost("the line is not here")
        line.lease = request.lease
        self._facts.opened(request.call_id, LineOpen(lease=request.lease, queue=self.queue, answer=answer))
        return line

    def _begin(self, request: LineRequest) -> _Line:
        ended = asyncio.create_task(self._host.ended(request.call_id), name=f"line {request.call_id}")
        held_by = request.lease if activity.info().task_queue == MEDIA else None
        line = self._lines[request.call_id] = _Line(request.lease, ended, held_by)
        self._all_gone.clear()

        def gone(task: asyncio.Task[LineEnded]) -> None:
            if self._lines.get(request.call_id) is line:
                del self._lines[request.call_id]
            if not self._lines:
                self._all_gone.set()
            self._slots.changed()
            if not task.cancelled() and not task.exception():
                self._ended[request.call_id] = task.result()
                if len(self._ended) > REMEMBERED_ENDS:
                    self._ended.popitem(last=False)

        ended.add_done_callback(gone)
        return line

    def _let_go(self, request: LineRequest) -> None:
        """The activity is over. A line that lives on keeps its slot, and waits to be adopted or ended."""
        line = self._lines.get(request.call_id)
        if line is None or line.ended.done():
            return
        if line.held_by == request.lease:
            line.held_by = None
        if line.lease == request.lease:
            task = asyncio.create_task(self._reclaim(request.call_id, line, request.lease))
            self._reclaiming.add(task)
            task.add_done_callback(self._reclaiming.discard)

    async def _reclaim(self, call_id: str, line: _Line, lease: int) -> None:
        """End a line without a lease once its workflow is over; while Temporal can't say, the call goes on."""
        handle = self._client.get_workflow_handle(workflow_id(call_id))
        wait_s, longest_s = RECLAIM_S
        while True:
            await asyncio.wait([line.ended], timeout=wait_s)
            if line.ended.done() or line.lease != lease:
                return
            if await _is_over(handle):
                log.warning("line_without_workflow", call_id=call_id, lease=lease)
                await self._host.end(call_id, Outcome.LOST)
                return
            wait_s = min(wait_s * 2, longest_s)

    def _unheld(self) -> int:
        return sum(line.held_by is None for line in self._lines.values())


def _answer_no(code: str, error: HatifError) -> ApplicationError:
    """An answer that the workflow counts on, and nothing that an operator has to see in a log."""
    return ApplicationError(str(error), type=code, non_retryable=True, category=ApplicationErrorCategory.BENIGN)


async def _beat() -> None:
    """Says when, so that the workflow can tell a dead worker from a Temporal that was away. Never waits."""
    while True:
        activity.heartbeat(time.time())
        await asyncio.sleep(LINE_BEAT.total_seconds())


async def _is_over(handle: WorkflowHandle[Any, Any]) -> bool:
    try:
        return (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING
    except RPCError as error:
        return error.status is RPCStatusCode.NOT_FOUND
