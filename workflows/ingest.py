"""One document's way into the index, and out of it again.

    workflow  IngestWorkflow(DocumentWish), id `ingest-<document id>`, task queue INGEST
    signal    want(DocumentWish)              any time later: another revision, or that it be removed

What is wanted last is done last, one wish after the other: a new revision or a removal stops the work on the one
before at its next step. A step that a crash cut short begins again; chunks go by their content, so none is doubled.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.types import MethodAsyncSingleParam

from activities.knowledge import Batch, CutUp, DocumentWish, KnowledgeActivities, Problem
from domain.knowledge.problems import INDEX_FAILED
from workflows import timeouts

BATCH = 16
"""Chunks in one step: two seconds of one idle core, after which somebody else's document may have its turn."""
PASSES = 2
"""Over all batches: an index that lost some of its points in between gets them again once."""

P = TypeVar("P")
T = TypeVar("T")


class _Outdated(Exception):
    """Something else is wanted by now."""


@workflow.defn
class IngestWorkflow:
    @workflow.init
    def __init__(self, wish: DocumentWish) -> None:
        self._wanted = wish

    @workflow.run
    async def run(self, wish: DocumentWish) -> None:
        done: DocumentWish | None = None
        while done != self._wanted:
            done = self._wanted
            try:
                await (self._remove(done) if done.remove else self._ingest(done))
            except _Outdated:
                continue

    @workflow.signal
    def want(self, wish: DocumentWish) -> None:
        if (wish.revision, wish.remove) > (self._wanted.revision, self._wanted.remove):
            self._wanted = wish

    async def _ingest(self, wish: DocumentWish) -> None:
        self._show("reading")
        try:
            cut = await self._step(wish, KnowledgeActivities.cut_up, wish, timeouts.READ_ATTEMPT)
            problem = cut.problem or await self._index(wish, cut)
        except ActivityError:
            problem = INDEX_FAILED
        if problem is not None:
            self._show(f"failed: {problem}")
            await self._step(wish, KnowledgeActivities.note_problem, Problem(wish=wish, code=problem))

    async def _index(self, wish: DocumentWish, cut: CutUp) -> str | None:
        for _ in range(PASSES):
            for first in range(0, cut.chunks, BATCH):
                self._show(f"indexing, {first} of {cut.chunks}")
                batch = Batch(wish=wish, first=first, count=BATCH)
                await self._step(wish, KnowledgeActivities.index_batch, batch, timeouts.INDEX_ATTEMPT)
            if await self._step(wish, KnowledgeActivities.settle, wish):
                self._show("ready")
                return None
        return INDEX_FAILED

    async def _remove(self, wish: DocumentWish) -> None:
        self._show("removing")
        await self._step(wish, KnowledgeActivities.remove, wish)

    async def _step(
        self,
        wish: DocumentWish,
        method: MethodAsyncSingleParam[KnowledgeActivities, P, T],
        argument: P,
        attempt: timedelta = timeouts.RECORD_ATTEMPT,
    ) -> T:
        """Raises _Outdated where the document was replaced or removed, ActivityError after six hours of tries."""
        if self._wanted != wish:
            raise _Outdated
        beats = attempt is not timeouts.RECORD_ATTEMPT
        try:
            return await workflow.execute_activity_method(
                method,
                argument,
                start_to_close_timeout=attempt,
                heartbeat_timeout=timeouts.INGEST_HEARTBEAT if beats else None,
                schedule_to_close_timeout=timeouts.INGEST_STEP,
                retry_policy=timeouts.INGEST_TRIES,
            )
        except ActivityError as failed:
            if isinstance(failed.cause, ApplicationError) and failed.cause.type in {"NotFound", "Rejected"}:
                raise _Outdated from failed
            raise

    def _show(self, state: str) -> None:
        workflow.set_current_details(state)
