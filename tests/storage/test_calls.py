from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
from sqlalchemy import text

from domain.call import CallState, Channel, Outcome
from domain.errors import NotFound, Rejected
from domain.speech import Guesses, Language, Speaker, Turn, TurnKind
from storage.accounts import PostgresAccounts
from storage.calls import STILLBORN_S, PostgresCalls
from storage.keys import PostgresKeyRing
from storage.session import Database
from tests.conftest import DatabaseUrls, run_sql

pytestmark = pytest.mark.servers

TURN = Turn(
    seq=1,
    speaker=Speaker.AGENT,
    text="We open at nine. نفتح في التاسعة.",
    language=Language.AR,
    started_ms=1200,
    ended_ms=3400,
    kind=TurnKind.ANSWER,
    intent="opening_hours",
    interrupted=True,
    lease=1,
    stages_ms={"asr": 180, "llm": 420},
    by_supervisor=True,
    said_by="omar",
    level_db=-23.5,
    guesses=Guesses(begun=3, thrown_away=2),
)


async def test_a_turn_comes_back_as_it_was(calls: PostgresCalls, tenant: str, call_id: str):
    assert await calls.take_lease(tenant, call_id, 1, "w1")
    bare = Turn(seq=0, speaker=Speaker.CALLER, text="", language=Language.EN, started_ms=0, ended_ms=0)
    await calls.record_turn(tenant, call_id, TURN)
    await calls.record_turn(tenant, call_id, bare)
    assert await calls.turns(tenant, call_id) == [bare, TURN]


async def test_a_turn_is_stored_once_and_stays_as_it_is(calls: PostgresCalls, tenant: str, call_id: str):
    await asyncio.gather(*(calls.record_turn(tenant, call_id, TURN) for _ in range(8)))
    await calls.record_turn(tenant, call_id, replace(TURN, text="something else"))
    assert await calls.turns(tenant, call_id) == [TURN]


async def test_turns_are_told_in_the_order_of_lease_and_seq_however_late_they_come(
    calls: PostgresCalls, tenant: str, call_id: str
):
    await calls.take_lease(tenant, call_id, 2, "w2")
    said = [
        replace(TURN, lease=lease, seq=seq, text=f"{lease}.{seq}") for lease, seq in ((1, 1), (1, 2), (2, 2), (2, 3))
    ]
    for turn in (said[2], said[3], said[1], said[0]):
        await calls.record_turn(tenant, call_id, turn)
    assert await calls.turns(tenant, call_id) == said


async def test_a_text_that_was_typed_once_is_stored_once(calls: PostgresCalls, tenant: str, call_id: str):
    typed = replace(TURN, text_id="t-1")
    await calls.record_turn(tenant, call_id, replace(typed, lease=2))
    await calls.record_turn(tenant, call_id, typed)
    await calls.record_turn(tenant, call_id, replace(TURN, seq=2, text_id="t-2"))
    assert [(turn.lease, turn.text_id) for turn in await calls.turns(tenant, call_id)] == [(1, "t-2"), (2, "t-1")]


async def test_one_of_many_wins_a_lease(calls: PostgresCalls, tenant: str, call_id: str):
    won = await asyncio.gather(*(calls.take_lease(tenant, call_id, 1, f"w{n}") for n in range(12)))
    assert won.count(True) == 1
    winner = f"w{won.index(True)}"
    assert await calls.take_lease(tenant, call_id, 1, winner)
    assert not await calls.take_lease(tenant, call_id, 0, winner)
    assert await calls.take_lease(tenant, call_id, 2, "another")
    assert not await calls.take_lease(tenant, call_id, 1, winner)
    assert await calls.current_lease(tenant, call_id) == 2


async def test_a_call_from_start_to_end(calls: PostgresCalls, tenant: str, call_id: str):
    await calls.create_call(tenant, call_id, "web", None)
    fresh = await calls.call(tenant, call_id)
    assert fresh is not None
    assert (fresh.state, fresh.channel, fresh.lease, fresh.ended_at) == (CallState.CONNECTING, Channel.WEB, 0, None)
    await calls.set_state(tenant, call_id, CallState.TALKING, "ar")
    await calls.set_state(tenant, call_id, CallState.ADRIFT)
    await calls.set_state(tenant, call_id, CallState.HELD)
    held = await calls.call(tenant, call_id)
    assert held is not None
    assert (held.state, held.language) == (CallState.HELD, "ar")
    await calls.end_call(tenant, call_id, Outcome.LOST)
    await calls.end_call(tenant, call_id, Outcome.CALLER_HUNG_UP)
    await calls.set_state(tenant, call_id, CallState.TALKING)
    await calls.set_summary(tenant, call_id, "asked for the hours", "answered")
    await calls.rate(tenant, call_id, 2, None)
    await calls.rate(tenant, call_id, 5, "good")
    ended = await calls.call(tenant, call_id)
    assert ended is not None
    assert ended.ended_at is not None
    assert ended.ended_at >= ended.started_at
    assert (ended.state, ended.outcome, ended.summary) == (CallState.ENDED, Outcome.LOST, "asked for the hours")
    assert (ended.disposition, ended.rating) == ("answered", 5)
    assert await calls.recent(tenant, 10) == [ended]


async def test_a_call_that_never_connected_is_ended_by_the_next(
    calls: PostgresCalls, accounts: PostgresAccounts, database: DatabaseUrls, tenant: str
):
    for call_id in ("stillborn", "connected", "fresh"):
        await calls.create_call(tenant, call_id, "web", "main")
    await calls.take_lease(tenant, "connected", 1, "w1")
    old = time.time() - STILLBORN_S - 1
    await run_sql(
        database.superuser,
        f"UPDATE hatif.calls SET started_at = {old} WHERE tenant_id = '{tenant}' AND call_id <> 'fresh'",
    )
    assert await accounts.live_calls(tenant, "main") == 2
    await calls.create_call(tenant, "another", "web", "main")
    ended = {row.call_id: row.outcome for row in await calls.recent(tenant, 10)}
    assert ended == {"stillborn": Outcome.LOST, "connected": None, "fresh": None, "another": None}


async def test_recent_calls_come_newest_first_and_no_more_than_asked(calls: PostgresCalls, tenant: str):
    for n in range(4):
        await calls.create_call(tenant, f"call-{n}", "web", None)
    assert [row.call_id for row in await calls.recent(tenant, 3)] == ["call-3", "call-2", "call-1"]
    assert await calls.recent(tenant, -1) == []
    assert len(await calls.recent(tenant, 10**30)) == 4


async def test_a_turn_of_an_ended_call_is_kept(calls: PostgresCalls, tenant: str, call_id: str):
    await calls.take_lease(tenant, call_id, 1, "w1")
    await calls.end_call(tenant, call_id, Outcome.LOST)
    await calls.record_turn(tenant, call_id, TURN)
    assert await calls.turns(tenant, call_id) == [TURN]


async def test_an_unknown_call_is_not_found(calls: PostgresCalls, tenant: str):
    assert await calls.call(tenant, "nobody") is None
    assert await calls.turns(tenant, "nobody") == []
    assert not await calls.take_lease(tenant, "nobody", 1, "w")
    with pytest.raises(NotFound):
        await calls.current_lease(tenant, "nobody")
    with pytest.raises(NotFound):
        await calls.end_call(tenant, "nobody", Outcome.LOST)
    with pytest.raises(NotFound):
        await calls.rate(tenant, "nobody", 3, None)
    with pytest.raises(Rejected):
        await calls.record_turn(tenant, "nobody", TURN)


@pytest.mark.parametrize("bad", ["\x00", "\ud800", ""], ids=["nul", "surrogate", "empty"])
async def test_a_nonsense_id_is_refused(calls: PostgresCalls, tenant: str, bad: str):
    with pytest.raises(Rejected):
        await calls.create_call(tenant, bad, "web", None)


@pytest.mark.parametrize("stars", [0, 6, -1, 2**31, 2**70])
async def test_a_rating_outside_one_to_five_is_refused(calls: PostgresCalls, tenant: str, call_id: str, stars: int):
    with pytest.raises(Rejected):
        await calls.rate(tenant, call_id, stars, None)


async def test_nonsense_states_are_refused(calls: PostgresCalls, tenant: str, call_id: str):
    for state in ("dancing", "ended"):
        with pytest.raises(Rejected):
            await calls.set_state(tenant, call_id, state)
    with pytest.raises(Rejected):
        await calls.create_call(tenant, "new", "carrier pigeon", None)


async def test_words_are_unreadable_at_rest(calls: PostgresCalls, db: Database, tenant: str, call_id: str):
    await calls.record_turn(tenant, call_id, TURN)
    await calls.set_summary(tenant, call_id, "the summary's words", "answered")
    await calls.rate(tenant, call_id, 4, "the comment's words")
    for table in ("turns", "calls", "ratings"):
        async with db.tenant_transaction(tenant) as connection:
            rows = (await connection.execute(text(f"SELECT * FROM hatif.{table}"))).all()
        assert rows
        stored = repr(rows)
        assert not any(word in stored for word in ("We open", "نفتح", "words"))


async def test_erasing_the_key_erases_the_words(calls: PostgresCalls, keys: PostgresKeyRing, tenant: str, call_id: str):
    await calls.record_turn(tenant, call_id, TURN)
    await calls.set_summary(tenant, call_id, "the summary", "answered")
    await keys.erase_key(tenant, call_id)
    assert await calls.turns(tenant, call_id) == [replace(TURN, text="")]
    erased = await calls.call(tenant, call_id)
    assert erased is not None
    assert (erased.summary, erased.disposition) == (None, "answered")
    await calls.create_call(tenant, call_id, "web", None)
    with pytest.raises(Rejected):
        await calls.record_turn(tenant, call_id, replace(TURN, seq=2))


async def test_a_sealed_text_moved_to_another_turn_does_not_open(
    calls: PostgresCalls, database, tenant: str, call_id: str
):
    await calls.record_turn(tenant, call_id, TURN)
    await run_sql(database.superuser, f"UPDATE hatif.turns SET seq = 7 WHERE call_id = '{call_id}'")
    with pytest.raises(Rejected):
        await calls.turns(tenant, call_id)
