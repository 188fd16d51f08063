"""Tenants and their profiles."""

from __future__ import annotations

import time

from pydantic import TypeAdapter
from sqlalchemy import select
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
        async with self._database.tenant_transaction(tenant_id) as connection:
            found = await connection.scalar(select(tenant_configs.c.profile))
        return None if found is None else _profile.validate_python(found)

    async def save(self, profile: TenantProfile) -> None:
        """Raises Rejected when another tenant has the slug."""
        tenant = insert(tenants).values(tenant_id=profile.tenant_id, slug=profile.slug, created_at=time.time())
        config = insert(tenant_configs).values(
            tenant_id=profile.tenant_id, profile=_profile.dump_python(profile, mode="json"), saved_at=time.time()
        )
        async with self._database.tenant_transaction(profile.tenant_id) as connection:
            await connection.execute(
                tenant.on_conflict_do_update(index_elements=["tenant_id"], set_={"slug": tenant.excluded.slug})
            )
            await self._keys.create_tenant_key(connection, profile.tenant_id)
            await connection.execute(
                config.on_conflict_do_update(
                    index_elements=["tenant_id"],
                    set_={"profile": config.excluded.profile, "saved_at": config.excluded.saved_at},
                )
            )
