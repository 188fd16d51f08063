"""What earlier releases began, this one can go on with: every recorded history is replayed."""

from __future__ import annotations

import asyncio
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
from workflows.call import CallWorkflow
from workflows.callback import CallbackWorkflow
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


@pytest.mark.parametrize("recorded", HISTORIES, ids=lambda path: path.stem)
def test_a_recorded_history_replays(recorded: Path) -> None:
    workflows = [
        CallWorkflow,
        CallbackWorkflow,
        CrmActionWorkflow,
        HandoffWorkflow,
        IngestWorkflow,
        OutboundCallWorkflow,
        PostCallWorkflow,
        ThreadWorkflow,
    ]
    replayer = Replayer(workflows=workflows, data_converter=pydantic_data_converter)
    history = WorkflowHistory.from_json(f"call-{recorded.stem}", recorded.read_text())
    asyncio.run(replayer.replay_workflow(history))


def test_a_history_that_went_another_way_is_noticed() -> None:
    other = (HISTORIES[0].parent / "busy.json").read_text().replace('"serve_line"', '"dance"')
    replayer = Replayer(workflows=[CallWorkflow], data_converter=pydantic_data_converter)
    with pytest.raises(workflow.NondeterminismError):
        asyncio.run(replayer.replay_workflow(WorkflowHistory.from_json("call-busy", other)))
