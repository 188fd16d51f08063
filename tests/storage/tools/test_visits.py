"""The book of visits: a window is given as often as there is somebody, one visit for one key, and freed again."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from domain.acting.visits import NewVisit, Window
from domain.errors import Rejected
from storage.session import Database
from storage.tools.visits import PostgresVisits

pytestmark = pytest.mark.servers
TUESDAY = date(2026, 12, 1)
MORNING = Window(day=TUESDAY, opens="09:00", closes="12:00")
LATER = Window(day=TUESDAY, opens="13:00", closes="17:00")


def a_visit(key: str, window: Window = MORNING, at_once: int = 2) -> NewVisit:
    return NewVisit(key=key, call_id="c", window=window, at_once=at_once)


async def test_the_last_place_in_a_window_is_given_once(db: Database, tenant: str, other_tenant: str) -> None:
    book = PostgresVisits(db)
    asked = [book.book(tenant, a_visit(f"k{number}")) for number in range(5)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [isinstance(answer, Rejected) for answer in answers].count(True) == 3
    assert await book.taken(tenant, TUESDAY, TUESDAY) == {MORNING: 2}
    assert await book.taken(other_tenant, TUESDAY, TUESDAY) == {}
    await book.book(tenant, a_visit("later", LATER))
    await book.book(other_tenant, a_visit("k0"))
    assert await book.taken(tenant, TUESDAY, TUESDAY) == {MORNING: 2, LATER: 1}


async def test_asked_again_it_is_the_same_visit_and_taken_back_it_stays_taken_back(db: Database, tenant: str) -> None:
    book = PostgresVisits(db)
    for _ in range(3):
        await book.book(tenant, a_visit("one", at_once=1))
    with pytest.raises(Rejected):
        await book.book(tenant, a_visit("two", at_once=1))
    for _ in range(2):
        await book.cancel(tenant, "one")
    await book.cancel(tenant, "never booked")
    await book.book(tenant, a_visit("one", at_once=1))
    assert await book.taken(tenant, TUESDAY, TUESDAY) == {}
    await book.book(tenant, a_visit("two", at_once=1))
    assert await book.taken(tenant, TUESDAY, TUESDAY) == {MORNING: 1}
