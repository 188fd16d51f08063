from __future__ import annotations

import time

import pytest
from sqlalchemy import text

from domain.desk.handoffs import Brief, HandoffState, IntentAt, Left, OfferResult, Tried
from domain.desk.people import AwayReason, PresenceState, Queue
from domain.errors import NotFound, Rejected
from domain.speech import Language
from storage.keys import PostgresKeyRing
from storage.session import Database

from .conftest import Floor

pytestmark = pytest.mark.servers

BRIEF = Brief(
    language=Language.AR,
    reason="caller_asked",
    sentence="أريد موظفاً",
    summary={Language.EN: "Asked once."},
    intents=(IntentAt(intent="opening_hours", at_ms=900),),
    tried=(Tried(intent="opening_hours", text="At nine.", at_ms=900),),
    next_actions=("greet",),
)


async def taken(floor: Floor) -> tuple[str, str]:
    """An advisor and the handoff that they have accepted."""
    advisor, caller = await floor.advisor("Sara"), await floor.caller()
    assert await floor.rings_at(caller) == advisor
    await floor.handoffs.accepted(floor.tenant_id, caller, 1)
    return advisor, caller


async def test_opening_twice_is_opening_once(floor: Floor):
    caller = await floor.caller()
    row = await floor.row(caller)
    assert (row.state, row.number, row.offer_number) == (HandoffState.WAITING, 1, 0)
    assert await floor.desk.live(floor.tenant_id) == [row]
    assert await floor.desk.handoffs_of(floor.tenant_id, row.call_id) == [row]
    assert await floor.handoffs.waiting_calls(floor.tenant_id) == [(row.call_id, 1)]


async def test_the_whole_way(floor: Floor):
    advisor, caller = await taken(floor)
    assert (await floor.stands(advisor)).state is PresenceState.BUSY
    row = await floor.row(caller)
    assert (row.state, row.accepted_by, row.offered_to, row.joined_at) == (HandoffState.BRIDGED, advisor, None, None)
    assert await floor.handoffs.waiting_calls(floor.tenant_id) == []

    await floor.handoffs.joined(floor.tenant_id, caller, 1)
    assert (await floor.row(caller)).joined_at is not None

    await floor.handoffs.left(floor.tenant_id, caller, 1, Left.FINISHED, time.time() + 60)
    await floor.handoffs.ended(floor.tenant_id, caller, "finished")
    assert (await floor.stands(advisor)).state is PresenceState.WRAP_UP
    [form] = await floor.desk.wrap_ups(floor.tenant_id, advisor)
    assert (form.handoff_id, form.left, form.wrapped_up_at) == (caller, Left.FINISHED, None)

    await floor.handoffs.wrapped_up(floor.tenant_id, caller, 1, "resolved", "All is well. 👍")
    assert (await floor.stands(advisor)).state is PresenceState.READY
    assert await floor.desk.wrap_ups(floor.tenant_id, advisor) == []
    [done] = await floor.desk.history(floor.tenant_id, advisor, 10)
    assert (done.disposition, done.notes) == ("resolved", "All is well. 👍")
    ended = await floor.row(caller)
    assert (ended.state, ended.result, ended.accepted_by) == (HandoffState.ENDED, "finished", advisor)
    assert await floor.desk.live(floor.tenant_id) == []


async def test_every_step_twice_is_every_step_once(floor: Floor):
    advisor, caller = await taken(floor)
    await floor.handoffs.accepted(floor.tenant_id, caller, 1)
    await floor.handoffs.joined(floor.tenant_id, caller, 1)
    await floor.handoffs.joined(floor.tenant_id, caller, 1)
    for how in (Left.GAVE_BACK, Left.LOST):
        await floor.handoffs.left(floor.tenant_id, caller, 1, how, time.time() + 60)
    await floor.handoffs.accepted(floor.tenant_id, caller, 1)
    await floor.handoffs.not_accepted(floor.tenant_id, caller, 1, OfferResult.MISSED)
    assert (await floor.stands(advisor)).state is PresenceState.WRAP_UP
    for disposition in ("resolved", "unresolved"):
        await floor.handoffs.wrapped_up(floor.tenant_id, caller, 1, disposition, None)
    for result in ("given_back", "finished"):
        await floor.handoffs.ended(floor.tenant_id, caller, result)
    [offer] = await floor.desk.offers(floor.tenant_id, caller)
    assert (offer.left, offer.disposition, offer.result) == (Left.GAVE_BACK, "resolved", OfferResult.ACCEPTED)
    assert (await floor.row(caller)).result == "given_back"


async def test_whoever_still_rings_at_the_end_stops(floor: Floor):
    advisor, caller = await floor.advisor("Sara"), await floor.caller()
    idle_since = (await floor.stands(advisor)).idle_since
    assert await floor.rings_at(caller) == advisor
    await floor.handoffs.ended(floor.tenant_id, caller, "caller_gone")
    stands = await floor.stands(advisor)
    assert (stands.state, stands.handoff_id, stands.idle_since) == (PresenceState.READY, None, idle_since)
    [offer] = await floor.desk.offers(floor.tenant_id, caller)
    assert offer.result is OfferResult.WITHDRAWN


async def test_a_requeued_caller_waits_in_the_other_queue(floor: Floor):
    await floor.team.save_queue(floor.tenant_id, Queue(queue_id="default", names={}))
    await floor.team.save_queue(floor.tenant_id, Queue(queue_id="sales", names={}))
    advisor, caller = await taken(floor)
    await floor.handoffs.left(floor.tenant_id, caller, 1, Left.REQUEUED, time.time() + 60, "sales")
    row = await floor.row(caller)
    assert (row.state, row.queue_id) == (HandoffState.WAITING, "sales")
    assert (await floor.stands(advisor)).state is PresenceState.WRAP_UP
    [waiting] = await floor.desk.waiting(floor.tenant_id)
    assert (waiting.queue_id, waiting.count, waiting.since) == ("sales", 1, row.created_at)
    await floor.handoffs.redirect(
        floor.tenant_id, caller, urgent=True, queue_id="no-such-queue", wanted_advisor="somebody"
    )
    row = await floor.row(caller)
    assert (row.queue_id, row.urgent, row.wanted_advisor) == ("sales", True, "somebody")


async def test_one_whose_line_never_came_is_away_without_a_form(floor: Floor):
    advisor, caller = await taken(floor)
    await floor.handoffs.left(floor.tenant_id, caller, 1, Left.NEVER_JOINED, time.time() + 60)
    stands = await floor.stands(advisor)
    assert (stands.state, stands.away) == (PresenceState.AWAY, AwayReason.MISSED)
    assert await floor.desk.wrap_ups(floor.tenant_id, advisor) == []
    assert (await floor.row(caller)).state is HandoffState.WAITING


async def test_brief_and_notes_are_sealed_with_the_calls_key(floor: Floor, db: Database, keys: PostgresKeyRing):
    advisor, caller = await taken(floor)
    call_id = (await floor.row(caller)).call_id
    await floor.handoffs.save_brief(floor.tenant_id, caller, BRIEF)
    await floor.handoffs.save_note(floor.tenant_id, caller, 1, "Refund agreed")
    await floor.handoffs.left(floor.tenant_id, caller, 1, Left.GAVE_BACK, time.time() + 60)
    await floor.handoffs.wrapped_up(floor.tenant_id, caller, 1, None, "Refund agreed, a calm caller")
    assert await floor.desk.brief(floor.tenant_id, caller) == BRIEF
    assert await floor.desk.note(floor.tenant_id, caller) == "Refund agreed"
    assert await floor.handoffs.notes(floor.tenant_id, call_id) == ["Refund agreed"]

    async with db.tenant_transaction(floor.tenant_id) as connection:
        stored = b""
        for table in ("handoffs", "handoff_offers"):
            for row in await connection.execute(text(f"SELECT * FROM hatif.{table}")):
                stored += b"".join(bytes(value) for value in row if isinstance(value, bytes))
    assert stored
    for words in ("Refund", "أريد"):
        assert words.encode() not in stored

    await keys.erase_key(floor.tenant_id, call_id)
    assert await floor.desk.brief(floor.tenant_id, caller) is None
    assert await floor.desk.note(floor.tenant_id, caller) is None
    assert await floor.handoffs.notes(floor.tenant_id, call_id) == []
    [part] = await floor.desk.history(floor.tenant_id, advisor, 1)
    assert part.notes is None
    with pytest.raises(Rejected):
        await floor.handoffs.save_note(floor.tenant_id, caller, 1, "more")


async def test_unknown_handoffs_and_offers(floor: Floor):
    with pytest.raises(NotFound):
        await floor.handoffs.accepted(floor.tenant_id, "none-1", 1)
    caller = await floor.caller()
    with pytest.raises(NotFound):
        await floor.handoffs.accepted(floor.tenant_id, caller, 7)
    assert await floor.desk.brief(floor.tenant_id, caller) is None
    assert await floor.desk.note(floor.tenant_id, caller) is None
