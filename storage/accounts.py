"""People, their refresh tokens, site keys and call tokens."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, func, not_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.accounts import Role, SiteKey, User, UserChange
from domain.errors import NotFound, Refused
from domain.speech import Language
from storage.calls import stillborn
from storage.feed import announce
from storage.session import Database
from storage.tables import call_tokens, calls, refresh_tokens, site_keys, users

REMEMBER_EXPIRED_S = 7 * 86_400.0
"""How long an expired refresh token is kept, so that its theft is still noticed."""

SIGNED_OUT = "user.signed_out"
"""The live event, about a user's id, at which their sockets close."""

USER_CHANGED = "user.changed"
"""The live event, about a user's id, at which their sockets ask again what they may see."""

user_columns = select(*(column for column in users.c if column is not users.c.password_hash))
_working_admins = (
    select(users.c.user_id)
    .where(users.c.role == Role.ADMIN, users.c.disabled.is_(False))
    .order_by(users.c.user_id)
    .with_for_update()
)
_tenant_of_slug = text("SELECT hatif.tenant_of_slug(:slug)")
_tenant_of_refresh_token = text("SELECT hatif.tenant_of_refresh_token(:hash)")
_site_key_of = text("SELECT * FROM hatif.site_key_of(:key)")
_listed_site_keys = text("SELECT * FROM hatif.listed_site_keys()")


class PostgresAccounts:
    """Implements domain.accounts.Accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tenant_id(self, slug: str) -> str | None:
        async with self._database.transaction() as connection:
            return await connection.scalar(_tenant_of_slug, {"slug": slug})

    async def user_by_email(self, tenant_id: str, email: str) -> tuple[User, str] | None:
        """Upper and lower case of the e-mail make no difference."""
        query = user_columns.add_columns(users.c.password_hash)
        async with self._database.tenant_transaction(tenant_id) as connection:
            found = await connection.execute(query.where(func.lower(users.c.email) == func.lower(email)))
            row = found.one_or_none()
        return None if row is None else (user_of(row), row.password_hash)

    async def user(self, tenant_id: str, user_id: str) -> User | None:
        async with self._database.tenant_transaction(tenant_id) as connection:
            return await _find_user(connection, user_id)

    async def create_user(self, user: User, password_hash: str) -> None:
        row = insert(users).values(
            tenant_id=user.tenant_id,
            user_id=user.user_id,
            email=user.email,
            password_hash=password_hash,
            password_until=user.password_until,
            **_values(user),
        )
        async with self._database.tenant_transaction(user.tenant_id) as connection:
            await connection.execute(row)

    async def set_password(self, tenant_id: str, user_id: str, password_hash: str, until: float | None = None) -> None:
        values = {"password_hash": password_hash, "password_until": until}
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(update(users).values(values).where(users.c.user_id == user_id))
            await sign_out(connection, tenant_id, user_id)

    async def users(self, tenant_id: str) -> list[User]:
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = await connection.execute(user_columns.order_by(func.lower(users.c.name), users.c.user_id))
            return [user_of(row) for row in rows]

    async def change_user(self, tenant_id: str, user_id: str, change: UserChange) -> User:
        this_user = users.c.user_id == user_id
        async with self._database.tenant_transaction(tenant_id) as connection:
            # Whoever takes an administrator away holds all of them meanwhile, in one order: of two at once the second
            # counts what the first has left.
            admins = set(await connection.scalars(_working_admins))
            row = (await connection.execute(user_columns.where(this_user).with_for_update())).one_or_none()
            if row is None:
                raise NotFound("postgres", f"there is no user {user_id}")
            before = user_of(row)
            after = _changed(before, change)
            if admins == {user_id} and (after.disabled or after.role is not Role.ADMIN):
                raise Refused("last_admin", "This is the last administrator: make another person one first.")
            await connection.execute(update(users).values(_values(after)).where(this_user))
            if after.disabled and not before.disabled:
                await sign_out(connection, tenant_id, user_id)
            else:
                await announce(connection, tenant_id, user_id, USER_CHANGED)
            return after

    async def site_key(self, key: str) -> SiteKey | None:
        async with self._database.transaction() as connection:
            row = (await connection.execute(_site_key_of, {"key": key})).one_or_none()
        return None if row is None else _site_key(row)

    async def listed_site_keys(self) -> list[SiteKey]:
        async with self._database.transaction() as connection:
            return [_site_key(row) for row in await connection.execute(_listed_site_keys)]

    async def save_site_key(self, site_key: SiteKey) -> None:
        """Raises Rejected when another site key has the same public key."""
        values = {
            "key": site_key.key,
            "allowed_origins": list(site_key.allowed_origins),
            "max_concurrent_calls": site_key.max_concurrent_calls,
            "listed": site_key.listed,
        }
        row = insert(site_keys).values(tenant_id=site_key.tenant_id, site_key_id=site_key.site_key_id, **values)
        async with self._database.tenant_transaction(site_key.tenant_id) as connection:
            await connection.execute(
                row.on_conflict_do_update(index_elements=["tenant_id", "site_key_id"], set_=values)
            )

    async def live_calls(self, tenant_id: str, site_key_id: str) -> int:
        ours = calls.c.site_key_id == site_key_id
        live = select(func.count()).where(ours, calls.c.ended_at.is_(None), not_(stillborn()))
        async with self._database.tenant_transaction(tenant_id) as connection:
            return await connection.scalar(live) or 0

    async def bind_call_token(self, tenant_id: str, token_id: str, call_id: str) -> str:
        row = insert(call_tokens).values(tenant_id=tenant_id, token_id=token_id, call_id=call_id, bound_at=time.time())
        bound = select(call_tokens.c.call_id).where(call_tokens.c.token_id == token_id)
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(row.on_conflict_do_nothing())
            return (await connection.execute(bound)).scalar_one()

    async def save_refresh_token(
        self, tenant_id: str, user_id: str, family: str, token_hash: bytes, expires_at: float
    ) -> None:
        forgotten = refresh_tokens.c.expires_at < time.time() - REMEMBER_EXPIRED_S
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(delete(refresh_tokens).where(refresh_tokens.c.user_id == user_id, forgotten))
            await _add_token(connection, tenant_id, user_id, family, token_hash, expires_at)

    async def rotate_refresh_token(self, token_hash: bytes, new_hash: bytes, expires_at: float) -> User | None:
        """None also for a user who was disabled."""
        tenant_id = await self._tenant_of(token_hash)
        if tenant_id is None:
            return None
        # The lock lets one of two rotations at once see that the other has replaced the token.
        query = select(refresh_tokens).where(refresh_tokens.c.token_hash == token_hash).with_for_update()
        async with self._database.tenant_transaction(tenant_id) as connection:
            token = (await connection.execute(query)).one_or_none()
            if token is None or token.revoked_at is not None:
                return None
            if token.replaced_at is not None:
                await _revoke_family(connection, token.family)
                return None
            user = await _find_user(connection, token.user_id)
            if token.expires_at <= time.time() or user is None or user.disabled:
                return None
            replaced = update(refresh_tokens).values(replaced_at=time.time())
            await connection.execute(replaced.where(refresh_tokens.c.token_hash == token_hash))
            await _add_token(connection, tenant_id, token.user_id, token.family, new_hash, expires_at)
            return user

    async def revoke_refresh_token(self, token_hash: bytes) -> None:
        tenant_id = await self._tenant_of(token_hash)
        if tenant_id is None:
            return
        query = select(refresh_tokens.c.family).where(refresh_tokens.c.token_hash == token_hash)
        async with self._database.tenant_transaction(tenant_id) as connection:
            family = await connection.scalar(query)
            if family is not None:
                await _revoke_family(connection, family)

    async def _tenant_of(self, token_hash: bytes) -> str | None:
        async with self._database.transaction() as connection:
            return await connection.scalar(_tenant_of_refresh_token, {"hash": token_hash})


async def sign_out(connection: AsyncConnection, tenant_id: str, user_id: str) -> None:
    """Everywhere: no refresh token is good any more, and open sockets close."""
    revoke = update(refresh_tokens).values(revoked_at=time.time())
    await connection.execute(revoke.where(refresh_tokens.c.user_id == user_id, refresh_tokens.c.revoked_at.is_(None)))
    await announce(connection, tenant_id, user_id, SIGNED_OUT)


async def _find_user(connection: AsyncConnection, user_id: str) -> User | None:
    row = (await connection.execute(user_columns.where(users.c.user_id == user_id))).one_or_none()
    return None if row is None else user_of(row)


async def _add_token(
    connection: AsyncConnection, tenant_id: str, user_id: str, family: str, token_hash: bytes, expires_at: float
) -> None:
    row = insert(refresh_tokens).values(
        tenant_id=tenant_id, user_id=user_id, family=family, token_hash=token_hash, expires_at=expires_at
    )
    await connection.execute(row)


async def _revoke_family(connection: AsyncConnection, family: str) -> None:
    revoke = update(refresh_tokens).values(revoked_at=time.time())
    await connection.execute(revoke.where(refresh_tokens.c.family == family, refresh_tokens.c.revoked_at.is_(None)))


def _values(user: User) -> dict[str, Any]:
    """What may change about a person."""
    return {
        "name": user.name,
        "role": user.role,
        "disabled": user.disabled,
        "languages": list(user.languages),
        "skills": list(user.skills),
        "queues": list(user.queues),
    }


def _changed(user: User, change: UserChange) -> User:
    given = {name: value for name in change.__slots__ if (value := getattr(change, name)) is not None}
    return replace(user, **given)


def user_of(row: Any) -> User:
    return User(
        user_id=row.user_id,
        tenant_id=row.tenant_id,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        disabled=row.disabled,
        languages=tuple(Language(language) for language in row.languages),
        skills=tuple(row.skills),
        queues=tuple(row.queues),
        password_until=row.password_until,
    )


def _site_key(row: Any) -> SiteKey:
    return SiteKey(
        site_key_id=row.site_key_id,
        tenant_id=row.tenant_id,
        key=row.key,
        allowed_origins=tuple(row.allowed_origins),
        max_concurrent_calls=row.max_concurrent_calls,
        listed=row.listed,
    )
