"""The tools that tenants added: kept as they are, with their tokens sealed, and nobody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from domain.acting.assurance import Assurance
from domain.acting.tenant_tool import TenantTool
from domain.errors import NotFound
from domain.speech import Language
from storage.connections import PostgresSecrets
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tools.tenant_tools import PostgresTenantTools, secret_of

pytestmark = pytest.mark.servers


def a_tool(name: str = "points", **changed: object) -> TenantTool:
    tool = TenantTool(
        name=name,
        about={Language.EN: "loyalty points", Language.AR: "نقاط الولاء"},
        method="GET",
        url="https://shop.example/points",
        takes={"type": "object", "properties": {"card": {"type": "string"}}, "required": ["card"]},
        gives={"type": "object", "properties": {"points": {"type": "integer"}, "phone": {"type": "string"}}},
        answer={Language.EN: "You have {points} points.", Language.AR: "لديك {points} نقطة."},
        examples={Language.EN: ("how many points do I have",), Language.AR: ("كم نقطة عندي",)},
        asks={"card": {Language.EN: "What is your card number?", Language.AR: "ما هو رقم بطاقتك؟"}},
        assurance=Assurance.SECOND_FACT,
        proof="phone",
    )
    return replace(tool, **changed)  # type: ignore[arg-type]


async def test_a_tool_comes_back_as_it_was_to_its_own_tenant_only(
    db: Database, keys: PostgresKeyRing, tenant: str, other_tenant: str
) -> None:
    store = PostgresTenantTools(db, keys)
    await store.save(tenant, a_tool(), None)
    await store.save(tenant, a_tool(enabled=False), None)
    assert await store.all(tenant) == [a_tool(enabled=False)]
    assert await store.all(other_tenant) == []
    assert not await store.remove(other_tenant, "points")
    assert await store.remove(tenant, "points")
    assert not await store.remove(tenant, "points")


async def test_a_token_is_sealed_kept_and_forgotten_with_its_tool(
    db: Database, keys: PostgresKeyRing, tenant: str
) -> None:
    store, secrets = PostgresTenantTools(db, keys), PostgresSecrets(db, keys, tenant)
    await store.save(tenant, a_tool(), "s3cr3t")
    (saved,) = await store.all(tenant)
    assert saved.has_secret
    assert await store.token(tenant, saved) == "s3cr3t"
    async with db.tenant_transaction(tenant) as connection:
        assert "s3cr3t" not in str(await connection.scalar(text("SELECT tool FROM hatif.tenant_tools")))
    await store.save(tenant, saved, None)
    assert await store.token(tenant, saved) == "s3cr3t"
    await store.save(tenant, a_tool(has_secret=False), None)
    with pytest.raises(NotFound):
        await secrets.read(secret_of("points"))
    await store.save(tenant, a_tool(), "again")
    await store.remove(tenant, "points")
    with pytest.raises(NotFound):
        await secrets.read(secret_of("points"))
