from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

import storage.feed
from domain.errors import Rejected
from storage.feed import LISTENING, PostgresFeed
from storage.session import Database
from tests.conftest import DatabaseUrls, run_sql

pytestmark = pytest.mark.servers


@pytest.fixture
async def feed(db: Database) -> AsyncIterator[PostgresFeed]:
    feed = PostgresFeed(db)
    yield feed
    await feed.close()


async def listening(feed: PostgresFeed, tenant_id: str) -> AsyncIterator[tuple[str, str]]:
    """A subscription that receives: events before that moment are nobody's."""
    events = feed.subscribe(tenant_id)
    assert await following(events) == ("", LISTENING)
    return events


async def following(events: AsyncIterator[tuple[str, str]]) -> tuple[str, str]:
    async with asyncio.timeout(20):
        return await anext(events)


async def test_events_reach_every_process_and_their_own_tenant_only(db: Database, feed: PostgresFeed):
    elsewhere = PostgresFeed(db)
    a, b = await listening(feed, "t-a"), await listening(feed, "t-b")
    again = await listening(elsewhere, "t-a")
    await elsewhere.publish("t-b", "c-1", "call.ended")
    await elsewhere.publish("t-a", "c-2", "turn")
    assert await following(a) == ("c-2", "turn")
    assert await following(again) == ("c-2", "turn")
    assert await following(b) == ("c-1", "call.ended")
    await elsewhere.close()


async def test_a_lost_connection_is_made_again(database: DatabaseUrls, feed: PostgresFeed):
    events = await listening(feed, "t-c")
    await run_sql(
        database.superuser,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT 1%' OR query LIKE 'LISTEN%'",
    )
    # The same subscription hears again, and is told that it may have missed something.
    assert await following(events) == ("", LISTENING)
    await feed.publish("t-c", "c-9", "again")
    assert await following(events) == ("c-9", "again")


async def test_a_slow_page_loses_the_oldest(feed: PostgresFeed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(storage.feed, "WAITING_EVENTS", 3)
    slow, other = await listening(feed, "t-d"), await listening(feed, "t-d")
    for number in range(10):
        await feed.publish("t-d", f"c-{number}", "turn")
        # The neighbour keeps up, which shows that the event was delivered to both.
        assert await following(other) == (f"c-{number}", "turn")
    assert [await following(slow) for _ in range(3)] == [(f"c-{number}", "turn") for number in (7, 8, 9)]


@pytest.mark.parametrize(
    ("call_id", "event"),
    [("c", "I want my money back"), ("c", ""), ("c", "x" * 65), ("", "turn"), ("c\nd", "turn"), ("c" * 201, "turn")],
)
async def test_only_ids_and_codes_are_published(feed: PostgresFeed, call_id: str, event: str):
    with pytest.raises(Rejected):
        await feed.publish("t-e", call_id, event)
