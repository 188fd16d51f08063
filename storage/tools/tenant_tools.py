"""The tools that tenants added, and the bearer tokens of some, sealed under the tenant's own key."""

from __future__ import annotations

import time
from dataclasses import replace

from pydantic import TypeAdapter
from sqlalchemy import Text, cast, delete, false, func, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.acting.tenant_tool import TenantTool
from storage.connections import PostgresSecrets
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tools.tables import tenant_tools

_tool = TypeAdapter(TenantTool)


class PostgresTenantTools:
    """Implements domain.acting.tenant_tool.TenantTools."""

    def __init__(self, database: Database, keys: PostgresKeyRing) -> None:
        self._database = database
        self._keys = keys

    async def all(self, tenant_id: str) -> list[TenantTool]:
        query = select(tenant_tools.c.tool).order_by(tenant_tools.c.name)
        async with self._database.tenant_transaction(tenant_id) as connection:
            return [_tool.validate_python(found) for found in await connection.scalars(query)]

    async def save(self, tenant_id: str, tool: TenantTool, secret: str | None) -> None:
        if secret is not None:
            await self._secrets(tenant_id).write(secret_of(tool.name), secret)
            tool = replace(tool, has_secret=True)
        elif not tool.has_secret:
            await self._secrets(tenant_id).forget(secret_of(tool.name))
        row = insert(tenant_tools).values(
            tenant_id=tenant_id, name=tool.name, tool=_tool.dump_python(tool, mode="json"), saved_at=time.time()
        )
        replaced = {"tool": row.excluded.tool, "saved_at": row.excluded.saved_at}
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(row.on_conflict_do_update(index_elements=["tenant_id", "name"], set_=replaced))

    async def remove(self, tenant_id: str, name: str) -> bool:
        async with self._database.tenant_transaction(tenant_id) as connection:
            done = await connection.execute(delete(tenant_tools).where(tenant_tools.c.name == name))
        await self._secrets(tenant_id).forget(secret_of(name))
        return done.rowcount == 1

    async def switch_off(self, tenant_id: str, name: str, because: str) -> None:
        changed = tenant_tools.c.tool.op("||")(
            func.jsonb_build_object("enabled", false(), "off_because", cast(because, Text))
        )
        query = update(tenant_tools).where(tenant_tools.c.name == name).values(tool=changed, saved_at=time.time())
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(query)

    async def token(self, tenant_id: str, tool: TenantTool) -> str | None:
        """Raises NotFound where the tool says that it has one and none is there."""
        return await self._secrets(tenant_id).read(secret_of(tool.name)) if tool.has_secret else None

    def _secrets(self, tenant_id: str) -> PostgresSecrets:
        return PostgresSecrets(self._database, self._keys, tenant_id)


def secret_of(name: str) -> str:
    return f"tool.{name}"
