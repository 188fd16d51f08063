"""How tenants reach other people's systems, and the secrets for it, sealed under the tenant's own key."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.acting.connection import ConnectionRow, HeldConnection
from domain.credentials import Tokens
from domain.errors import NotFound, Rejected
from storage.keys import PostgresKeyRing
from storage.sealing import place, seal, unseal
from storage.session import Database
from storage.tables import connections, secrets


class PostgresConnections:
    """Implements domain.acting.connection.Connections."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, tenant_id: str) -> list[ConnectionRow]:
        query = select(connections).order_by(connections.c.connection_id)
        async with self._database.tenant_transaction(tenant_id) as connection:
            return [_row(row) for row in await connection.execute(query)]

    async def save(self, row: ConnectionRow) -> None:
        async with self._database.tenant_transaction(row.tenant_id) as connection:
            await _save(connection, row)

    async def remove(self, tenant_id: str, connection_id: str) -> bool:
        async with self._database.tenant_transaction(tenant_id) as connection:
            done = await connection.execute(delete(connections).where(connections.c.connection_id == connection_id))
            return done.rowcount == 1


class PostgresConnectionBook:
    """Implements domain.acting.connection.ConnectionBook.

    A secret of a connection is kept under "ID.NAME", its tokens under "ID#tokens", and what is set aside under
    "ID#aside"; ids have neither dots nor hashes.
    """

    def __init__(self, database: Database, keys: PostgresKeyRing) -> None:
        self._database = database
        self._keys = keys
        self._connections = PostgresConnections(database)

    async def held(self, tenant_id: str) -> list[HeldConnection]:
        rows = await self._connections.all(tenant_id)
        async with self._database.tenant_transaction(tenant_id) as connection:
            references = set(await connection.scalars(select(secrets.c.reference)))
        return [
            HeldConnection(
                row=row,
                secrets=frozenset(
                    one.partition(".")[2] for one in references if one.startswith(f"{row.connection_id}.")
                ),
                signed_in=_tokens_of(row.connection_id) in references,
            )
            for row in rows
        ]

    async def save(self, row: ConnectionRow, new: Mapping[str, str], *, sign_out: bool = False) -> None:
        of_tenant = PostgresSecrets(self._database, self._keys, row.tenant_id)
        async with self._database.tenant_transaction(row.tenant_id) as connection:
            await _save(connection, row)
            for name, value in new.items():
                await of_tenant.put(connection, f"{row.connection_id}.{name}", value)
            if sign_out:
                await connection.execute(delete(secrets).where(_beside(row.connection_id)))

    async def remove(self, tenant_id: str, connection_id: str) -> bool:
        its_own = secrets.c.reference.startswith(f"{connection_id}.", autoescape=True)
        async with self._database.tenant_transaction(tenant_id) as connection:
            done = await connection.execute(delete(connections).where(connections.c.connection_id == connection_id))
            if done.rowcount:
                await connection.execute(delete(secrets).where(its_own | _beside(connection_id)))
            return done.rowcount == 1

    async def set_aside(self, row: ConnectionRow, value: str) -> None:
        await PostgresSecrets(self._database, self._keys, row.tenant_id).write(_aside_of(row.connection_id), value)

    async def take(self, tenant_id: str, connection_id: str) -> str | None:
        place_of = _aside_of(connection_id)
        of_tenant = PostgresSecrets(self._database, self._keys, tenant_id)
        async with self._database.tenant_transaction(tenant_id) as connection:
            # Two who come back at once: the row is locked, and the second finds nothing.
            await connection.execute(select(secrets.c.version).where(secrets.c.reference == place_of).with_for_update())
            value = await of_tenant.value(connection, place_of)
            await connection.execute(delete(secrets).where(secrets.c.reference == place_of))
            return value


class PostgresSecrets:
    """Implements domain.credentials.Secrets for one tenant."""

    def __init__(self, database: Database, keys: PostgresKeyRing, tenant_id: str) -> None:
        self._database = database
        self._keys = keys
        self._tenant_id = tenant_id

    async def read(self, reference: str) -> str:
        async with self._database.tenant_transaction(self._tenant_id) as connection:
            value = await self.value(connection, reference)
        if value is None:
            raise NotFound("secrets", f"nothing is stored under {reference}")
        return value

    async def write(self, reference: str, value: str) -> None:
        """Whatever was there is replaced."""
        async with self._database.tenant_transaction(self._tenant_id) as connection:
            await self.put(connection, reference, value)

    async def forget(self, reference: str) -> None:
        async with self._database.tenant_transaction(self._tenant_id) as connection:
            await connection.execute(delete(secrets).where(secrets.c.reference == reference))

    async def tokens(self, reference: str) -> Tokens | None:
        async with self._database.tenant_transaction(self._tenant_id) as connection:
            return _tokens(await self.value(connection, _tokens_of(reference)))

    async def replace_tokens(self, reference: str, new: Tokens, *, instead_of: Tokens | None) -> Tokens:
        place_of = _tokens_of(reference)
        async with self._database.tenant_transaction(self._tenant_id) as connection:
            if instead_of is None:
                # Nothing to lock yet: the first of two writers makes the row, and both then see it.
                await self.put(connection, place_of, json.dumps(asdict(new)), keep=True)
            await connection.execute(select(secrets.c.version).where(secrets.c.reference == place_of).with_for_update())
            held = _tokens(await self.value(connection, place_of))
            if held is not None and held != instead_of:
                return held
            await self.put(connection, place_of, json.dumps(asdict(new)))
        return new

    # ------------------------------------------------------------ inside a transaction of the tenant

    async def value(self, connection: AsyncConnection, reference: str) -> str | None:
        sealed = await connection.scalar(select(secrets.c.value_sealed).where(secrets.c.reference == reference))
        if sealed is None:
            return None
        key = await self._keys.secrets_key(connection, self._tenant_id)
        return unseal(key, sealed, self._place(reference)).decode()

    async def put(self, connection: AsyncConnection, reference: str, value: str, *, keep: bool = False) -> None:
        key = await self._keys.secrets_key(connection, self._tenant_id)
        sealed = seal(key, value.encode(errors="surrogatepass"), self._place(reference))
        row = insert(secrets).values(
            tenant_id=self._tenant_id, reference=reference, value_sealed=sealed, version=1, saved_at=time.time()
        )
        if keep:
            await connection.execute(row.on_conflict_do_nothing())
            return
        replaced = {"value_sealed": sealed, "version": secrets.c.version + 1, "saved_at": time.time()}
        await connection.execute(row.on_conflict_do_update(index_elements=["tenant_id", "reference"], set_=replaced))

    def _place(self, reference: str) -> bytes:
        return place("secrets", self._tenant_id, reference)


async def _save(connection: AsyncConnection, row: ConnectionRow) -> None:
    values = {**asdict(row), "saved_at": time.time()}
    change = {name: value for name, value in values.items() if name not in ("tenant_id", "connection_id")}
    await connection.execute(
        insert(connections)
        .values(values)
        .on_conflict_do_update(index_elements=["tenant_id", "connection_id"], set_=change)
    )


def _tokens_of(reference: str) -> str:
    return f"{reference}#tokens"


def _aside_of(connection_id: str) -> str:
    return f"{connection_id}#aside"


def _beside(connection_id: str) -> ColumnElement[bool]:
    """The tokens, and what is set aside."""
    return secrets.c.reference.in_((_tokens_of(connection_id), _aside_of(connection_id)))


def _tokens(value: str | None) -> Tokens | None:
    if value is None:
        return None
    try:
        stored: dict[str, Any] = json.loads(value)
        return Tokens(**stored)
    except (ValueError, TypeError):
        raise Rejected("secrets", "stored tokens can't be read") from None


def _row(row: Any) -> ConnectionRow:
    return ConnectionRow(
        tenant_id=row.tenant_id,
        connection_id=row.connection_id,
        system=row.system,
        url=row.url,
        settings=row.settings,
        enabled=row.enabled,
    )
