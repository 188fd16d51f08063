"""Threads: one for a person at a time, each message once, and states that never go back."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from domain.call import Channel
from domain.errors import Refused
from domain.messaging import Channel as MessagingChannel
from domain.messaging import DeliveryReported, DeliveryState, TextReceived
from domain.speech import Language, Speaker
from domain.threads.thread import CARE_WINDOW, Written
from storage.threads.sending import PostgresThreads

pytestmark = pytest.mark.servers

HELLO = TextReceived(
    channel=MessagingChannel.SMS, message_id="SM1", sender="+966501234567", recipient="+1", body="مرحبا"
)
OURS = Written(speaker=Speaker.AGENT, text="Hello", language=Language.EN, text_id="re-1")
KEY = "a" * 40


@pytest.fixture
def threads(db, keys) -> PostgresThreads:
    return PostgresThreads(db, keys)


async def test_messages_of_one_person_are_one_thread_and_each_counts_once(threads, calls, tenant):
    first = await threads.arrive(tenant, "sms", HELLO, Language.EN)
    again = await threads.arrive(tenant, "sms", HELLO, Language.EN)
    digits = replace(HELLO, message_id="SM2", body="4572")
    second = await threads.arrive(tenant, "sms", digits, Language.EN)
    assert (first.is_new, again.is_new, again.seq) == (True, False, first.seq)
    assert (second.call_id, second.seq) == (first.call_id, 2)
    turns = await calls.turns(tenant, first.call_id)
    assert [(turn.text, turn.language) for turn in turns] == [("مرحبا", Language.AR), ("4572", Language.AR)]
    row = await threads.thread(tenant, first.call_id)
    assert (row.address, row.channel) == ("+966501234567", Channel.SMS)


async def test_messages_of_one_moment_share_one_thread(threads, tenant):
    many = [replace(HELLO, message_id=f"SM{n}") for n in range(6)] * 2
    arrived = await asyncio.gather(*(threads.arrive(tenant, "sms", each, Language.EN) for each in many))
    assert len({each.call_id for each in arrived}) == 1
    assert sorted({each.seq for each in arrived}) == [1, 2, 3, 4, 5, 6]
    assert sum(each.is_new for each in arrived) == 6


async def test_a_closed_thread_is_followed_by_one_that_knows_it(threads, tenant):
    first = await threads.arrive(tenant, "sms", HELLO, Language.EN)
    assert not await threads.close(tenant, first.call_id, 0)
    assert await threads.close(tenant, first.call_id, first.seq)
    assert await threads.close(tenant, first.call_id, first.seq)
    with pytest.raises(Refused) as refused:
        await threads.write(tenant, first.call_id, OURS)
    assert refused.value.code == "thread_over"
    second = await threads.arrive(tenant, "sms", replace(HELLO, message_id="SM2"), Language.EN)
    assert second.call_id != first.call_id
    assert (await threads.thread(tenant, second.call_id)).previous_call_id == first.call_id
    assert (await threads.arrive(tenant, "sms", HELLO, Language.EN)).call_id == first.call_id


async def test_threads_are_apart_by_tenant_connection_and_channel(threads, tenant, other_tenant):
    places = [(tenant, "sms"), (tenant, "sms2"), (other_tenant, "sms")]
    found = {(await threads.arrive(one, connection, HELLO, Language.EN)).call_id for one, connection in places}
    whatsapp = replace(HELLO, channel=MessagingChannel.WHATSAPP)
    found.add((await threads.arrive(tenant, "wa", whatsapp, Language.EN)).call_id)
    assert len(found) == 4


@pytest.mark.parametrize("sender", ["", "HATIF", "12345", "+", "+1", "whatsapp:+966501234567"])
async def test_who_has_no_number_has_no_thread(threads, tenant, sender):
    with pytest.raises(Refused) as refused:
        await threads.arrive(tenant, "sms", replace(HELLO, sender=sender), Language.EN)
    assert refused.value.code == "bad_number"


async def test_a_turn_of_ours_is_written_once(threads, tenant):
    arrived = await threads.arrive(tenant, "sms", HELLO, Language.EN)
    first = await threads.write(tenant, arrived.call_id, OURS)
    assert await threads.write(tenant, arrived.call_id, replace(OURS, text="Other")) == first
    assert (first.seq, first.text) == (2, "Hello")


async def test_states_never_go_back_whatever_order_they_come_in(threads, tenant):
    arrived = await threads.arrive(tenant, "sms", HELLO, Language.EN)
    await threads.begin_sending(tenant, arrived.call_id, 2, KEY)
    early = DeliveryReported(message_id="SM9", state=DeliveryState.DELIVERED, key=KEY)
    assert await threads.reported(tenant, "sms", early)
    await threads.sending(tenant, KEY, DeliveryState.ACCEPTED, "SM9")
    assert not await threads.reported(tenant, "sms", replace(early, state=DeliveryState.SENT, key=None))
    assert not await threads.reported(tenant, "other", replace(early, state=DeliveryState.READ))
    (delivery,) = await threads.deliveries(tenant, arrived.call_id)
    assert (delivery.seq, delivery.state) == (2, DeliveryState.DELIVERED)


async def test_a_report_settles_what_was_unknown(threads, tenant):
    arrived = await threads.arrive(tenant, "sms", HELLO, Language.EN)
    await threads.begin_sending(tenant, arrived.call_id, 2, KEY)
    await threads.sending(tenant, KEY, DeliveryState.UNKNOWN)
    report = DeliveryReported(message_id="SM9", state=DeliveryState.SENT, key=KEY)
    assert await threads.reported(tenant, "sms", report)
    assert (await threads.deliveries(tenant, arrived.call_id))[0].state == DeliveryState.SENT


async def test_a_wish_outlives_its_thread_and_is_kept_by_channel(threads, tenant):
    first = await threads.arrive(tenant, "sms", HELLO, Language.EN)
    await threads.opt(tenant, first.call_id, out=True)
    await threads.close(tenant, first.call_id, first.seq)
    second = await threads.open_to(tenant, "sms2", Channel.SMS, HELLO.sender, Language.EN)
    other = await threads.open_to(tenant, "wa", Channel.WHATSAPP, HELLO.sender, Language.EN)
    assert await threads.is_opted_out(tenant, second.call_id)
    assert not await threads.is_opted_out(tenant, other.call_id)
    await threads.opt(tenant, second.call_id, out=False)
    assert not await threads.is_opted_out(tenant, first.call_id)


async def test_the_window_of_whatsapp_is_the_persons_and_not_the_threads(threads, tenant):
    hello = replace(HELLO, channel=MessagingChannel.WHATSAPP)
    cold = await threads.open_to(tenant, "wa", Channel.WHATSAPP, "+966509999999", Language.EN)
    assert not cold.may_write(cold.opened_at)
    arrived = await threads.arrive(tenant, "wa", hello, Language.EN)
    await threads.close(tenant, arrived.call_id, arrived.seq)
    row = await threads.open_to(tenant, "wa", Channel.WHATSAPP, HELLO.sender, Language.EN)
    assert row.call_id != arrived.call_id
    assert row.may_write(row.opened_at)
    assert not row.may_write(row.opened_at + CARE_WINDOW.total_seconds() + 60)


async def test_what_no_procedure_was_told_of_is_found(threads, tenant):
    arrived = await threads.arrive(tenant, "sms", HELLO, Language.EN)
    assert tenant in await threads.tenants_untold(0)
    assert [each.call_id for each in await threads.untold(tenant, 0)] == [arrived.call_id]
    await threads.told(tenant, arrived.call_id, arrived.seq)
    assert await threads.untold(tenant, 0) == []
    assert tenant not in await threads.tenants_untold(0)


async def test_neither_words_nor_numbers_stand_in_the_clear(threads, db, tenant):
    arrived = await threads.arrive(tenant, "sms", HELLO, Language.EN)
    async with db.tenant_transaction(tenant) as connection:
        for table in ("threads", "messages_in", "turns", "calls"):
            rows = (
                await connection.execute(
                    text(f"SELECT * FROM hatif.{table} WHERE call_id = :c"), {"c": arrived.call_id}
                )
            ).all()
            assert rows
            assert "501234567" not in str(rows)
            assert b"501234567" not in b"".join(value for row in rows for value in row if isinstance(value, bytes))
