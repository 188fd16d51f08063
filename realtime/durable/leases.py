"""A media worker's two Temporal workers: the shared queue, where lines begin, and its own, for the lines it has."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol, TypeVar
from weakref import WeakValueDictionary

import structlog
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import FixedSizeSlotSupplier, PollerBehaviorSimpleMaximum, Worker, WorkerTuner

from domain.bridging import LinePhases
from domain.call import Outcome, workflow_id
from domain.errors import HatifError, LineBusy, LineLost, Refused
from domain.line import (
    END_LINE,
    GUIDE_AGENT,
    JOIN_LINE,
    LEAVE_LINE,
    SERVE_LINE,
    SET_PARTY_MODE,
    SET_PHASE,
    EndLine,
    GuideAgent,
    JoinLine,
    LeaveLine,
    LineEnded,
    LineOpen,
    LineRequest,
    SessionDescription,
    SetPartyMode,
    SetPhase,
)
from domain.ports import LineHost
from realtime.durable.facts import WorkflowFacts
from realtime.durable.slots import LineSlots
from workflows.queues import MEDIA, media_queue
from workflows.timeouts import LINE_BEAT

DRAIN_S = 15.0
"""How long a draining worker lets calls go on."""
MOVE_S = 10.0
"""Before the end of draining, callers are asked to connect to another worker: it takes them a second, and a busy
installation some tries."""
CUT_S = 5.0
"""From cutting the remaining calls until their workflows know: a goodbye, the last turns, one completion."""
COMMAND_SLOTS = 4
"""Short commands at a time on the own queue, besides an adoption for each line."""
REMEMBERED_ENDS = 256
"""More lines than end in one process while Temporal is away for minutes."""
RECLAIM_S = (1.0, 30.0)
"""First and longest wait before asking whether the workflow of a line without a lease is over."""

log = structlog.get_logger()
T = TypeVar("T")


class Host(LineHost, LinePhases, Protocol):
    """The registry of living calls, with all that is commanded of it."""


@dataclass(slots=True)
class _Line:
    """A line that lives in this process."""

    lease: int
    ended: asyncio.Task[LineEnded]
    offer: SessionDescription
    answer: SessionDescription
    held_by: int | None = None
    """The lease whose activity holds it by a permit of the shared queue."""


class DurableLines:
    """`run` it beside the lines, then `drain` it."""

    def __init__(
        self, client: Client, host: Host, facts: WorkflowFacts, *, worker: str, drain_s: float = DRAIN_S
    ) -> None:
        self.queue = media_queue(worker)
        self._client = client
        self._host = host
        self._facts = facts
        self._drain_s = drain_s
        self._draining = False
        self._lines: dict[str, _Line] = {}
        self._opening: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """By call, while an attempt at its line is being made."""
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
            activities=[
                self.serve_line,
                self.end_line,
                self.set_phase,
                self.join_line,
                self.leave_line,
                self.set_party_mode,
                self.guide_agent,
            ],
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
        """Open no more lines, let the calls here end or move, and let go of those that don't.

        Those are lost here, and not over: their callers connect to the next worker that has room.
        """
        self._draining = True
        stopping = asyncio.create_task(self._shared.shutdown())
        ends_at = asyncio.get_running_loop().time() + self._drain_s
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(ends_at - MOVE_S):
                await self._all_gone.wait()
        self._host.move()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(ends_at):
                await self._all_gone.wait()
        for call_id in list(self._lines):
            log.warning("call_cut", call_id=call_id)
            await self._host.end(call_id, Outcome.LOST)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._all_gone.wait(), CUT_S)
        await asyncio.gather(stopping, self._own.shutdown())
        if not await self._facts.flush(CUT_S):
            log.error("facts_lost")

    @activity.defn(name=SERVE_LINE)
    async def serve_line(self, request: LineRequest) -> LineEnded:
        """Hold the lease on a line, opened or adopted, for as long as the line lives."""
        beating = asyncio.create_task(beat())
        try:
            if request.offer is None and (ended := self._ended.get(request.call_id)):
                return ended
            return await answered(self._hold(request))
        finally:
            beating.cancel()
            self._let_go(request)

    @activity.defn(name=END_LINE)
    async def end_line(self, command: EndLine) -> None:
        """Hang up, unless a later lease holds the line by now."""
        line = self._lines.get(command.call_id)
        if line is None or line.lease <= command.lease:
            await self._host.end(command.call_id, command.outcome)

    @activity.defn(name=SET_PHASE)
    async def set_phase(self, command: SetPhase) -> None:
        await answered(self._host.set_phase(command))

    @activity.defn(name=JOIN_LINE)
    async def join_line(self, command: JoinLine) -> SessionDescription:
        return await answered(self._host.join(command))

    @activity.defn(name=LEAVE_LINE)
    async def leave_line(self, command: LeaveLine) -> None:
        await answered(self._host.leave(command))

    @activity.defn(name=SET_PARTY_MODE)
    async def set_party_mode(self, command: SetPartyMode) -> None:
        await answered(self._host.set_party_mode(command))

    @activity.defn(name=GUIDE_AGENT)
    async def guide_agent(self, command: GuideAgent) -> None:
        await answered(self._host.guide_agent(command))

    async def _hold(self, request: LineRequest) -> LineEnded:
        line = await self._open(request)
        return await asyncio.shield(line.ended)

    async def _open(self, request: LineRequest) -> _Line:
        """One attempt at a time: a worker that is slow has the next attempt at the same offer in its hands, too.

        That one gets the line which the first has opened; a second line would close it, and nobody would connect to it.
        """
        async with self._opening.setdefault(request.call_id, asyncio.Lock()):
            line = self._lines.get(request.call_id)
            if line and request.offer in (None, line.offer):
                if not await self._host.adopt(request):
                    raise LineLost("a higher lease holds the line")
            elif request.offer:
                line = await self._open_anew(request, request.offer)
            else:
                raise LineLost("the line is not here")
        line.lease = request.lease
        answer = line.answer if request.offer else None
        self._facts.opened(request.call_id, LineOpen(lease=request.lease, queue=self.queue, answer=answer))
        return line

    async def _open_anew(self, request: LineRequest, offer: SessionDescription) -> _Line:
        if self._draining:
            raise LineBusy("this worker is going away")
        answer = await self._host.open(request)
        return self._begin(request, offer, answer)

    def _begin(self, request: LineRequest, offer: SessionDescription, answer: SessionDescription) -> _Line:
        ended = asyncio.create_task(self._host.ended(request.call_id), name=f"line {request.call_id}")
        held_by = request.lease if activity.info().task_queue == MEDIA else None
        line = self._lines[request.call_id] = _Line(request.lease, ended, offer, answer, held_by)
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
        """Let go of a line without a lease once its call goes on elsewhere, and end it once its workflow is over.

        While nobody can say either, the call goes on.
        """
        handle = self._client.get_workflow_handle(workflow_id(call_id))
        wait_s, longest_s = RECLAIM_S
        while True:
            await asyncio.wait([line.ended], timeout=wait_s)
            await self._host.release(call_id)
            if line.ended.done() or line.lease != lease:
                return
            if await _is_over(handle):
                log.warning("line_without_workflow", call_id=call_id, lease=lease)
                await self._host.end(call_id, Outcome.LOST)
                return
            wait_s = min(wait_s * 2, longest_s)

    def _unheld(self) -> int:
        return sum(line.held_by is None for line in self._lines.values())


async def answered(work: Awaitable[T]) -> T:
    """Errors of a line as answers: ApplicationErrors of type LineBusy, LineLost, or the code of a refusal."""
    try:
        return await work
    except (LineBusy, LineLost) as error:
        raise _answer_no(type(error).__name__, error) from None
    except Refused as error:
        raise _answer_no(error.code, error) from None


def _answer_no(code: str, error: HatifError) -> ApplicationError:
    """An answer that the workflow counts on, and nothing that an operator has to see in a log."""
    return ApplicationError(str(error), type=code, non_retryable=True, category=ApplicationErrorCategory.BENIGN)


async def beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(LINE_BEAT.total_seconds())


async def _is_over(handle: WorkflowHandle[Any, Any]) -> bool:
    try:
        return (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING
    except RPCError as error:
        return error.status is RPCStatusCode.NOT_FOUND
