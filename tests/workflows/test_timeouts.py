"""Long waits of the call's procedure, skipped."""

from __future__ import annotations

import asyncio
import contextlib
import sysconfig
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from temporalio import activity
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.live_call import CallEnding
from domain.call import CallState, Channel, Outcome, workflow_id
from domain.line import CallStart
from realtime.durable import DurableLines, WorkflowFacts
from tests.workflows.far_side import SCRIPTED, House, until_shown
from tests.workflows.quiet_lines import OFFER, QuietLines
from workers.call_meter import PrometheusMeter
from workers.durable import durable_workers, steps_over
from workers.vendors.crm import ConnectedCrms
from workflows import timeouts
from workflows.call import CallWorkflow
from workflows.calls import Calls
from workflows.codec import EncryptionCodec
from workflows.queues import DURABLE, callback_workflow_id, post_call_workflow_id
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


async def test_a_caller_who_does_not_come_back_is_lost_and_promised_a_callback(house: House) -> None:
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(TEST_SERVER), data_converter=pydantic_data_converter
    ) as skipping:
        await register(skipping.client)
        lines = QuietLines(store=house.store, worker="a")
        durable = DurableLines(skipping.client, lines, WorkflowFacts(skipping.client), worker="a", drain_s=0)
        running = asyncio.create_task(durable.run())
        async with contextlib.AsyncExitStack() as workers:
            crms = ConnectedCrms(house.database, house.keys)
            workers.push_async_callback(crms.close)
            steps = steps_over(
                skipping.client, house.database, house.keys, house.model, PrometheusMeter(CollectorRegistry()), crms
            )
            for worker in durable_workers(skipping.client, steps, SCRIPTED):
                await workers.enter_async_context(worker)
            start = await house.a_call()
            gateway = Calls(skipping.client, EncryptionCodec(house.keys))
            await gateway.connect(start, OFFER)
            call = skipping.client.get_workflow_handle_for(CallWorkflow.run, workflow_id(start.call_id))
            lines.drop(start.call_id)
            await until_shown(call, "adrift")
            await skipping.sleep(timeouts.CALLER_RETURNS)

            assert await call.result() is Outcome.LOST

            described = await call.describe()
            callback = skipping.client.get_workflow_handle(callback_workflow_id(start.call_id, 0))
            assert await callback.result() == "lost 0"
            await skipping.client.get_workflow_handle(post_call_workflow_id(start.call_id)).result()
            await durable.drain()
            await running
    assert described.close_time is not None
    waited = described.close_time - described.start_time
    assert timeouts.CALLER_RETURNS <= waited < timeouts.CALLER_RETURNS + timedelta(seconds=10)
    row = await house.store.call(start.tenant_id, start.call_id)
    assert row is not None
    assert (row.state, row.outcome) == (CallState.ENDED, Outcome.LOST)


def test_a_lost_line_is_known_within_five_seconds() -> None:
    """The bar is 5 s from the worker's death; a second is left for the server's timers and the record."""
    assert timedelta(seconds=4) >= timeouts.LINE_HEARTBEAT + timeouts.LINE_ADOPTION
    assert timeouts.LINE_BEAT * 3 < timeouts.LINE_HEARTBEAT
