"""After a call: summary, disposition and figures, with the model, without it, and with turns that come late."""

from __future__ import annotations

import sysconfig
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from temporalio.client import WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.afterwards import AfterwardsActivities
from activities.analysis import AnalysisActivities, EndedCall
from activities.message import MessageActivities
from domain.call import Outcome
from domain.errors import EngineSlow
from domain.line import CallStart, LineProgress
from domain.media.recording import RecordingLeg
from domain.post_call import VOICE_MESSAGE, Disposition
from domain.speech import Language, Speaker, Transcript, Turn, TurnKind
from storage.actions import PostgresActions
from storage.audit import PostgresAudit
from storage.campaigns.campaigns import PostgresCampaigns
from storage.desk.callbacks import PostgresCallbacks
from storage.recordings.reader import SealedRecordings
from storage.recordings.rows import PostgresRecordings
from storage.recordings.writer import RecordingWriter
from tests.workflows.far_side import House
from tests.workflows.quiet_lines import OFFER
from workers.call_meter import PrometheusMeter
from workers.process.sandbox import sandboxed
from workers.vendors.crm import ConnectedCrms
from workflows.post_call import PostCallStart, PostCallWorkflow
from workflows.queues import ANALYSIS, DURABLE, HEARING, post_call_workflow_id

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


def afterwards_over(house: House) -> AfterwardsActivities:
    database, keys = house.database, house.keys
    return AfterwardsActivities(
        house.store,
        PostgresActions(database, keys),
        PostgresCallbacks(database, keys),
        ConnectedCrms(database, keys).wanted,
        PostgresCampaigns(database, keys),
        PostgresAudit(database, keys),
    )


async def test_turns_that_never_come_do_not_hold_up_the_summary(house: House) -> None:
    """Ten minutes of waiting, skipped."""
    start = await house.a_call()
    await house.store.record_turn(start.tenant_id, start.call_id, ASKED)
    analysis = AnalysisActivities(house.store, house.model, PrometheusMeter(CollectorRegistry()))
    afterwards = afterwards_over(house)
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(TEST_SERVER), data_converter=pydantic_data_converter
    ) as skipping:
        procedures = Worker(
            skipping.client,
            task_queue=DURABLE,
            workflows=[PostCallWorkflow],
            workflow_runner=sandboxed(),
            activities=[
                analysis.turns_are_stored,
                analysis.summarise_by_rule,
                analysis.measure,
                afterwards.heed_opt_out,
                afterwards.due,
            ],
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


async def test_a_voice_message_becomes_words_once_the_recogniser_is_back(house: House, tmp_path: Path) -> None:
    start = await house.a_call()
    message = replace(ASKED, seq=3, text="(voice message)", started_ms=5_000, ended_ms=7_000, intent=VOICE_MESSAGE)
    later = replace(ANSWERED, seq=4, text="Thank you.", intent=None)
    for turn in (ASKED, ANSWERED, message, later):
        await house.store.record_turn(start.tenant_id, start.call_id, turn)
    rows = PostgresRecordings(house.database)
    tapes = RecordingWriter(rows, house.keys, tmp_path)
    tapes.start()
    tape = await tapes.open(start.tenant_id, start.call_id, 1, 0.0)
    assert tape is not None
    for second in range(10):
        tape.write(RecordingLeg.CALLER, second * 1000, bytes([second]) * 32_000)
    tape.close()
    await tapes.close()
    ears = _RecoveringEars()
    afterwards = afterwards_over(house)
    words = MessageActivities(house.store, SealedRecordings(rows, house.keys, tmp_path), ears)
    analysis = AnalysisActivities(house.store, house.model, PrometheusMeter(CollectorRegistry()))
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(TEST_SERVER), data_converter=pydantic_data_converter
    ) as skipping:
        procedures = Worker(
            skipping.client,
            task_queue=DURABLE,
            workflows=[PostCallWorkflow],
            workflow_runner=sandboxed(),
            activities=[analysis.turns_are_stored, analysis.measure, afterwards.heed_opt_out, afterwards.due],
        )
        summaries = Worker(skipping.client, task_queue=ANALYSIS, activities=[analysis.summarise])
        hearing = Worker(skipping.client, task_queue=HEARING, activities=[words.transcribe_message])
        async with procedures, summaries, hearing:
            disposition = await skipping.client.execute_workflow(
                PostCallWorkflow.run, _start(start, turns=4), id="post-call-message", task_queue=DURABLE
            )
    assert disposition == Disposition.CALLBACK_NEEDED
    assert ears.asked == 3
    assert ears.heard == bytes([5]) * 32_000 + bytes([6]) * 32_000
    spoken = [turn for turn in await house.store.turns(start.tenant_id, start.call_id) if turn.text == "call me"]
    assert [(turn.seq, turn.started_ms, turn.speaker) for turn in spoken] == [(5, 5_000, Speaker.CALLER)]
    assert "caller: call me" in house.model.read[-1]
    call = EndedCall(tenant_id=start.tenant_id, call_id=start.call_id, outcome=Outcome.CALLER_HUNG_UP, expected_turns=4)
    await words.transcribe_message(call)
    assert ears.asked == 3, "it has its words already"


class _RecoveringEars:
    """A Recogniser that is away twice."""

    def __init__(self) -> None:
        self.asked = 0
        self.heard = b""

    async def transcribe(self, pcm: bytes, *, language: Language | None = None) -> Transcript:
        self.asked += 1
        if self.asked <= 2:
            raise EngineSlow("asr", "too much work is waiting")
        self.heard = pcm
        return Transcript(text="call me", language=Language.EN, language_confidence=1.0, confidence=1.0)


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
