"""What earlier releases began, this one can go on with: every recorded history is replayed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from tests.workflows.record import SCENES
from tests.workflows.record_actions import ACTION_SCENES
from tests.workflows.record_desk import DESK_SCENES
from tests.workflows.record_outbound import OUTBOUND_SCENES
from tests.workflows.record_threads import THREAD_SCENES
from workers.process.sandbox import sandboxed
from workflows.call import CallWorkflow
from workflows.callback import CallbackWorkflow
from workflows.campaigns.procedure import CampaignWorkflow
from workflows.crm_action import CrmActionWorkflow
from workflows.handoff import HandoffWorkflow
from workflows.ingest import IngestWorkflow
from workflows.outbound.procedure import OutboundCallWorkflow
from workflows.post_call import PostCallWorkflow
from workflows.thread import ThreadWorkflow

HISTORIES = sorted(Path(__file__).with_name("histories").glob("*.json"))


def test_there_are_histories() -> None:
    names = {path.stem for path in HISTORIES}
    assert {*SCENES, *DESK_SCENES, *THREAD_SCENES, *ACTION_SCENES, *OUTBOUND_SCENES, "post_call", "ingest"} <= names


@pytest.fixture(scope="module")
def failures() -> dict[str, Exception | None]:
    """Of each history, by its workflow's id. One replayer for all: to begin takes it longer than any of them."""
    workflows = [
        CallWorkflow,
        CallbackWorkflow,
        CampaignWorkflow,
        CrmActionWorkflow,
        HandoffWorkflow,
        IngestWorkflow,
        OutboundCallWorkflow,
        PostCallWorkflow,
        ThreadWorkflow,
    ]

    async def recorded() -> AsyncIterator[WorkflowHistory]:
        for path in HISTORIES:
            yield WorkflowHistory.from_json(f"call-{path.stem}", path.read_text())

    async def replayed() -> dict[str, Exception | None]:
        replayer = Replayer(workflows=workflows, data_converter=pydantic_data_converter, workflow_runner=sandboxed())
        async with replayer.workflow_replay_iterator(recorded()) as results:
            return {result.history.workflow_id: result.replay_failure async for result in results}

    return asyncio.run(replayed())


@pytest.mark.parametrize("name", [path.stem for path in HISTORIES])
def test_a_recorded_history_replays(name: str, failures: dict[str, Exception | None]) -> None:
    if (failure := failures[f"call-{name}"]) is not None:
        raise failure


def test_a_history_that_went_another_way_is_noticed() -> None:
    other = (HISTORIES[0].parent / "busy.json").read_text().replace('"serve_line"', '"dance"')
    replayer = Replayer(workflows=[CallWorkflow], data_converter=pydantic_data_converter, workflow_runner=sandboxed())
    with pytest.raises(workflow.NondeterminismError):
        asyncio.run(replayer.replay_workflow(WorkflowHistory.from_json("call-busy", other)))
