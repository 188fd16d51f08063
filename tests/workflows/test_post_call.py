"""After a call: summary, disposition and figures, with the model, without it, and with turns that come late."""

from __future__ import annotations

import sysconfig
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from temporalio.client import WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.afterwards import AfterwardsActivities
from activities.analysis import AnalysisActivities
from domain.call import Outcome
from domain.line import CallStart, LineProgress
from domain.post_call import Disposition
from domain.speech import Language, Speaker, Turn, TurnKind
from storage.actions import PostgresActions
from storage.desk.callbacks import PostgresCallbacks
from tests.workflows.far_side import House
from tests.workflows.quiet_lines import OFFER
from workers.call_meter import PrometheusMeter
from workers.vendors.crm import ConnectedCrms
from workflows.post_call import PostCallStart, PostCallWorkflow
from workflows.queues import ANALYSIS, DURABLE, post_call_workflow_id

pytestmark = pytest.mark.servers

TEST_SERVER = Path(sysconfig.get_path("scripts")) / "temporal-test-server"

ASKED = Turn(seq=1, speaker=Speaker.CALLER, text="When do you open?", language=Language.EN, started_ms=0, ended_ms=900)
ANSWERED = Turn(
    seq=2,
    speaker=Speaker.AGENT,
    text="At nine.",
    language=Language.EN,
    started_ms=2100,
    ended_ms=2900,
    kind=TurnKind.ANSWER,
    intent="opening_hours",
)


async def test_a_call_is_summed_up_by_the_model_once_its_turns_are_there(house: House) -> None:
    media = await house.media("a")
    start = await house.a_call()
    await (await house.gateway()).connect(start, OFFER)
    media.facts.progressed(start.call_id, LineProgress(lease=1, turns=2, language=Language.EN))
    await house.store.record_turn(start.tenant_id, start.call_id, ASKED)
    assert await media.facts.flush(5)
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)
    await (await house.workflow(start)).result()
    post_call = await _post_call(house, start)

    # The last turn arrives when the call is long over.
    await house.store.record_turn(start.tenant_id, start.call_id, ANSWERED)

    assert await post_call.result() == Disposition.RESOLVED
    row = await house.store.call(start.tenant_id, start.call_id)
    assert row is not None
    assert (row.summary, row.disposition) == ("Asked about the opening hours.", "resolved")
    assert house.model.read == ["caller: When do you open?\nagent: At nine."]
    labels = {"tenant": start.tenant_id, "outcome": "caller_hung_up", "disposition": "resolved"}
    assert house.metrics.get_sample_value("hatif_calls_total", labels) == 1
    assert house.metrics.get_sample_value("hatif_call_reply_seconds_sum", {"tenant": start.tenant_id}) == 1.2


async def test_without_the_model_the_summary_is_made_by_rule(house: House) -> None:
    house.model.fails = True
    start = await house.a_call()
    for turn in (ASKED, ANSWERED):
        await house.store.record_turn(start.tenant_id, start.call_id, turn)

    assert await _sum_up(house, start) == Disposition.RESOLVED

    row = await house.store.call(start.tenant_id, start.call_id)
    assert row is not None
    assert row.summary == "1 requests, 1 answers, about opening_hours; caller hung up."
    assert len(house.model.read) == 2


async def test_a_caller_who_said_nothing_needs_no_model(house: House) -> None:
    start = await house.a_call()
    assert await _sum_up(house, start) == Disposition.NO_REQUEST
    assert house.model.read == []


async def test_turns_that_never_come_do_not_hold_up_the_summary(house: House) -> None:
    """Ten minutes of waiting, skipped."""
    start = await house.a_call()
    await house.store.record_turn(start.tenant_id, start.call_id, ASKED)
    analysis = AnalysisActivities(house.store, house.model, PrometheusMeter(CollectorRegistry()))
    actions, contacts = PostgresActions(house.database, house.keys), PostgresCallbacks(house.database, house.keys)
    afterwards = AfterwardsActivities(house.store, actions, contacts, ConnectedCrms(house.database, house.keys).wanted)
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(TEST_SERVER), data_converter=pydantic_data_converter
    ) as skipping:
        procedures = Worker(
            skipping.client,
            task_queue=DURABLE,
            workflows=[PostCallWorkflow],
            activities=[analysis.turns_are_stored, analysis.summarise_by_rule, analysis.measure, afterwards.due],
        )
        summaries = Worker(skipping.client, task_queue=ANALYSIS, activities=[analysis.summarise])
        async with procedures, summaries:
            began = await skipping.get_current_time()
            disposition = await skipping.client.execute_workflow(
                PostCallWorkflow.run, _start(start, turns=7), id="post-call-late", task_queue=DURABLE
            )
            assert await skipping.get_current_time() - began > timedelta(minutes=5)
    assert disposition == Disposition.UNRESOLVED, "no answer to the question was stored"
    row = await house.store.call(start.tenant_id, start.call_id)
    assert row is not None
    assert row.summary == "Asked about the opening hours."


async def _sum_up(house: House, start: CallStart) -> str:
    client, codec = await house.connect()
    codec.know(start.tenant_id, start.call_id)
    return await client.execute_workflow(
        PostCallWorkflow.run, _start(start, turns=0), id=post_call_workflow_id(start.call_id), task_queue=DURABLE
    )


def _start(start: CallStart, turns: int) -> PostCallStart:
    return PostCallStart(tenant_id=start.tenant_id, call_id=start.call_id, outcome=Outcome.CALLER_HUNG_UP, turns=turns)


async def _post_call(house: House, start: CallStart) -> WorkflowHandle[PostCallWorkflow, str]:
    client, _ = await house.connect()
    return client.get_workflow_handle_for(PostCallWorkflow.run, post_call_workflow_id(start.call_id))
