from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from sqlalchemy import text

from domain.call import Outcome
from domain.desk.callbacks import CallbackReason, CallbackResult, CallbackState, CallbackVia, Contact, NewCallback
from domain.errors import NotFound, Rejected
from domain.speech import Language
from storage.keys import PostgresKeyRing
from storage.session import Database

from .conftest import Floor

pytestmark = pytest.mark.servers

NUMBER = "+971501234567"


def a_callback(call_id: str, number: int = 1, at: float = 1_000.0) -> NewCallback:
    return NewCallback(
        callback_id=f"{call_id}-{number}",
        call_id=call_id,
        reason=CallbackReason.CALLER_CHOSE,
        language=Language.AR,
        next_try_at=at,
        window_ends_at=at + 60,
    )


async def a_call(floor: Floor) -> str:
    call_id = uuid.uuid4().hex
    await floor.calls.create_call(floor.tenant_id, call_id, "web", None)
    return call_id


async def test_a_promise_is_kept_once_and_a_second_one_of_the_call_finds_it(floor: Floor):
    call_id = await a_call(floor)
    promised = await floor.callbacks.promise(floor.tenant_id, a_callback(call_id))
    assert (promised.state, promised.via, promised.contact) == (CallbackState.PROMISED, CallbackVia.PAGE, None)
    assert await floor.callbacks.promise(floor.tenant_id, a_callback(call_id, at=9.0)) == promised
    assert await floor.callbacks.promise(floor.tenant_id, a_callback(call_id, number=2)) == promised

    done = replace(promised, state=CallbackState.DONE, result=CallbackResult.REACHED, ended_at=5.0)
    await floor.callbacks.save(floor.tenant_id, done)
    assert await floor.callbacks.promise(floor.tenant_id, a_callback(call_id)) == done, "a repeated step"
    other = await floor.callbacks.promise(floor.tenant_id, a_callback(call_id, number=2))
    assert (other.callback_id, other.state) == (f"{call_id}-2", CallbackState.PROMISED)


async def test_the_first_due_is_the_first_listed_and_ended_ones_are_listed_as_recent_only(floor: Floor):
    calls = [await a_call(floor) for _ in range(3)]
    for call_id, at in zip(calls, (30.0, 10.0, 20.0), strict=True):
        await floor.callbacks.promise(floor.tenant_id, a_callback(call_id, at=at))
    listed = await floor.callbacks.open_callbacks(floor.tenant_id)
    assert [row.call_id for row in listed] == [calls[1], calls[2], calls[0]]
    over = replace(listed[0], state=CallbackState.CANCELLED, result=CallbackResult.CANCELLED, ended_at=1.0)
    await floor.callbacks.save(floor.tenant_id, over)
    assert len(await floor.callbacks.open_callbacks(floor.tenant_id)) == 2
    recent = await floor.callbacks.recent_callbacks(floor.tenant_id, 10)
    assert [row.call_id for row in recent] == calls[::-1]


async def test_a_call_that_is_over_is_called_by_hand(floor: Floor):
    call_id = await a_call(floor)
    await floor.callbacks.promise(floor.tenant_id, a_callback(call_id))
    await floor.callbacks.note_contact(floor.tenant_id, call_id, "050 123 4567")
    assert await floor.callbacks.contact(floor.tenant_id, call_id) == Contact(number=NUMBER, call_lives=True)
    await floor.calls.end_call(floor.tenant_id, call_id, Outcome.LOST)
    row = await floor.callbacks.callback(floor.tenant_id, f"{call_id}-1")
    assert row is not None
    assert (row.via, row.contact) == (CallbackVia.BY_HAND, NUMBER)
    assert await floor.callbacks.contact(floor.tenant_id, call_id) == Contact(number=NUMBER)


async def test_a_number_that_is_not_to_be_called_is_known_however_it_is_written(floor: Floor, other_tenant: str):
    call_id = await a_call(floor)
    await floor.callbacks.note_contact(floor.tenant_id, call_id, NUMBER)
    await floor.callbacks.forbid(other_tenant, NUMBER, "admin")
    assert not (await floor.callbacks.contact(floor.tenant_id, call_id)).is_forbidden, "another tenant's list"
    await floor.callbacks.forbid(floor.tenant_id, "00971 50 123 4567", "admin")
    await floor.callbacks.forbid(floor.tenant_id, NUMBER, "admin")
    assert (await floor.callbacks.contact(floor.tenant_id, call_id)).is_forbidden
    await floor.callbacks.allow(floor.tenant_id, "0501234567")
    assert not (await floor.callbacks.contact(floor.tenant_id, call_id)).is_forbidden


async def test_numbers_are_readable_neither_in_the_store_nor_once_erased(
    floor: Floor, db: Database, keys: PostgresKeyRing
):
    call_id = await a_call(floor)
    await floor.callbacks.promise(floor.tenant_id, a_callback(call_id))
    await floor.callbacks.note_contact(floor.tenant_id, call_id, NUMBER)
    await floor.callbacks.forbid(floor.tenant_id, NUMBER, "admin")
    async with db.tenant_transaction(floor.tenant_id) as connection:
        for table in ("call_contacts", "do_not_call", "callbacks"):
            for row in await connection.execute(text(f"SELECT * FROM hatif.{table}")):
                assert NUMBER not in str(tuple(row))
                assert NUMBER[1:].encode() not in b"".join(bytes(v) for v in row if isinstance(v, bytes))
    await keys.erase_key(floor.tenant_id, call_id)
    assert await floor.callbacks.contact(floor.tenant_id, call_id) == Contact(call_lives=True)
    row = await floor.callbacks.callback(floor.tenant_id, f"{call_id}-1")
    assert row is not None
    assert row.contact is None


@pytest.mark.parametrize("nonsense", ["", "call me", "12", "0" * 40])
async def test_what_is_no_number_is_refused(floor: Floor, nonsense: str):
    call_id = await a_call(floor)
    with pytest.raises(Rejected):
        await floor.callbacks.note_contact(floor.tenant_id, call_id, nonsense)
    with pytest.raises(Rejected):
        await floor.callbacks.forbid(floor.tenant_id, nonsense, "admin")


async def test_another_tenants_callback_is_as_unknown_as_none(floor: Floor, other_tenant: str):
    call_id = await a_call(floor)
    row = await floor.callbacks.promise(floor.tenant_id, a_callback(call_id))
    assert await floor.callbacks.callback(other_tenant, row.callback_id) is None
    assert await floor.callbacks.open_callbacks(other_tenant) == []
    with pytest.raises(NotFound):
        await floor.callbacks.save(other_tenant, row)
