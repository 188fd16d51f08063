"""Tenants and their profiles."""

from __future__ import annotations

import time
from collections.abc import Collection

from pydantic import TypeAdapter
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from domain.tenant import TenantProfile
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tables import tenant_configs, tenants

_profile = TypeAdapter(TenantProfile)


class PostgresTenants:
    """Implements domain.ports.Tenants."""

    def __init__(self, database: Database, keys: PostgresKeyRing) -> None:
        self._database = database
        self._keys = keys

    async def profile(self, tenant_id: str) -> TenantProfile | None:
        query = select(tenant_configs.c.profile.concat(tenant_configs.c.changes))
        async with self._database.tenant_transaction(tenant_id) as connection:
            found = await connection.scalar(query)
        return None if found is None else _profile.validate_python(found)

    async def save(self, profile: TenantProfile, *, undo_changes: bool = False) -> None:
        """Raises Rejected when another tenant has the slug."""
        tenant = insert(tenants).values(tenant_id=profile.tenant_id, slug=profile.slug, created_at=time.time())
        config = insert(tenant_configs).values(
            tenant_id=profile.tenant_id,
            profile=_profile.dump_python(profile, mode="json"),
            changes={},
            saved_at=time.time(),
        )
        replaced = {"profile": config.excluded.profile, "saved_at": config.excluded.saved_at}
        if undo_changes:
            replaced["changes"] = config.excluded.changes
        async with self._database.tenant_transaction(profile.tenant_id) as connection:
            await connection.execute(
                tenant.on_conflict_do_update(index_elements=["tenant_id"], set_={"slug": tenant.excluded.slug})
            )
            await self._keys.create_tenant_key(connection, profile.tenant_id)
            await connection.execute(config.on_conflict_do_update(index_elements=["tenant_id"], set_=replaced))

    async def change(self, profile: TenantProfile, fields: Collection[str]) -> None:
        whole = _profile.dump_python(profile, mode="json")
        changes = tenant_configs.c.changes.concat({field: whole[field] for field in fields})
        async with self._database.tenant_transaction(profile.tenant_id) as connection:
            await connection.execute(update(tenant_configs).values(changes=changes, saved_at=time.time()))

    async def changed(self, tenant_id: str) -> frozenset[str]:
        async with self._database.tenant_transaction(tenant_id) as connection:
            return frozenset(await connection.scalar(select(tenant_configs.c.changes)) or ())
