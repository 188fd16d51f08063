"""A call that only remembers what its handoff tells it."""

from __future__ import annotations

from temporalio import workflow

from domain.handoff import HandoffEnded, HandoffStart, PhaseWanted
from workflows.handoff import HandoffWorkflow
from workflows.queues import DURABLE, handoff_workflow_id


@workflow.defn(name="CallWorkflow")
class ListeningCall:
    def __init__(self) -> None:
        self._told: list[PhaseWanted] = []
        self._ended: list[HandoffEnded] = []
        self._over = False

    @workflow.run
    async def run(self, start: HandoffStart | None) -> None:
        if start is not None:
            await workflow.start_child_workflow(
                HandoffWorkflow.run,
                start,
                id=handoff_workflow_id(start.call_id, start.number),
                task_queue=DURABLE,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            )
        await workflow.wait_condition(lambda: self._over)

    @workflow.signal
    def phase_wanted(self, wanted: PhaseWanted) -> None:
        self._told.append(wanted)

    @workflow.signal
    def handoff_ended(self, ended: HandoffEnded) -> None:
        self._ended.append(ended)

    @workflow.signal
    def hang_up(self) -> None:
        self._over = True

    @workflow.query
    def told(self) -> list[PhaseWanted]:
        return self._told

    @workflow.query
    def ended(self) -> list[HandoffEnded]:
        return self._ended
