from __future__ import annotations

from dataclasses import replace

import pytest

from domain.errors import Rejected
from domain.speech import Language
from domain.tenant import Fact, OpenHours, Record
from storage.keys import PostgresKeyRing
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
        records=(Record(number="4411", answer={Language.EN: "on its way"}),),
        hours=(OpenHours(weekday=0, opens="09:00", closes="17:00"),),
        voices={Language.EN: "joe"},
    )
    await tenants.save(profile)
    assert await tenants.profile("t-whole") == profile
    changed = replace(profile, slug="whole-2", facts=())
    await tenants.save(changed)
    assert await tenants.profile("t-whole") == changed
    assert await tenants.profile("nobody") is None


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
