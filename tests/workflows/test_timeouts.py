"""Long waits of the call's procedure, skipped."""

from __future__ import annotations

import sysconfig
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import activity
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.live_call import CallEnding
from domain.call import Channel, Outcome
from domain.line import CallStart
from workflows import timeouts
from workflows.call import CallWorkflow
from workflows.queues import DURABLE
from workflows.search_attributes import register

pytestmark = pytest.mark.servers

TEST_SERVER = Path(sysconfig.get_path("scripts")) / "temporal-test-server"


async def test_a_call_that_nobody_connects_is_lost() -> None:
    ended: list[CallEnding] = []

    @activity.defn
    async def end_call(ending: CallEnding) -> None:
        ended.append(ending)

    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(TEST_SERVER), data_converter=pydantic_data_converter
    ) as skipping:
        await register(skipping.client)
        async with Worker(skipping.client, task_queue=DURABLE, workflows=[CallWorkflow], activities=[end_call]):
            call = await skipping.client.start_workflow(
                CallWorkflow.run,
                CallStart(call_id="c-1", tenant_id="t-1", channel=Channel.WEB),
                id="call-c-1",
                task_queue=DURABLE,
            )
            outcome = await call.result()
            described = await call.describe()

    assert outcome is Outcome.LOST
    assert ended == [CallEnding(tenant_id="t-1", call_id="c-1", outcome=Outcome.LOST)]
    assert described.close_time is not None
    waited = described.close_time - described.start_time
    assert timeouts.NOBODY_CONNECTED <= waited < timeouts.NOBODY_CONNECTED + timedelta(seconds=5)


def test_a_lost_line_is_certain_within_five_seconds() -> None:
    """The bar is 5 s from the worker's death; a second is left for the server's timers and the record."""
    assert timedelta(seconds=4) >= timeouts.LINE_HEARTBEAT + timeouts.LINE_ADOPTION
    assert timeouts.LINE_BEAT * 3 < timeouts.LINE_HEARTBEAT
