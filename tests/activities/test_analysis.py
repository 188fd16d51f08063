"""The activities after a call, over a real store."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
from prometheus_client import CollectorRegistry
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.analysis import PROMPT_CHARS, AnalysisActivities, EndedCall, MeasuredCall
from domain.call import Outcome
from domain.errors import EngineFailed
from domain.speech import Language, Speaker, Turn, TurnKind
from storage.calls import PostgresCalls
from storage.keys import PostgresKeyRing
from storage.session import Database
from tests.conftest import DatabaseUrls
from tests.workflows.far_side import WrittenModel, a_tenant
from workers.call_meter import PrometheusMeter

pytestmark = pytest.mark.servers

ASKED = Turn(seq=1, speaker=Speaker.CALLER, text="When?", language=Language.EN, started_ms=0, ended_ms=900)
ANSWERED = replace(ASKED, seq=2, speaker=Speaker.AGENT, text="At nine.", started_ms=1400, kind=TurnKind.ANSWER)


@dataclass
class Desk:
    activities: AnalysisActivities
    store: PostgresCalls
    model: WrittenModel
    metrics: CollectorRegistry
    call: EndedCall


@pytest.fixture
async def desk(database: DatabaseUrls) -> AsyncIterator[Desk]:
    opened = Database(database.app)
    keys = PostgresKeyRing(opened, os.urandom(32))
    store, model, metrics = PostgresCalls(opened, keys), WrittenModel(), CollectorRegistry()
    call = EndedCall(
        tenant_id=await a_tenant(opened, keys),
        call_id=uuid.uuid4().hex,
        outcome=Outcome.CALLER_HUNG_UP,
        expected_turns=2,
    )
    await store.create_call(call.tenant_id, call.call_id, "web", None)
    yield Desk(AnalysisActivities(store, model, PrometheusMeter(metrics)), store, model, metrics, call)
    await opened.close()


@pytest.mark.parametrize(
    "written",
    [
        "",
        "nonsense",
        "[]",
        '{"summary": " "}',
        '{"words": "delighted"}',
    ],
)
async def test_what_the_model_may_not_write_fails_without_being_repeated(desk: Desk, written: str) -> None:
    await desk.store.record_turn(desk.call.tenant_id, desk.call.call_id, ASKED)
    desk.model.answer = written
    with pytest.raises(EngineFailed) as failed:
        await ActivityEnvironment().run(desk.activities.summarise, desk.call)
    assert "delighted" not in str(failed.value)
    row = await desk.store.call(desk.call.tenant_id, desk.call.call_id)
    assert row is not None
    assert row.summary is None


async def test_a_long_call_is_cut_to_its_last_part(desk: Desk) -> None:
    for seq in range(1, 5):
        turn = replace(ASKED, seq=seq, text=f"{seq}" * PROMPT_CHARS)
        await desk.store.record_turn(desk.call.tenant_id, desk.call.call_id, turn)
    await ActivityEnvironment().run(desk.activities.summarise, desk.call)
    assert desk.model.read == ["4" * PROMPT_CHARS]


async def test_missing_turns_are_asked_for_again(desk: Desk) -> None:
    await desk.store.record_turn(desk.call.tenant_id, desk.call.call_id, ASKED)
    with pytest.raises(ApplicationError) as missing:
        await ActivityEnvironment().run(desk.activities.turns_are_stored, desk.call)
    assert not missing.value.non_retryable
    await desk.store.record_turn(desk.call.tenant_id, desk.call.call_id, ANSWERED)
    await ActivityEnvironment().run(desk.activities.turns_are_stored, desk.call)


async def test_a_call_is_counted(desk: Desk) -> None:
    for turn in (ASKED, replace(ANSWERED, interrupted=True)):
        await desk.store.record_turn(desk.call.tenant_id, desk.call.call_id, turn)
    measured = MeasuredCall(call=desk.call, disposition="resolved")
    await ActivityEnvironment().run(desk.activities.measure, measured)
    tenant = {"tenant": desk.call.tenant_id}
    assert desk.metrics.get_sample_value("hatif_call_turns_total", tenant) == 2
    assert desk.metrics.get_sample_value("hatif_call_interruptions_total", tenant) == 1
    assert desk.metrics.get_sample_value("hatif_call_reply_seconds_sum", tenant) == 0.5
