"""A text that a caller asks for: allowed, sent once whatever breaks, and on record."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from domain.acting.action import ActionStart, ActionState, ActResult
from domain.actions import action_key
from domain.call import Channel
from domain.messaging import OPTED_OUT, DeliveryReported, DeliveryState
from domain.speech import Language
from domain.texting import talk
from domain.texting.book import DO_NOT_CONTACT, PER_NUMBER, SEND_SMS, TOO_MANY_TEXTS
from storage.actions import PostgresAttempts
from storage.desk.callbacks import PostgresCallbacks
from storage.threads.texts import PostgresTexts
from tests.connectors.fakes.server import Fault
from tests.workflows.correspondence import NUMBER, Correspondence, open_correspondence
from tests.workflows.far_side import House
from workflows.crm_action import CrmActionWorkflow
from workflows.queues import DURABLE, action_workflow_id

pytestmark = pytest.mark.servers

WORDS = "Shop: we are in Al Quoz."


@pytest.fixture
async def written(house: House) -> AsyncIterator[Correspondence]:
    async with open_correspondence(house) as opened:
        yield opened


async def start_of(written: Correspondence, to: str = NUMBER, call_id: str | None = None) -> ActionStart:
    call_id = call_id or (await written.house.a_call()).call_id
    return ActionStart(
        tenant_id=written.house.tenant_id,
        call_id=call_id,
        key=action_key(call_id, SEND_SMS, {"subject": to}),
        action=SEND_SMS,
        slots={"topic": "location", "text": WORDS, "to": to},
        lease=1,
        language=Language.EN,
    )


async def result_of(written: Correspondence, start: ActionStart) -> ActResult:
    client, codec = await written.house.connect()
    codec.know(start.tenant_id, start.call_id)
    return await client.execute_workflow(
        CrmActionWorkflow.run, start, id=action_workflow_id(start.call_id, start.key), task_queue=DURABLE
    )


def texts_of(written: Correspondence) -> PostgresTexts:
    return PostgresTexts(written.house.database, written.house.keys)


@pytest.mark.parametrize("fault", [None, Fault.DROP_AFTER, Fault.GARBAGE])
async def test_it_is_sent_once_and_its_way_is_followed(written: Correspondence, fault: Fault | None) -> None:
    if fault is not None:
        written.twilio.fail(fault, at=1)
    start = await start_of(written)
    result = await result_of(written, start)
    assert result.state is ActionState.DONE
    assert list(written.twilio.texts.values()) == [("sms", NUMBER, WORDS)]
    report = DeliveryReported(message_id=result.reference or "", state=DeliveryState.DELIVERED)
    assert await written.threads.reported(start.tenant_id, "sms", report)
    (sent,) = await texts_of(written).of_call(start.tenant_id, start.call_id)
    assert (sent.key, sent.state) == (start.key, DeliveryState.DELIVERED)
    assert await written.threads.deliveries(start.tenant_id, start.call_id) == []


async def test_whoever_wants_no_messages_gets_none(written: Correspondence) -> None:
    stopped = await written.arrives("STOP")
    tenant_id = written.house.tenant_id
    await written.threads.opt(tenant_id, stopped.call_id, out=True)
    result = await result_of(written, await start_of(written))
    assert (result.state, result.reason) == (ActionState.REJECTED, OPTED_OUT)
    other = "+966501234568"
    await PostgresCallbacks(written.house.database, written.house.keys).forbid(tenant_id, other, "aisha")
    result = await result_of(written, await start_of(written, other))
    assert (result.state, result.reason) == (ActionState.REJECTED, DO_NOT_CONTACT)
    assert written.twilio.requests == []


async def test_a_stop_that_only_the_service_knows_is_told_as_one(written: Correspondence) -> None:
    written.twilio.opted_out.add(NUMBER)
    start = await start_of(written)
    result = await result_of(written, start)
    assert (result.state, result.reason) == (ActionState.REJECTED, OPTED_OUT)
    (sent,) = await texts_of(written).of_call(start.tenant_id, start.call_id)
    assert (sent.state, sent.reason) == (DeliveryState.FAILED, OPTED_OUT)


async def test_one_number_gets_so_many_a_day(written: Correspondence) -> None:
    for _ in range(PER_NUMBER):
        start = await start_of(written)
        await texts_of(written).begin(start.tenant_id, start.call_id, start.key, NUMBER, "sms")
    # Asked again it is the same text, which was allowed.
    assert await texts_of(written).begin(start.tenant_id, start.call_id, start.key, NUMBER, "other") == "sms"
    result = await result_of(written, await start_of(written))
    assert (result.state, result.reason) == (ActionState.REJECTED, TOO_MANY_TEXTS)
    assert written.twilio.requests == []
    assert (await result_of(written, await start_of(written, "+966501234569"))).state is ActionState.DONE


async def test_what_nobody_can_tell_is_a_task_until_the_service_reports(written: Correspondence) -> None:
    start = await start_of(written)
    attempts, long_ago = PostgresAttempts(written.house.database, start.tenant_id), time.time() - 3600
    for after in range(2):
        assert await attempts.begin("twilio", start.key, long_ago, after=after)
    assert (await result_of(written, start)).state is ActionState.UNKNOWN
    assert written.twilio.texts == {}
    (task,) = await written.actions.open_tasks(start.tenant_id, 10)
    assert task.key == start.key
    report = DeliveryReported(message_id="SM1", state=DeliveryState.SENT, key=start.key)
    assert await written.threads.reported(start.tenant_id, "sms", report)
    assert await written.actions.open_tasks(start.tenant_id, 10) == []


async def test_somebody_who_writes_on_whatsapp_has_it_texted_to_their_own_number(written: Correspondence) -> None:
    written.channel = Channel.WHATSAPP
    await written.writes("text me")
    assert talk.MADE[Language.EN] in (await written.reads(1))[0]
    await written.writes("text me")
    assert (await written.reads(2))[1] == talk.KNOWN[Language.EN]
    assert list(written.twilio.texts.values()) == [("sms", NUMBER, WORDS)]


async def test_somebody_who_writes_by_sms_has_it_with_the_answer(written: Correspondence) -> None:
    arrived = await written.writes("text me")
    assert WORDS in (await written.reads(1))[0]
    assert await written.actions.of_call(written.house.tenant_id, arrived.call_id) == []
