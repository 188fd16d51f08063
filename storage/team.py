"""People as an administrator changes them, and the queues that they serve."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.accounts import Role, User
from domain.errors import NotFound, Refused
from domain.speech import Language
from domain.team import Queue, UserChange
from storage.accounts import sign_out, user_columns, user_of
from storage.feed import announce
from storage.session import Database
from storage.tables import queues, users

USER_CHANGED = "user.changed"
"""The live event, about a user's id, at which their sockets ask again what they may see."""


class PostgresTeam:
    """Implements domain.team.Team."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def users(self, tenant_id: str) -> list[User]:
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = await connection.execute(user_columns.order_by(func.lower(users.c.name), users.c.user_id))
            return [user_of(row) for row in rows]

    async def change_user(self, tenant_id: str, user_id: str, change: UserChange) -> User:
        async with self._database.tenant_transaction(tenant_id) as connection:
            # Whoever takes an administrator away holds all of them meanwhile, in one order: of two at once the second
            # counts what the first has left.
            admins = set(await connection.scalars(_working_admins))
            found = await connection.execute(user_columns.where(users.c.user_id == user_id).with_for_update())
            row = found.one_or_none()
            if row is None:
                raise NotFound("postgres", f"there is no user {user_id}")
            before = user_of(row)
            after = _changed(before, change)
            if admins == {user_id} and (after.disabled or after.role is not Role.ADMIN):
                raise Refused("last_admin", "This is the last administrator: make another person one first.")
            values = {
                "name": after.name,
                "role": after.role,
                "disabled": after.disabled,
                "languages": list(after.languages),
                "skills": list(after.skills),
                "queues": list(after.queues),
            }
            await connection.execute(update(users).values(values).where(users.c.user_id == user_id))
            if after.disabled and not before.disabled:
                await sign_out(connection, tenant_id, user_id)
            else:
                await announce(connection, tenant_id, user_id, USER_CHANGED)
            return after

    async def queues(self, tenant_id: str) -> list[Queue]:
        async with self._database.tenant_transaction(tenant_id) as connection:
            return [_queue(row) for row in await connection.execute(select(queues).order_by(queues.c.queue_id))]

    async def save_queue(self, queue: Queue) -> None:
        values: dict[str, Any] = {
            "name": {language.value: name for language, name in queue.name.items()},
            "languages": list(queue.languages),
            "skills": list(queue.skills),
            "intents": list(queue.intents),
            "offer_s": queue.offer_s,
            "max_wait_s": queue.max_wait_s,
        }
        row = insert(queues).values(tenant_id=queue.tenant_id, queue_id=queue.queue_id, **values)
        async with self._database.tenant_transaction(queue.tenant_id) as connection:
            await connection.execute(row.on_conflict_do_update(index_elements=["tenant_id", "queue_id"], set_=values))

    async def remove_queue(self, tenant_id: str, queue_id: str) -> bool:
        async with self._database.tenant_transaction(tenant_id) as connection:
            await _served_no_more(connection, queue_id)
            gone = await connection.execute(delete(queues).where(queues.c.queue_id == queue_id))
            return gone.rowcount == 1


_working_admins = (
    select(users.c.user_id)
    .where(users.c.role == Role.ADMIN, users.c.disabled.is_(False))
    .order_by(users.c.user_id)
    .with_for_update()
)


async def _served_no_more(connection: AsyncConnection, queue_id: str) -> None:
    left = update(users).values(queues=func.array_remove(users.c.queues, queue_id))
    await connection.execute(left.where(users.c.queues.contains([queue_id])))


def _changed(user: User, change: UserChange) -> User:
    return User(
        user_id=user.user_id,
        tenant_id=user.tenant_id,
        email=user.email,
        name=user.name if change.name is None else change.name,
        role=user.role if change.role is None else change.role,
        disabled=user.disabled if change.disabled is None else change.disabled,
        languages=user.languages if change.languages is None else change.languages,
        skills=user.skills if change.skills is None else change.skills,
        queues=user.queues if change.queues is None else change.queues,
        password_until=user.password_until,
    )


def _queue(row: Any) -> Queue:
    return Queue(
        tenant_id=row.tenant_id,
        queue_id=row.queue_id,
        name={Language(language): name for language, name in row.name.items()},
        languages=tuple(Language(language) for language in row.languages),
        skills=tuple(row.skills),
        intents=tuple(row.intents),
        offer_s=row.offer_s,
        max_wait_s=row.max_wait_s,
    )
