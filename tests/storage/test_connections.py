"""Connections to other systems, and their secrets."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from domain.acting.connection import ConnectionRow
from domain.credentials import Tokens
from domain.errors import NotFound
from storage.connections import PostgresConnections, PostgresSecrets
from storage.keys import PostgresKeyRing
from storage.session import Database

pytestmark = pytest.mark.servers


async def test_a_connection_is_saved_replaced_and_removed_within_its_tenant(
    db: Database, tenant: str, other_tenant: str
) -> None:
    store = PostgresConnections(db)
    row = ConnectionRow(
        tenant_id=tenant, connection_id="crm", system="zendesk", url="https://shop.example", settings={"field": "42"}
    )
    await store.save(row)
    await store.save(replace(row, enabled=False))
    assert await store.all(tenant) == [replace(row, enabled=False)]
    assert await store.all(other_tenant) == []
    assert not await store.remove(other_tenant, "crm")
    assert await store.remove(tenant, "crm")
    assert not await store.remove(tenant, "crm")


async def test_a_secret_is_sealed_bound_to_its_name_and_its_tenant(
    db: Database, keys: PostgresKeyRing, tenant: str, other_tenant: str
) -> None:
    secrets = PostgresSecrets(db, keys, tenant)
    with pytest.raises(NotFound):
        await secrets.read("zendesk.token")
    await secrets.write("zendesk.token", "first")
    await secrets.write("zendesk.token", "s3cr3t")
    assert await secrets.read("zendesk.token") == "s3cr3t"
    async with db.tenant_transaction(tenant) as connection:
        assert b"s3cr3t" not in await connection.scalar(text("SELECT value_sealed FROM hatif.secrets"))
    with pytest.raises(NotFound):
        await PostgresSecrets(db, keys, other_tenant).read("zendesk.token")
    await secrets.forget("zendesk.token")
    with pytest.raises(NotFound):
        await secrets.read("zendesk.token")


async def test_of_two_refreshes_at_once_one_counts(db: Database, keys: PostgresKeyRing, tenant: str) -> None:
    secrets = PostgresSecrets(db, keys, tenant)
    assert await secrets.tokens("hubspot") is None
    first = [Tokens(access=f"a{n}", refresh=f"r{n}", expires_at_s=9.0) for n in range(2)]
    held = await asyncio.gather(*(secrets.replace_tokens("hubspot", new, instead_of=None) for new in first))
    assert held[0] == held[1]
    assert held[0] in first
    later = Tokens(access="b", refresh=None, expires_at_s=None)
    assert await secrets.replace_tokens("hubspot", later, instead_of=held[0]) == later
    assert await secrets.replace_tokens("hubspot", first[0], instead_of=held[0]) == later
    assert await secrets.tokens("hubspot") == later
    assert "b" not in repr(later).replace("Tokens", "").replace("expires_at_s=None", "")
