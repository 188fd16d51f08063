from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select, update

from domain.errors import Rejected
from domain.speech import Language
from domain.tenant import AnnouncedMonth, CallingHours, Fact, Holiday, OpenHours, Stretch
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tables import tenant_configs
from storage.tenants import PostgresTenants

from .conftest import a_profile

pytestmark = pytest.mark.servers


async def test_a_whole_profile_comes_back_as_it_was(tenants: PostgresTenants):
    profile = replace(
        a_profile("t-whole", "whole"),
        facts=(
            Fact(
                intent="hours",
                about="opening hours",
                examples={Language.EN: ("when are you open",), Language.AR: ("متى تفتحون", "الدوام")},
                answer={Language.EN: "nine to five", Language.AR: "من التاسعة"},
            ),
        ),
        record_word={Language.EN: "order"},
        hours=(OpenHours(weekday=0, opens="09:00", closes="17:00"),),
        voices={Language.EN: "joe"},
        weekend=(4, 5),
        holidays=(
            Holiday(
                name={Language.EN: "Eid", Language.AR: "العيد"},
                month=10,
                day=1,
                hijri=True,
                days=3,
                hours=(Stretch(opens="16:00", closes="22:00"),),
            ),
        ),
        ramadan_hours=(OpenHours(weekday=0, opens="20:00", closes="01:00"),),
        announced_months=(AnnouncedMonth(year=1448, month=9, starts=date(2027, 2, 9)),),
        calling_hours=CallingHours(latest="18:00"),
        amount_limit=500,
    )
    await tenants.save(profile)
    assert await tenants.profile("t-whole") == profile
    changed = replace(profile, slug="whole-2", facts=())
    await tenants.save(changed)
    assert await tenants.profile("t-whole") == changed
    assert await tenants.profile("nobody") is None


async def test_a_profile_of_before_there_were_holidays_is_read(tenants: PostgresTenants, tenant: str, db: Database):
    saved = await tenants.profile(tenant)
    newer = {"weekend", "holidays", "ramadan_hours", "announced_months", "calling_hours", "amount_limit"}
    async with db.tenant_transaction(tenant) as connection:
        row = await connection.scalar(select(tenant_configs.c.profile))
        assert newer <= set(row)
        older = {key: value for key, value in row.items() if key not in newer}
        await connection.execute(update(tenant_configs).values(profile=older))
    assert await tenants.profile(tenant) == saved


async def test_saving_again_keeps_the_keys(tenants: PostgresTenants, keys: PostgresKeyRing, tenant: str):
    await keys.create_key(tenant, "c")
    before = await keys.key(tenant, "c")
    await tenants.save(a_profile(tenant, tenant.replace("t-", "slug-")))
    assert await keys.key(tenant, "c") == before


async def test_a_slug_of_another_tenant_and_an_empty_id_are_refused(tenants: PostgresTenants, tenant: str):
    with pytest.raises(Rejected):
        await tenants.save(a_profile("t-thief", tenant.replace("t-", "slug-")))
    assert await tenants.profile("t-thief") is None
    with pytest.raises(Rejected):
        await tenants.save(a_profile("", "no-id"))
