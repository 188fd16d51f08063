"""Campaigns: their plans as they are, their people sealed, and who of them is to be dialled next."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Select, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.campaigns.book import Campaign, CampaignState, Claimed, Counts, Person, Settled, campaign_key
from domain.campaigns.contacts import Contact, ContactList, RefusedRow
from domain.campaigns.outcomes import ContactOutcome
from domain.campaigns.pace import Engaged
from domain.campaigns.plan import CampaignPlan
from domain.errors import Rejected
from storage.campaigns.tables import campaigns, people
from storage.keys import PostgresKeyRing
from storage.sealing import place, seal, unseal
from storage.session import Database
from storage.tables import calls

MOST_LISTED = 100
REFUSED_KEPT = 200
"""Rows of a file that are shown with their lines; whoever has more looks at the file as a whole."""
MINUTE_S = 60.0
WAITING, DIALLING, TALKING, DONE = "waiting", "dialling", "talking", "done"
_ENDED = (CampaignState.STOPPED, CampaignState.FINISHED)

_plan = TypeAdapter(CampaignPlan)
_contact = TypeAdapter(Contact)
_one_after_another = text("SELECT pg_advisory_xact_lock(hashtextextended('hatif campaigns ' || :tenant_id, 0))")


class PostgresCampaigns:
    """Implements domain.campaigns.book.CampaignBook."""

    def __init__(self, database: Database, keys: PostgresKeyRing) -> None:
        self._database = database
        self._keys = keys

    async def create(self, tenant_id: str, campaign_id: str, plan: CampaignPlan, listed: ContactList, by: str) -> None:
        await self._keys.create_key(tenant_id, campaign_key(campaign_id))
        key = await self._key(tenant_id, campaign_id)
        row = {
            "tenant_id": tenant_id,
            "campaign_id": campaign_id,
            "state": CampaignState.READY,
            "plan": _plan.dump_python(plan, mode="json"),
            "people": len(listed.contacts),
            "refused": [asdict(refused) for refused in listed.refused[:REFUSED_KEPT]],
            "refused_count": len(listed.refused),
            "created_by": by,
            "created_at": time.time(),
            "missed": 0,
        }
        rows = [
            {
                "tenant_id": tenant_id,
                "campaign_id": campaign_id,
                "position": position,
                "contact_sealed": seal(key, _contact.dump_json(contact), _place(tenant_id, campaign_id, position)),
                "state": WAITING,
                "asked": 0,
                "tries": 0,
                "next_at": 0.0,
            }
            for position, contact in enumerate(listed.contacts, start=1)
        ]
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(insert(campaigns).values(row))
            if rows:
                await connection.execute(people.insert(), rows)

    async def campaigns(self, tenant_id: str) -> list[Campaign]:
        query = select(campaigns).order_by(campaigns.c.created_at.desc()).limit(MOST_LISTED)
        async with self._database.tenant_transaction(tenant_id) as connection:
            return [_campaign(row) for row in await connection.execute(query)]

    async def campaign(self, tenant_id: str, campaign_id: str) -> Campaign | None:
        query = select(campaigns).where(campaigns.c.campaign_id == campaign_id)
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else _campaign(row)

    async def counts(self, tenant_id: str, campaign_id: str) -> Counts:
        groups = people.c.state, people.c.outcome
        query = select(*groups, func.count()).where(people.c.campaign_id == campaign_id).group_by(*groups)
        states: dict[str, int] = {}
        outcomes: dict[ContactOutcome, int] = {}
        async with self._database.tenant_transaction(tenant_id) as connection:
            for state, outcome, count in await connection.execute(query):
                states[state] = states.get(state, 0) + count
                if state in (TALKING, DONE):
                    outcomes[ContactOutcome(outcome)] = outcomes.get(ContactOutcome(outcome), 0) + count
        return Counts(
            waiting=states.get(WAITING, 0),
            dialling=states.get(DIALLING, 0),
            talking=states.get(TALKING, 0),
            outcomes=outcomes,
        )

    async def people(self, tenant_id: str, campaign_id: str, limit: int | None = None) -> list[Person]:
        key = await self._key(tenant_id, campaign_id)
        query = select(people).where(people.c.campaign_id == campaign_id).order_by(people.c.position).limit(limit)
        async with self._database.tenant_transaction(tenant_id) as connection:
            return [_person(row, key) for row in await connection.execute(query)]

    async def contact(self, tenant_id: str, campaign_id: str, position: int) -> Contact | None:
        key = await self._key(tenant_id, campaign_id)
        query = select(people).where(people.c.campaign_id == campaign_id, people.c.position == position)
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else _person(row, key).contact

    async def becomes(self, tenant_id: str, campaign_id: str, state: CampaignState, now: float) -> None:
        values: dict[str, Any] = {"state": state}
        if state in _ENDED:
            values["ended_at"] = now
        elif state is CampaignState.RUNNING:
            values |= {"started_at": func.coalesce(campaigns.c.started_at, now), "missed": 0}
        change = update(campaigns).values(values)
        never_begun = update(people).values(state=WAITING).where(people.c.state == DIALLING)
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(
                change.where(campaigns.c.campaign_id == campaign_id, campaigns.c.ended_at.is_(None))
            )
            if state in _ENDED:
                await connection.execute(never_begun.where(people.c.campaign_id == campaign_id))

    async def claim(
        self, tenant_id: str, campaign_id: str, room: Callable[[Engaged], int], now: float
    ) -> list[Claimed]:
        ours = people.c.campaign_id == campaign_id
        waiting = (
            select(people)
            .where(ours, people.c.state == WAITING, people.c.next_at <= now)
            .order_by(people.c.next_at, people.c.position)
        )
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(_one_after_another, {"tenant_id": tenant_id})
            most = max(0, room(await _engaged(connection, campaign_id, now)))
            for row in (await connection.execute(waiting.limit(most))).all():
                claimed = _claimed(row, asked=row.asked + 1)
                values = {
                    "state": DIALLING,
                    "asked": claimed.asked,
                    "called_at": now,
                    "call_id": claimed.call_id(tenant_id),
                }
                await connection.execute(update(people).values(values).where(ours, people.c.position == row.position))
            rows = await connection.execute(select(people).where(ours, people.c.state == DIALLING))
            return [_claimed(row, asked=row.asked) for row in rows]

    async def settle(self, tenant_id: str, claimed: Claimed, settled: Settled) -> None:
        waits = settled.outcome is None or settled.again_at is not None
        answered = settled.outcome is ContactOutcome.ANSWERED
        values: dict[str, Any] = {"state": WAITING if waits else TALKING if answered else DONE}
        if settled.again_at is not None:
            values["next_at"] = settled.again_at
        if settled.was_dialled:
            values |= {"tries": people.c.tries + 1, "outcome": settled.outcome}
        elif settled.outcome is not None:
            values["outcome"] = settled.outcome
        mine = (people.c.campaign_id == claimed.campaign_id) & (people.c.position == claimed.position)
        change = update(people).values(values).where(mine, people.c.state == DIALLING, people.c.asked == claimed.asked)
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(change)
            if settled.was_dialled:
                well = update(campaigns).values(missed=0, missed_at=None)
                await connection.execute(well.where(campaigns.c.campaign_id == claimed.campaign_id))

    async def missed(self, tenant_id: str, campaign_id: str, now: float) -> int:
        again = update(campaigns).values(missed=campaigns.c.missed + 1, missed_at=now).returning(campaigns.c.missed)
        async with self._database.tenant_transaction(tenant_id) as connection:
            return await connection.scalar(again.where(campaigns.c.campaign_id == campaign_id)) or 0

    async def next_at(self, tenant_id: str, campaign_id: str) -> float | None:
        query = select(func.min(people.c.next_at)).where(people.c.campaign_id == campaign_id, people.c.state == WAITING)
        async with self._database.tenant_transaction(tenant_id) as connection:
            return await connection.scalar(query)

    async def opted_out(self, tenant_id: str, call_id: str) -> None:
        change = update(people).values(outcome=ContactOutcome.OPTED_OUT).where(people.c.call_id == call_id)
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(change.where(people.c.outcome == ContactOutcome.ANSWERED))

    async def remove(self, tenant_id: str, campaign_id: str) -> None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(delete(campaigns).where(campaigns.c.campaign_id == campaign_id))
        await self._keys.erase_key(tenant_id, campaign_key(campaign_id))

    async def _key(self, tenant_id: str, campaign_id: str) -> bytes:
        key = await self._keys.key(tenant_id, campaign_key(campaign_id))
        if key is None:
            raise Rejected("postgres", "this campaign is not there, or was removed")
        return key


async def _engaged(connection: AsyncConnection, campaign_id: str, now: float) -> Engaged:
    over = (
        update(people)
        .values(state=DONE)
        .where(people.c.state == TALKING, calls.c.tenant_id == people.c.tenant_id)
        .where(calls.c.call_id == people.c.call_id, calls.c.ended_at.is_not(None))
    )
    ours = people.c.campaign_id == campaign_id
    await connection.execute(over)
    under_way = await connection.scalar(_count(people.c.state.in_((DIALLING, TALKING))))
    ringing = await connection.scalar(_count(ours, people.c.state == DIALLING))
    lately = await connection.scalar(_count(ours, people.c.called_at > now - MINUTE_S))
    return Engaged(calls=under_way or 0, ringing=ringing or 0, begun_lately=lately or 0)


def _count(*conditions: Any) -> Select[int]:
    return select(func.count()).select_from(people).where(*conditions)


def _place(tenant_id: str, campaign_id: str, position: int) -> bytes:
    return place("campaign_people", tenant_id, campaign_id, position)


def _claimed(row: Any, *, asked: int) -> Claimed:
    return Claimed(campaign_id=row.campaign_id, position=row.position, asked=asked, tries=row.tries)


def _campaign(row: Any) -> Campaign:
    return Campaign(
        campaign_id=row.campaign_id,
        state=CampaignState(row.state),
        plan=_plan.validate_python(row.plan),
        people=row.people,
        created_by=row.created_by,
        created_at=row.created_at,
        refused=tuple(RefusedRow(**refused) for refused in row.refused),
        refused_count=row.refused_count,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def _person(row: Any, key: bytes) -> Person:
    sealed = unseal(key, row.contact_sealed, _place(row.tenant_id, row.campaign_id, row.position))
    return Person(
        position=row.position,
        contact=_contact.validate_json(sealed),
        state=row.state,
        tries=row.tries,
        outcome=None if row.outcome is None else ContactOutcome(row.outcome),
        called_at=row.called_at,
        call_id=row.call_id,
    )
