"""Calls that we make: noted with their number or not at all, and counted by the hour whoever dials them."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import Refused, Rejected
from domain.outbound.opening import Opening
from domain.speech import Language
from storage.calls import PostgresCalls
from storage.desk.callbacks import PostgresCallbacks
from storage.keys import PostgresKeyRing
from storage.outbound import HOUR_S, PostgresDialBook
from storage.session import Database
from tests.conftest import DatabaseUrls, run_sql

pytestmark = pytest.mark.servers

NUMBER = "+971501234567"


@pytest.fixture
def book(db: Database, keys: PostgresKeyRing) -> PostgresDialBook:
    return PostgresDialBook(db, keys)


async def test_a_call_is_noted_with_its_number_or_not_at_all(
    book: PostgresDialBook, calls: PostgresCalls, db: Database, keys: PostgresKeyRing, tenant: str, other_tenant: str
):
    with pytest.raises(Rejected):
        await book.ask(tenant, "c", "nobody")
    assert await calls.call(tenant, "c") is None
    assert await book.ask(tenant, "c", NUMBER) == NUMBER
    assert await book.ask(tenant, "c", "+971501111111") == NUMBER
    contacts = PostgresCallbacks(db, keys)
    assert (await contacts.contact(tenant, "c")).number == NUMBER
    assert (await contacts.contact(other_tenant, "c")).number is None
    await keys.erase_key(tenant, "c")
    assert await book.ask(tenant, "c", NUMBER) is None


async def test_what_is_said_first_is_kept_with_the_call_and_gone_with_its_key(
    book: PostgresDialBook, db: Database, keys: PostgresKeyRing, tenant: str, other_tenant: str
):
    opening = Opening(language=Language.AR, text="مرحباً", about="Their washing machine.")
    await book.ask(tenant, "c", NUMBER, opening)
    await book.ask(tenant, "c", NUMBER, Opening(language=Language.EN, text="Hello"))
    await book.ask(tenant, "without", NUMBER)
    await PostgresCallbacks(db, keys).note_contact(tenant, "c", "+971501111111")
    assert await book.opening(tenant, "c") == opening
    assert await book.opening(tenant, "without") is None
    assert await book.opening(other_tenant, "c") is None
    await keys.erase_key(tenant, "c")
    assert await book.opening(tenant, "c") is None


async def test_an_hour_has_so_many_calls_of_a_tenant_and_none_is_dialled_twice(
    book: PostgresDialBook, database: DatabaseUrls, tenant: str, other_tenant: str
):
    async def dialled(call_id: str, tenant_id: str = tenant) -> str:
        await book.ask(tenant_id, call_id, NUMBER)
        try:
            await book.count(tenant_id, call_id, 2)
        except Refused as refused:
            return refused.code
        return "dialled"

    assert await dialled("a") == "dialled"
    assert await dialled("a") == "dialled_before"
    assert sorted(await asyncio.gather(dialled("b"), dialled("c"))) == ["dialled", "too_many_calls"]
    assert await dialled("a", other_tenant) == "dialled"
    await run_sql(database.superuser, f"UPDATE hatif.calls SET dialled_at = dialled_at - {HOUR_S} WHERE call_id = 'a'")
    assert await dialled("d") == "dialled"
    assert await dialled("e") == "too_many_calls"
