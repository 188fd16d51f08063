"""Advisors, what they can, and the queues that they serve."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.accounts import Role, User
from domain.desk.people import DEFAULT_QUEUE, Advisor, Queue
from domain.errors import Rejected
from domain.speech import Language
from storage.accounts import user_columns, user_of
from storage.session import Database
from storage.tables import queues, users

_MAY_TAKE_CALLS = tuple(role for role in Role if role.covers(Role.ADVISOR))
_advisors = user_columns.where(users.c.role.in_(_MAY_TAKE_CALLS), users.c.disabled.is_(False))


class PostgresTeam:
    """Implements domain.desk.people.Team."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def advisors(self, tenant_id: str) -> list[Advisor]:
        """In order of name."""
        async with self._database.tenant_transaction(tenant_id) as connection:
            return await advisors_in(connection)

    async def advisor(self, tenant_id: str, user_id: str) -> Advisor | None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = (await connection.execute(_advisors.where(users.c.user_id == user_id))).one_or_none()
        return None if row is None else _advisor(user_of(row))

    async def save_advisor(
        self,
        tenant_id: str,
        user_id: str,
        *,
        languages: frozenset[Language],
        skills: frozenset[str],
        queue_ids: frozenset[str],
    ) -> None:
        values = {"languages": sorted(languages), "skills": sorted(skills), "queues": sorted(queue_ids)}
        async with self._database.tenant_transaction(tenant_id) as connection:
            saved = await connection.execute(update(users).values(values).where(users.c.user_id == user_id))
            if saved.rowcount == 0:
                raise Rejected("postgres", f"there is no user {user_id}")

    async def queues(self, tenant_id: str) -> list[Queue]:
        query = select(queues).order_by(queues.c.position, queues.c.queue_id)
        async with self._database.tenant_transaction(tenant_id) as connection:
            found = [queue_of(row) for row in await connection.execute(query)]
        return found or [DEFAULT_QUEUE]

    async def save_queue(self, tenant_id: str, queue: Queue) -> None:
        values: dict[str, Any] = {
            "names": {language.value: name for language, name in queue.names.items()},
            "languages": sorted(queue.languages),
            "skills": sorted(queue.skills),
            "offer_s": queue.offer_s,
            "max_wait_s": queue.max_wait_s,
            "wrap_up_s": queue.wrap_up_s,
            "position": queue.position,
        }
        row = insert(queues).values(tenant_id=tenant_id, queue_id=queue.queue_id, **values)
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(row.on_conflict_do_update(index_elements=["tenant_id", "queue_id"], set_=values))

    async def delete_queue(self, tenant_id: str, queue_id: str) -> bool:
        """Nobody serves it afterwards."""
        left = update(users).values(queues=func.array_remove(users.c.queues, queue_id))
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(left.where(users.c.queues.contains([queue_id])))
            return (await connection.execute(delete(queues).where(queues.c.queue_id == queue_id))).rowcount == 1


async def advisors_in(connection: AsyncConnection) -> list[Advisor]:
    """Those of the transaction's tenant, in order of name."""
    rows = await connection.execute(_advisors.order_by(func.lower(users.c.name), users.c.user_id))
    return [_advisor(user_of(row)) for row in rows]


def queue_of(row: Any) -> Queue:
    return Queue(
        queue_id=row.queue_id,
        names={Language(language): name for language, name in row.names.items()},
        languages=frozenset(Language(language) for language in row.languages),
        skills=frozenset(row.skills),
        offer_s=row.offer_s,
        max_wait_s=row.max_wait_s,
        wrap_up_s=row.wrap_up_s,
        position=row.position,
    )


def _advisor(user: User) -> Advisor:
    return Advisor(
        user_id=user.user_id,
        name=user.name,
        languages=frozenset(user.languages),
        skills=frozenset(user.skills),
        queue_ids=frozenset(user.queues),
    )
