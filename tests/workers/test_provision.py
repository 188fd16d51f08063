"""Tenants of files in the database: once, again, and with mistakes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from domain.accounts import SAME_ORIGIN, Role, UserChange
from domain.errors import SetupError
from domain.speech import Language
from storage.accounts import PostgresAccounts
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.team import PostgresTeam
from storage.tenants import PostgresTenants
from storage.tools.orders import PostgresOrders
from tests.conftest import DatabaseUrls
from workers.launch.first_sign_in import FirstPassword
from workers.provision import TENANTS_DIR, bring, read_files, read_tenants, tenant_id_of


def test_the_demo_tenants_are_complete():
    profiles = {profile.slug: profile for profile in read_tenants(TENANTS_DIR)}
    assert set(profiles) == {"demo-shop", "demo-clinic"}
    for profile in profiles.values():
        assert len(profile.facts) >= 12
        assert {row.weekday for row in profile.hours} == set(range(7))
        for fact in profile.facts:
            for language in Language:
                assert 3 <= len(fact.examples[language]) <= 5, (profile.slug, fact.intent, language)
    assert profiles["demo-shop"].tenant_id == tenant_id_of("demo-shop")


def test_the_demo_orders_have_a_phone_that_their_callers_are_believed_by():
    for file in read_files(TENANTS_DIR):
        assert len(file.orders) >= 6
        phones = [order.phone for order in file.orders]
        assert len(set(phones)) == len(phones)
        for order in file.orders:
            assert set(order.status) == set(Language)
    assert "4572" in {order.number for file in read_files(TENANTS_DIR) for order in file.orders}


def test_the_demo_teams_are_complete():
    for file in read_files(TENANTS_DIR):
        advisors = [person for person in file.team.people if person.role is Role.ADVISOR]
        assert len(advisors) == 3
        assert [person.role for person in file.team.people if person not in advisors] == [Role.SUPERVISOR]
        for language in Language:
            assert sum(language in person.languages for person in advisors) >= 2
        for queue in file.team.queues:
            assert any(queue.queue_id in person.queues for person in advisors if queue.skills <= set(person.skills))


MASTER = os.urandom(32)
"""One for the module: the tenants and their keys stay from test to test."""


@dataclass
class Stores:
    tenants: PostgresTenants
    accounts: PostgresAccounts
    team: PostgresTeam
    orders: PostgresOrders

    async def start(self) -> list[FirstPassword]:
        return await bring(read_files(TENANTS_DIR), self.tenants, self.accounts, self.team, self.orders)


@pytest.fixture
async def stores(database: DatabaseUrls) -> AsyncIterator[Stores]:
    db = Database(database.app)
    keys = PostgresKeyRing(db, MASTER)
    yield Stores(PostgresTenants(db, keys), PostgresAccounts(db), PostgresTeam(db), PostgresOrders(db, keys))
    await db.close()


@pytest.mark.servers
async def test_the_first_start_makes_tenants_keys_and_people(stores: Stores):
    passwords = {one.email: one.password for one in await stores.start()}
    assert len(passwords) == 2 * (1 + 3 + 1)
    shop = tenant_id_of("demo-shop")
    profiles = {profile.tenant_id: profile for profile in read_tenants(TENANTS_DIR)}
    assert await stores.tenants.profile(shop) == profiles[shop]
    order = await stores.orders.order(shop, "4572")
    assert order is not None and "washing machine" in order.status[Language.EN]
    assert await stores.orders.order(tenant_id_of("demo-clinic"), "4572") is None
    for email, role in (("admin@demo-shop.local", Role.ADMIN), ("aisha@demo-shop.local", Role.ADVISOR)):
        found = await stores.accounts.user_by_email(shop, email)
        assert found is not None
        user, stored = found
        assert (user.role, user.password_until) == (role, None)
        assert PasswordHasher().verify(stored, passwords[email])
    aisha = next(each for each in await stores.team.advisors(shop) if each.name.startswith("Aisha"))
    assert (aisha.languages, aisha.queue_ids) == (frozenset(Language), {"orders", "repairs"})
    assert [queue.queue_id for queue in await stores.team.queues(shop)] == ["orders", "repairs"]
    keys = {key.tenant_id: key for key in await stores.accounts.listed_site_keys()}
    assert keys[shop].allowed_origins == (SAME_ORIGIN,)
    assert keys[shop].max_concurrent_calls == 20
    assert len({key.key for key in keys.values()}) == len(profiles)


@pytest.mark.servers
async def test_the_second_start_changes_no_key_undoes_no_change_and_shows_no_password(stores: Stores):
    await stores.start()
    before = {key.tenant_id: key.key for key in await stores.accounts.listed_site_keys()}
    shop = tenant_id_of("demo-shop")
    admin = (await stores.accounts.user_by_email(shop, "admin@demo-shop.local"))[0]
    omar = (await stores.accounts.user_by_email(shop, "omar@demo-shop.local"))[0]
    await stores.accounts.set_password(shop, admin.user_id, "own")
    await stores.accounts.change_user(shop, omar.user_id, UserChange(disabled=True))
    await stores.team.delete_queue(shop, "repairs")
    profile = await stores.tenants.profile(shop)
    assert profile is not None
    await stores.tenants.change(replace(profile, greeting={Language.EN: "Hi.", Language.AR: "مرحبا."}), ["greeting"])
    assert await stores.start() == []
    assert {key.tenant_id: key.key for key in await stores.accounts.listed_site_keys()} == before
    assert (await stores.accounts.user_by_email(shop, "admin@demo-shop.local"))[1] == "own"
    assert (await stores.accounts.user(shop, omar.user_id)).disabled
    assert [queue.queue_id for queue in await stores.team.queues(shop)] == ["orders"]
    assert (await stores.tenants.profile(shop)).greeting[Language.EN] == "Hi."


SHOP = (TENANTS_DIR / "demo-shop.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        pytest.param('default_language = "en"', 'default_language = "fr"', "default_language", id="unknown language"),
        pytest.param('intent = "parking"', 'intent = "hours"', "facts.hours", id="intent twice"),
        pytest.param('intent = "parking"', 'intent = "unknown"', "facts.unknown", id="reserved intent"),
        pytest.param('intent = "parking"', 'intent = "Par king"', "facts[3].intent", id="intent is no name"),
        pytest.param('ar = "نور للأجهزة المنزلية"\n', "", "name", id="missing translation"),
        pytest.param('ar = "نور للأجهزة المنزلية"', 'ar = " "', "name.ar", id="empty translation"),
        pytest.param('[name]\nen = "', '[name]\nfr = "Noor"\nen = "', "name", id="extra language"),
        pytest.param('opens = "14:00"', 'opens = "25:00"', "hours[2].opens", id="no such hour"),
        pytest.param('opens = "14:00"', 'opens = "2 PM"', "hours[2].opens", id="not a time"),
        pytest.param('opens = "14:00"', 'opens = "22:00"', "hours[2]", id="never open"),
        pytest.param('days = ["friday"]', 'days = ["freitag"]', "hours[2].days", id="not a weekday"),
        pytest.param('days = ["friday"]', 'days = "friday"', "hours[2].days", id="not a list"),
        pytest.param('slug = "demo-shop"', 'slug = "Demo Shop"', "slug", id="bad slug"),
        pytest.param('emergency_number = "997"', 'emergency_number = "call us"', "emergency_number", id="no number"),
        pytest.param('time_zone = "Asia/Dubai"', 'time_zone = "Mars/Base"', "time_zone", id="no time zone"),
        pytest.param('time_zone = "Asia/Dubai"', 'time_zone = "../etc"', "time_zone", id="a path as time zone"),
        pytest.param('number = "4573"', 'number = "4572"', "records.4572", id="number twice"),
        pytest.param('number = "4573"', 'number = "A-1"', "records[2].number", id="not a number"),
        pytest.param('phone = "+971505550101"', 'phone = "050"', "records.4572.phone", id="no whole phone"),
        pytest.param('phone = "+971505550101"\n', "", "records.4572.phone", id="an order that anybody could hear"),
        pytest.param('phone = "+971505550101"', 'fone = "1"', "records.4572.fone", id="misspelt in a record"),
        pytest.param("[record]\n", "[recorded]\n", "record", id="records without a word"),
        pytest.param('id = "repairs"', 'id = "orders"', "queues.orders", id="queue twice"),
        pytest.param('id = "repairs"', 'id = "Re pairs"', "queues[2].id", id="queue is no name"),
        pytest.param('id = "repairs"', 'id = "repairs"\noffer_s = 1', "queues.repairs.offer_s", id="no time to answer"),
        pytest.param('["orders", "repairs"]', '["sales"]', "people.aisha@demo-shop.local.queues", id="no such queue"),
        pytest.param('"omar@demo', '"aisha@demo', "people.aisha@demo-shop.local", id="person twice"),
        pytest.param('"omar@demo', '"omar demo', "people[2].email", id="no e-mail address"),
        pytest.param('role = "supervisor"', 'role = "boss"', "people.khalid@demo-shop.local.role", id="no role"),
        pytest.param('languages = ["en"]', 'languages = ["hi"]', "people.priya@demo-shop.local", id="not spoken"),
        pytest.param('slug = "demo-shop"', 'recording = "yes"\nslug = "demo-shop"', "recording", id="no switch"),
        pytest.param('slug = "demo-shop"', "slug = demo", "TOML", id="not TOML"),
    ],
)
def test_a_mistake_is_one_sentence_that_says_where(tmp_path: Path, before: str, after: str, place: str):
    assert before in SHOP
    (tmp_path / "shop.toml").write_text(SHOP.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(SetupError) as mistake:
        read_tenants(tmp_path)
    assert str(mistake.value).startswith("shop.toml: ")
    assert place in str(mistake.value)


def test_two_files_with_one_slug(tmp_path: Path):
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(SHOP, encoding="utf-8")
    with pytest.raises(SetupError, match=r"b\.toml: slug"):
        read_tenants(tmp_path)


def test_a_file_that_is_no_text(tmp_path: Path):
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SetupError, match=r"a\.toml"):
        read_tenants(tmp_path)


def test_a_folder_without_tenants(tmp_path: Path):
    with pytest.raises(SetupError, match="no tenant"):
        read_tenants(tmp_path)
