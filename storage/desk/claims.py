"""Which advisor a waiting caller gets: decided and claimed in one transaction, one after another in each tenant."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.desk.handoffs import Claim, HandoffState, OfferResult, Place
from domain.desk.people import DEFAULT_QUEUE, Advisor, Presence, PresenceState, Queue
from domain.desk.queueing import served_by
from domain.desk.routing import (
    USUAL_HANDLING_S,
    Candidate,
    InLine,
    Need,
    anybody_to_wait_for,
    best_advisor,
    candidate,
    estimated_wait_s,
    handling_average,
    position,
)
from domain.line import PHONE
from domain.speech import Language
from storage.desk.presence import presence_of, stands_at
from storage.desk.tables import handoffs, offers, presence
from storage.tables import queues as queue_table
from storage.team import advisors_in, queue_of

DECLINE_REST_S = 120.0
"""Who declined a caller is asked again about the same one only when this long has passed, or they chose ready anew."""
HANDLINGS = 20
"""As many of the latest calls of a queue tell how long one takes."""
_WAITS = (HandoffState.WAITING, HandoffState.ADRIFT)
_queues = select(queue_table).order_by(queue_table.c.position, queue_table.c.queue_id)
_claims_in_turn = text("SELECT pg_advisory_xact_lock(hashtextextended('hatif claims ' || :tenant_id, 0))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The tenant's whole desk at one moment: who waits, who could take them, and what was declined lately."""

    now: float
    queues: tuple[Queue, ...]
    waiting: tuple[Any, ...]
    """Rows of handoffs that wait, also those that ring already."""
    people: tuple[tuple[Advisor, Presence], ...]
    declined: frozenset[tuple[str, str]]
    """Handoff and advisor."""

    def queue(self, queue_id: str) -> Queue:
        """The default's times for one that is gone."""
        named = [queue for queue in self.queues if queue.queue_id == queue_id]
        return named[0] if named else replace(DEFAULT_QUEUE, queue_id=queue_id)

    def candidates(self, row: Any) -> list[Candidate]:
        """As they are to this caller. A queue that is gone is served by everybody."""
        known = {queue.queue_id for queue in self.queues}
        mine: frozenset[str] = frozenset({row.queue_id})
        gone = mine - known
        wanted = self.wanted(row)
        return [
            candidate(
                advisor,
                # The one person who is meant is asked, away or not.
                replace(stands, state=PresenceState.READY)
                if advisor.user_id == wanted and stands.state is PresenceState.AWAY
                else stands,
                served_by(advisor, self.queues) | (mine if advisor.user_id == wanted else gone),
            )
            for advisor, stands in self.people
        ]

    def need(self, row: Any) -> Need:
        wanted = self.wanted(row)
        return Need(
            queue=row.queue_id,
            language=Language(row.language),
            skills=frozenset() if wanted else self.queue(row.queue_id).skills,
            tried=frozenset(advisor for handoff, advisor in self.declined if handoff == row.handoff_id),
            only=wanted,
        )

    def wanted(self, row: Any) -> str | None:
        """The one person meant, while they are there at all."""
        present = {advisor.user_id for advisor, stands in self.people if stands.state is not PresenceState.OFFLINE}
        return row.wanted_advisor if row.wanted_advisor in present else None

    def advisor_due(self, handoff_id: str, without: frozenset[str]) -> str | None:
        """Whom this caller gets once everybody before them has got theirs."""
        taken = set(without)
        for row in sorted(self.waiting, key=lambda row: (not row.urgent, row.created_at, row.handoff_id)):
            if row.state != HandoffState.WAITING or row.offered_to is not None:
                continue
            free = [found for found in self.candidates(row) if found.advisor_id not in taken]
            best = best_advisor(free, self.need(row), self.now - row.created_at)
            if row.handoff_id == handoff_id:
                return None if best is None else best.advisor_id
            if best is not None:
                taken.add(best.advisor_id)
        return None

    def somebody(self, row: Any) -> bool:
        return anybody_to_wait_for(self.candidates(row), self.need(row))

    def place(self, row: Any, handling_s: float) -> Place:
        mine = [each for each in self.waiting if each.queue_id == row.queue_id]
        line = [InLine(handoff_id=each.handoff_id, since_s=each.created_at, urgent=each.urgent) for each in mine]
        place = position(row.handoff_id, line) or 1
        if row.offered_to is not None:
            return Place(position=place, wait_s=0)
        serving = [found.presence for found in self.candidates(row) if row.queue_id in found.queues]
        ready = serving.count(PresenceState.READY)
        engaged = sum(
            serving.count(state) for state in (PresenceState.RINGING, PresenceState.BUSY, PresenceState.WRAP_UP)
        )
        return Place(
            position=place, wait_s=estimated_wait_s(place, ready=ready, engaged=engaged, handling_s=handling_s)
        )


def claimed(row: Any, offer_number: int) -> Claim | None:
    """Who rings by this number already."""
    if row.offer_number != offer_number or row.offered_to is None:
        return None
    return Claim(advisor_id=row.offered_to, offer_number=offer_number, until=row.offered_until)


async def claim(connection: AsyncConnection, row: Any, offer_number: int) -> Claim | None:
    """Have an advisor ring for the handoff `row`, which this transaction has locked."""
    if (known := claimed(row, offer_number)) is not None:
        return known
    if row.state != HandoffState.WAITING or row.offer_number >= offer_number:
        return None
    await connection.execute(_claims_in_turn, {"tenant_id": row.tenant_id})
    floor = await read_floor(connection)
    passed: frozenset[str] = frozenset()
    while (advisor_id := floor.advisor_due(row.handoff_id, passed)) is not None:
        # They may have gone away since the floor was read.
        if await _rings(connection, floor, row, advisor_id):
            until = floor.now + floor.queue(row.queue_id).offer_s
            return await _offered(connection, floor.now, until, row, advisor_id, offer_number)
        passed |= {advisor_id}
    return None


async def claim_phone(connection: AsyncConnection, row: Any, offer_number: int, ring_s: float) -> Claim | None:
    """Have the phone extension ring for the handoff `row`, which this transaction has locked."""
    if (known := claimed(row, offer_number)) is not None:
        return known
    if row.state != HandoffState.WAITING or row.offer_number >= offer_number or row.wanted_advisor is not None:
        return None
    rang = (
        (offers.c.handoff_id == row.handoff_id)
        & (offers.c.advisor_id == PHONE)
        & (offers.c.result != OfferResult.WITHDRAWN)
    )
    if await connection.scalar(select(offers.c.number).where(rang).limit(1)) is not None:
        return None
    floor = await read_floor(connection)
    if floor.somebody(row) and floor.now - row.created_at < floor.queue(row.queue_id).max_wait_s:
        return None
    return await _offered(connection, floor.now, floor.now + ring_s, row, PHONE, offer_number)


async def _rings(connection: AsyncConnection, floor: Floor, row: Any, advisor_id: str) -> bool:
    wanted = floor.wanted(row) == advisor_id
    free = (PresenceState.READY, PresenceState.AWAY) if wanted else (PresenceState.READY,)
    stands = {person.user_id: standing.state for person, standing in floor.people}[advisor_id]
    values = stands_at(PresenceState.RINGING, floor.now, handoff_id=row.handoff_id)
    if stands is PresenceState.AWAY:
        values |= {"next_state": PresenceState.AWAY}
    ring = update(presence).values(values)
    rung = await connection.execute(
        ring.where(presence.c.user_id == advisor_id, presence.c.state.in_(free), presence.c.expires_at > floor.now)
    )
    return rung.rowcount == 1


async def _offered(
    connection: AsyncConnection, now: float, until: float, row: Any, advisor_id: str, offer_number: int
) -> Claim:
    change = update(handoffs).values(offer_number=offer_number, offered_to=advisor_id, offered_until=until)
    await connection.execute(change.where(handoffs.c.handoff_id == row.handoff_id))
    await connection.execute(
        insert(offers).values(
            tenant_id=row.tenant_id,
            handoff_id=row.handoff_id,
            number=offer_number,
            call_id=row.call_id,
            queue_id=row.queue_id,
            advisor_id=advisor_id,
            result=OfferResult.RINGING,
            offered_at=now,
        )
    )
    return Claim(advisor_id=advisor_id, offer_number=offer_number, until=until)


async def read_floor(connection: AsyncConnection) -> Floor:
    now = time.time()
    queues = [queue_of(row) for row in await connection.execute(_queues)]
    waiting = (await connection.execute(select(handoffs).where(handoffs.c.state.in_(_WAITS)))).all()
    stands = {row.user_id: row for row in await connection.execute(select(presence))}
    people = [
        (advisor, presence_of(stands[advisor.user_id], now))
        for advisor in await advisors_in(connection)
        if advisor.user_id in stands
    ]
    return Floor(
        now=now,
        queues=tuple(queues) or (DEFAULT_QUEUE,),
        waiting=tuple(waiting),
        people=tuple(people),
        declined=await _declined(connection, now),
    )


async def _declined(connection: AsyncConnection, now: float) -> frozenset[tuple[str, str]]:
    query = select(offers.c.handoff_id, offers.c.advisor_id).join(
        presence, (presence.c.tenant_id == offers.c.tenant_id) & (presence.c.user_id == offers.c.advisor_id)
    )
    rows = await connection.execute(
        query.where(
            offers.c.result == OfferResult.DECLINED,
            offers.c.answered_at > now - DECLINE_REST_S,
            presence.c.idle_since < offers.c.answered_at,
        )
    )
    return frozenset((row.handoff_id, row.advisor_id) for row in rows)


async def usual_handling_s(connection: AsyncConnection, queue_id: str) -> float:
    """How long the latest calls of a queue took with their wrap-up."""
    query = select(offers.c.answered_at, offers.c.wrapped_up_at).where(
        offers.c.queue_id == queue_id, offers.c.answered_at.is_not(None), offers.c.wrapped_up_at.is_not(None)
    )
    rows = (await connection.execute(query.order_by(offers.c.offered_at.desc()).limit(HANDLINGS))).all()
    average: float | None = None
    for row in reversed(rows):
        average = handling_average(average, row.wrapped_up_at - row.answered_at)
    return USUAL_HANDLING_S if average is None else average
