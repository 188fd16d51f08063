"""The MCP servers that tenants registered, and the bearer tokens of some, sealed under the tenant's own key."""

from __future__ import annotations

import time
from dataclasses import replace

from pydantic import TypeAdapter
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from domain.acting.tool_server import ToolServer
from storage.connections import PostgresSecrets
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tools.tables import tenant_tools, tool_servers

_server = TypeAdapter(ToolServer)


class PostgresToolServers:
    """Implements domain.acting.tool_server.ToolServers."""

    def __init__(self, database: Database, keys: PostgresKeyRing) -> None:
        self._database = database
        self._keys = keys

    async def all(self, tenant_id: str) -> list[ToolServer]:
        query = select(tool_servers.c.server).order_by(tool_servers.c.name)
        async with self._database.tenant_transaction(tenant_id) as connection:
            return [_server.validate_python(found) for found in await connection.scalars(query)]

    async def save(self, tenant_id: str, server: ToolServer, secret: str | None) -> None:
        if secret is not None:
            await self._secrets(tenant_id).write(secret_of(server.name), secret)
            server = replace(server, has_secret=True)
        elif not server.has_secret:
            await self._secrets(tenant_id).forget(secret_of(server.name))
        row = insert(tool_servers).values(
            tenant_id=tenant_id, name=server.name, server=_server.dump_python(server, mode="json"), saved_at=time.time()
        )
        replaced = {"server": row.excluded.server, "saved_at": row.excluded.saved_at}
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(row.on_conflict_do_update(index_elements=["tenant_id", "name"], set_=replaced))

    async def remove(self, tenant_id: str, name: str) -> bool:
        async with self._database.tenant_transaction(tenant_id) as connection:
            done = await connection.execute(delete(tool_servers).where(tool_servers.c.name == name))
            await connection.execute(delete(tenant_tools).where(tenant_tools.c.tool["server"].astext == name))
        await self._secrets(tenant_id).forget(secret_of(name))
        return done.rowcount == 1

    async def token(self, tenant_id: str, server: ToolServer) -> str | None:
        """Raises NotFound where the server says that it has one and none is there."""
        return await self._secrets(tenant_id).read(secret_of(server.name)) if server.has_secret else None

    def _secrets(self, tenant_id: str) -> PostgresSecrets:
        return PostgresSecrets(self._database, self._keys, tenant_id)


def secret_of(name: str) -> str:
    return f"tool_server.{name}"
