"""A thread from the first message to its end: answered together, sent once, handed over, remembered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from domain import sentences as spoken
from domain.call import Channel, Outcome, workflow_id
from domain.messaging import DeliveryReported, DeliveryState
from domain.speech import Language, Speaker
from domain.threads import sentences
from domain.wording.politeness import Politeness, worded
from storage.tenants import PostgresTenants
from tests.connectors.fakes.server import Fault
from tests.workflows.correspondence import NUMBER, Correspondence, open_correspondence
from tests.workflows.desk_side import eventually
from tests.workflows.far_side import House
from tests.workflows.promises import Skipping
from tests.workflows.test_codec import assert_sealed
from workers.threads.answering import Untold
from workflows import timeouts

pytestmark = pytest.mark.servers


@pytest.fixture
async def written(house: House) -> AsyncIterator[Correspondence]:
    async with open_correspondence(house) as opened:
        yield opened


async def test_what_is_written_in_one_breath_is_answered_together_and_nothing_of_it_is_seen(
    written: Correspondence,
) -> None:
    first = await written.writes("My order is late")
    await written.writes("number 4572", "SM2")
    await written.writes("number 4572", "SM2")
    (answer,) = await written.reads(1)
    assert answer.startswith("Hello You said 'My order is late\\nnumber 4572' after ''")
    last = await written.writes("bye")
    assert last.call_id == first.call_id
    workflow = await written.workflow(first)
    assert await workflow.result() is Outcome.AGENT_SAID_GOODBYE
    assert (await written.reads(2))[1] == "Goodbye."
    turns = await written.house.store.turns(written.house.tenant_id, first.call_id)
    assert [turn.speaker for turn in turns] == [Speaker.CALLER] * 2 + [Speaker.AGENT, Speaker.CALLER, Speaker.AGENT]
    client, _ = await written.house.connect()
    await assert_sealed(
        client, workflow_id(first.call_id), written.start(first), NUMBER, NUMBER[1:], "number 4572", "Goodbye"
    )


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.ERROR_AFTER, Fault.LIMIT])
async def test_a_send_that_broke_is_found_and_not_repeated(written: Correspondence, fault: Fault) -> None:
    written.twilio.limit_wait_ms = 100
    written.twilio.fail(fault, at=1)
    arrived = await written.writes("hello")
    await written.reads(1)
    await _delivered(written, arrived.call_id, DeliveryState.ACCEPTED)
    await written.writes("bye")
    assert len(await written.reads(2)) == 2


async def test_a_send_that_nobody_can_look_up_is_a_task_and_never_a_second_message(written: Correspondence) -> None:
    written.channel = Channel.WHATSAPP
    written.whatsapp.fail(Fault.DROP_AFTER, at=1)
    arrived = await written.writes("hello")
    await _delivered(written, arrived.call_id, DeliveryState.UNKNOWN)
    (task,) = await written.actions.open_tasks(written.house.tenant_id, 10)
    assert (task.call_id, task.action) == (arrived.call_id, "send_message")
    assert len(written.read) == 1
    report = DeliveryReported(message_id="wamid.1", state=DeliveryState.DELIVERED, key=task.key)
    assert await written.threads.reported(written.house.tenant_id, "wa", report)
    assert await written.actions.open_tasks(written.house.tenant_id, 10) == []


async def test_a_brain_that_breaks_apologises_and_formally_where_the_company_is_formal(written: Correspondence) -> None:
    await written.writes("break")
    assert spoken.TROUBLE[Language.EN] in (await written.reads(1))[0]
    tenants = PostgresTenants(written.house.database, written.house.keys)
    profile = await tenants.profile(written.house.tenant_id)
    assert profile is not None
    await tenants.change(replace(profile, politeness=Politeness.FORMAL), ["politeness"])
    await written.writes("break")
    formal = worded(spoken.TROUBLE[Language.EN], Language.EN, Politeness.FORMAL)
    assert formal.startswith("I apologise")
    assert (await written.reads(2))[1] == formal


async def test_what_was_stored_and_not_handed_over_is_taken_up(written: Correspondence) -> None:
    arrived = await written.arrives("hello")
    untold = Untold(written.threads, written.requests, older_than_s=0)
    assert await untold.look() == 1
    assert await untold.look() == 0
    await written.reads(1)
    assert (await written.writes("bye")).call_id == arrived.call_id
    await (await written.workflow(arrived)).result()


async def test_nobody_is_there_and_the_person_goes_on_with_the_agent(written: Correspondence) -> None:
    arrived = await written.writes("person")
    read = await written.reads(2)
    assert read[0] == "Hello One moment."
    assert read[1] == sentences.CHOOSE[Language.EN]
    await written.writes("my fridge is leaking")
    assert (await written.reads(3))[2] == sentences.CHOOSE[Language.EN]
    await written.writes("2")
    assert "You are back with me" in (await written.reads(5))[4]
    await written.writes("bye")
    assert await (await written.workflow(arrived)).result() is Outcome.AGENT_SAID_GOODBYE


async def test_a_thread_falls_silent_and_the_next_one_remembers_it(skipping: Skipping) -> None:
    async with open_correspondence(skipping.house) as written:
        first = await written.writes("my fridge is a Kelvin 5")
        await written.reads(1)
        await skipping.passes(timeouts.THREAD_IDLE + timedelta(seconds=1))
        assert await (await written.workflow(first)).result() is Outcome.CALLER_SILENT
        row = await skipping.house.store.call(skipping.house.tenant_id, first.call_id)
        assert row is not None
        assert (row.channel, row.outcome) == (Channel.SMS, Outcome.CALLER_SILENT)
        second = await written.writes("and the door?")
        assert second.call_id != first.call_id
        answer = (await written.reads(2))[1]
        assert answer.startswith("You said 'and the door?' after ")
        assert "my fridge is a Kelvin 5 Hello You said" in answer


async def _delivered(written: Correspondence, call_id: str, state: DeliveryState) -> None:
    async def is_so() -> bool:
        deliveries = await written.threads.deliveries(written.house.tenant_id, call_id)
        return [each.state for each in deliveries] == [state]

    await eventually(is_so)
