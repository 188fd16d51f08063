"""Handoffs as the saga writes them: each step in one transaction, and the same step twice changes nothing."""

from __future__ import annotations

import json
import time
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.desk.handoffs import Brief, Claim, HandoffState, Left, NewHandoff, OfferResult, Place
from domain.desk.hooks import DeskEvent
from domain.desk.people import AwayReason, PresenceState, Queue
from domain.errors import NotFound, Rejected
from domain.ports import KeyRing
from storage.desk.claims import claim, claim_phone, read_floor, usual_handling_s
from storage.desk.hooks import tell_foreign_desk
from storage.desk.presence import stands_at
from storage.desk.tables import handoffs, offers, presence
from storage.sealing import place as place_of
from storage.sealing import seal, unseal
from storage.session import Database
from storage.tables import queues

brief_json = TypeAdapter(Brief)
_STILL_WAITING = (Left.REQUEUED, Left.LOST, Left.NEVER_JOINED)


class PostgresHandoffs:
    """Implements domain.desk.handoffs.Handoffs."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys

    async def open(self, tenant_id: str, handoff: NewHandoff) -> None:
        row = insert(handoffs).values(
            tenant_id=tenant_id,
            handoff_id=handoff.handoff_id,
            call_id=handoff.call_id,
            number=handoff.number,
            reason=handoff.reason,
            urgent=handoff.urgent,
            asked_by=handoff.by,
            language=handoff.language,
            queue_id=handoff.queue_id,
            wanted_advisor=handoff.wanted_advisor,
            state=HandoffState.WAITING,
            created_at=time.time(),
            offer_number=0,
        )
        async with self._database.tenant_transaction(tenant_id) as connection:
            if (await connection.execute(row.on_conflict_do_nothing())).rowcount == 1:
                opened = await _locked(connection, handoff.handoff_id)
                await tell_foreign_desk(connection, opened, DeskEvent.OFFERED)

    async def save_brief(self, tenant_id: str, handoff_id: str, brief: Brief) -> None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = await _locked(connection, handoff_id)
            sealed = await self._sealed(row, brief_json.dump_json(brief), "brief", handoff_id)
            await _change(connection, row, brief_sealed=sealed)

    async def claim_next(self, tenant_id: str, handoff_id: str, offer_number: int) -> Claim | None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            return await claim(connection, await _locked(connection, handoff_id), offer_number)

    async def claim_phone(self, tenant_id: str, handoff_id: str, offer_number: int, ring_s: float) -> Claim | None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            return await claim_phone(connection, await _locked(connection, handoff_id), offer_number, ring_s)

    async def somebody(self, tenant_id: str, handoff_id: str) -> bool:
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = await _found(connection, handoff_id)
            return (await read_floor(connection)).somebody(row)

    async def place(self, tenant_id: str, handoff_id: str) -> Place:
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = await _found(connection, handoff_id)
            floor = await read_floor(connection)
            return floor.place(row, await usual_handling_s(connection, row.queue_id))

    async def queue_of(self, tenant_id: str, handoff_id: str) -> Queue:
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = await _found(connection, handoff_id)
            return (await read_floor(connection)).queue(row.queue_id)

    async def accepted(self, tenant_id: str, handoff_id: str, offer_number: int) -> None:
        now = time.time()
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = await _locked(connection, handoff_id)
            offer = await _offer(connection, row, offer_number)
            if offer.result != OfferResult.RINGING:
                return
            await _change_offer(connection, offer, result=OfferResult.ACCEPTED, answered_at=now)
            await _change(
                connection,
                row,
                state=HandoffState.BRIDGED,
                offered_to=None,
                offered_until=None,
                accepted_by=offer.advisor_id,
                accepted_at=now,
                joined_at=None,
            )
            await _stand(connection, offer, stands_at(PresenceState.BUSY, now, handoff_id=handoff_id), keep_choice=True)
            await tell_foreign_desk(connection, row, DeskEvent.WITHDRAWN)

    async def joined(self, tenant_id: str, handoff_id: str, offer_number: int) -> None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = await _locked(connection, handoff_id)
            if row.offer_number == offer_number and row.joined_at is None:
                await _change(connection, row, joined_at=time.time())

    async def not_accepted(self, tenant_id: str, handoff_id: str, offer_number: int, result: OfferResult) -> None:
        now = time.time()
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = await _locked(connection, handoff_id)
            offer = await _offer(connection, row, offer_number)
            if offer.result != OfferResult.RINGING:
                return
            await _change_offer(connection, offer, result=result, answered_at=now)
            meant = row.wanted_advisor if result is OfferResult.WITHDRAWN else None
            await _change(connection, row, offered_to=None, offered_until=None, wanted_advisor=meant)
            missed = result is OfferResult.MISSED
            await _stop_ringing(connection, offer, now, AwayReason.MISSED if missed else None)

    async def left(
        self,
        tenant_id: str,
        handoff_id: str,
        offer_number: int,
        how: Left,
        wrap_up_until: float,
        queue_id: str | None = None,
    ) -> None:
        now = time.time()
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = await _locked(connection, handoff_id)
            offer = await _offer(connection, row, offer_number)
            if offer.result != OfferResult.ACCEPTED or offer.left_at is not None:
                return
            never_joined = how is Left.NEVER_JOINED
            until = None if never_joined else wrap_up_until
            await _change_offer(connection, offer, left_how=how, left_at=now, wrap_up_until=until)
            if how in _STILL_WAITING:
                known = await connection.scalar(select(queues.c.queue_id).where(queues.c.queue_id == queue_id))
                await _change(connection, row, state=HandoffState.WAITING, queue_id=known or row.queue_id)
                await tell_foreign_desk(connection, await _locked(connection, handoff_id), DeskEvent.OFFERED)
            if never_joined:
                values = stands_at(PresenceState.AWAY, now, away=AwayReason.MISSED)
            else:
                values = stands_at(PresenceState.WRAP_UP, now, handoff_id=handoff_id)
            await _stand(connection, offer, values | {"idle_since": now}, keep_choice=not never_joined)

    async def save_note(self, tenant_id: str, handoff_id: str, offer_number: int, note: str) -> None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = await _locked(connection, handoff_id)
            offer = await _offer(connection, row, offer_number)
            sealed = await self._sealed(row, _words(note), "note", handoff_id, offer_number)
            await _change_offer(connection, offer, note_sealed=sealed)

    async def notes(self, tenant_id: str, call_id: str) -> list[str]:
        key = await self._keys.key(tenant_id, call_id)
        query = select(offers).where(offers.c.call_id == call_id, offers.c.note_sealed.is_not(None))
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = (await connection.execute(query.order_by(offers.c.offered_at))).all()
        return [] if key is None else [note_of(row, key) for row in rows]

    async def set_adrift(self, tenant_id: str, handoff_id: str, adrift: bool) -> None:
        before, after = HandoffState.WAITING, HandoffState.ADRIFT
        if not adrift:
            before, after = after, before
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = await _locked(connection, handoff_id)
            if row.state == before:
                await _change(connection, row, state=after)

    async def redirect(
        self, tenant_id: str, handoff_id: str, *, urgent: bool, queue_id: str | None, wanted_advisor: str | None
    ) -> None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = await _locked(connection, handoff_id)
            known = await connection.scalar(select(queues.c.queue_id).where(queues.c.queue_id == queue_id))
            await _change(
                connection,
                row,
                urgent=urgent or row.urgent,
                queue_id=known or row.queue_id,
                wanted_advisor=wanted_advisor or row.wanted_advisor,
            )

    async def wrapped_up(
        self, tenant_id: str, handoff_id: str, offer_number: int, disposition: str | None, notes: str | None
    ) -> None:
        now = time.time()
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = await _locked(connection, handoff_id)
            offer = await _offer(connection, row, offer_number)
            if offer.wrapped_up_at is not None:
                return
            sealed = None
            if notes:
                sealed = await self._sealed(row, _words(notes), "notes", handoff_id, offer_number)
            await _change_offer(connection, offer, wrapped_up_at=now, disposition=disposition, notes_sealed=sealed)
            await _become_free(connection, offer, PresenceState.WRAP_UP, now)

    async def ended(self, tenant_id: str, handoff_id: str, result: str) -> None:
        """Whoever still rings, because nobody learned of it, stops."""
        now = time.time()
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = await _locked(connection, handoff_id)
            if row.ended_at is not None:
                return
            if row.offered_to is not None:
                offer = await _offer(connection, row, row.offer_number)
                await _change_offer(connection, offer, result=OfferResult.WITHDRAWN, answered_at=now)
                await _stop_ringing(connection, offer, now, None)
            await _change(
                connection,
                row,
                state=HandoffState.ENDED,
                ended_at=now,
                result=result,
                offered_to=None,
                offered_until=None,
            )
            await tell_foreign_desk(connection, row, DeskEvent.ENDED, result=result)

    async def waiting_calls(self, tenant_id: str) -> list[tuple[str, int]]:
        query = select(handoffs.c.call_id, handoffs.c.number).where(
            handoffs.c.state == HandoffState.WAITING, handoffs.c.offered_to.is_(None)
        )
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = await connection.execute(query.order_by(handoffs.c.urgent.desc(), handoffs.c.created_at))
            return [(row.call_id, row.number) for row in rows]

    async def _sealed(self, row: Any, words: bytes, *at: str | int) -> bytes:
        """Raises Rejected once the call's words were erased."""
        key = await self._keys.key(row.tenant_id, row.call_id)
        if key is None:
            raise Rejected("postgres", f"the words of call {row.call_id} were erased")
        return seal(key, words, place_of("handoffs", row.tenant_id, *at))


def note_of(row: Any, key: bytes) -> str:
    return unseal(
        key, row.note_sealed, place_of("handoffs", row.tenant_id, "note", row.handoff_id, row.number)
    ).decode()


def notes_of(row: Any, key: bytes) -> str:
    return unseal(
        key, row.notes_sealed, place_of("handoffs", row.tenant_id, "notes", row.handoff_id, row.number)
    ).decode()


def brief_of(row: Any, key: bytes) -> Brief:
    words = unseal(key, row.brief_sealed, place_of("handoffs", row.tenant_id, "brief", row.handoff_id))
    return brief_json.validate_python(json.loads(words))


async def _found(connection: AsyncConnection, handoff_id: str) -> Any:
    row = (await connection.execute(select(handoffs).where(handoffs.c.handoff_id == handoff_id))).one_or_none()
    if row is None:
        raise NotFound("postgres", f"there is no handoff {handoff_id}")
    return row


async def _locked(connection: AsyncConnection, handoff_id: str) -> Any:
    query = select(handoffs).where(handoffs.c.handoff_id == handoff_id).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound("postgres", f"there is no handoff {handoff_id}")
    return row


async def _offer(connection: AsyncConnection, row: Any, number: int) -> Any:
    query = select(offers).where(offers.c.handoff_id == row.handoff_id, offers.c.number == number)
    offer = (await connection.execute(query)).one_or_none()
    if offer is None:
        raise NotFound("postgres", f"handoff {row.handoff_id} has no offer {number}")
    return offer


async def _change(connection: AsyncConnection, row: Any, **values: Any) -> None:
    await connection.execute(update(handoffs).values(values).where(handoffs.c.handoff_id == row.handoff_id))


async def _change_offer(connection: AsyncConnection, offer: Any, **values: Any) -> None:
    mine = (offers.c.handoff_id == offer.handoff_id) & (offers.c.number == offer.number)
    await connection.execute(update(offers).values(values).where(mine))


async def _stand(connection: AsyncConnection, offer: Any, values: dict[str, Any], *, keep_choice: bool) -> None:
    """The advisor of this offer comes into another state, unless their presence is about something else by now."""
    if keep_choice:
        values = {name: value for name, value in values.items() if name != "next_state"}
    mine = (presence.c.user_id == offer.advisor_id) & (presence.c.handoff_id == offer.handoff_id)
    await connection.execute(update(presence).values(values).where(mine))


async def _stop_ringing(connection: AsyncConnection, offer: Any, now: float, away: AwayReason | None) -> None:
    if away is not None:
        await _stand(connection, offer, stands_at(PresenceState.AWAY, now, away=away), keep_choice=False)
    else:
        await _become_free(connection, offer, PresenceState.RINGING, now)


async def _become_free(connection: AsyncConnection, offer: Any, after: PresenceState, now: float) -> None:
    """READY, or AWAY where the advisor chose that meanwhile."""
    query = select(presence).where(presence.c.user_id == offer.advisor_id).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    if row is None or row.handoff_id != offer.handoff_id or row.state != after:
        return
    away = row.next_state == PresenceState.AWAY
    values = stands_at(
        PresenceState.AWAY if away else PresenceState.READY, now, away=AwayReason.CHOSEN if away else None
    )
    # Who was not taken up by a caller has been idle all the while.
    if after is PresenceState.WRAP_UP:
        values |= {"idle_since": now}
    await connection.execute(update(presence).values(values).where(presence.c.user_id == offer.advisor_id))


def _words(text: str) -> bytes:
    # Half a surrogate pair, which JSON can carry, becomes a question mark instead of an error.
    return text.encode(errors="replace")
