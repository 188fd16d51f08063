from __future__ import annotations

import asyncio
import os
import time
import uuid
from dataclasses import replace

import pytest

from domain.accounts import SAME_ORIGIN, Role, SiteKey, User
from domain.call import Outcome
from domain.errors import Rejected
from storage.accounts import PostgresAccounts
from storage.calls import PostgresCalls

pytestmark = pytest.mark.servers


def in_an_hour() -> float:
    return time.time() + 3600


@pytest.fixture
async def user(accounts: PostgresAccounts, tenant: str) -> User:
    user = User(user_id="u1", tenant_id=tenant, email="Mona@Example.com", name="Mona", role=Role.ADVISOR)
    await accounts.create_user(user, "argon2-hash")
    return user


@pytest.fixture
async def token(accounts: PostgresAccounts, user: User) -> bytes:
    token = os.urandom(32)
    await accounts.save_refresh_token(user.tenant_id, user.user_id, uuid.uuid4().hex, token, in_an_hour())
    return token


async def test_a_user_is_found_by_email_in_any_case_and_by_id(accounts: PostgresAccounts, user: User):
    assert await accounts.user_by_email(user.tenant_id, "mona@EXAMPLE.com") == (user, "argon2-hash")
    assert await accounts.user(user.tenant_id, "u1") == user
    assert await accounts.user_by_email(user.tenant_id, "nobody@example.com") is None
    assert await accounts.user(user.tenant_id, "nobody") is None


async def test_an_email_is_taken_once_in_a_tenant(accounts: PostgresAccounts, user: User, other_tenant: str):
    with pytest.raises(Rejected):
        await accounts.create_user(replace(user, user_id="u2", email="MONA@example.com"), "x")
    await accounts.create_user(replace(user, tenant_id=other_tenant), "x")


async def test_a_tenant_is_found_by_its_slug(accounts: PostgresAccounts, tenant: str):
    assert await accounts.tenant_id(tenant.replace("t-", "slug-")) == tenant
    assert await accounts.tenant_id("nobody") is None
    assert await accounts.tenant_id("'; DROP TABLE hatif.tenants; --") is None


@pytest.mark.parametrize("bad", ["\x00", "\ud800"], ids=["nul", "surrogate"])
async def test_nonsense_is_refused(accounts: PostgresAccounts, tenant: str, bad: str):
    with pytest.raises(Rejected):
        await accounts.tenant_id(bad)
    with pytest.raises(Rejected):
        await accounts.site_key(bad)
    with pytest.raises(Rejected):
        await accounts.user_by_email(tenant, bad)


async def test_a_refresh_token_is_replaced_by_the_next(accounts: PostgresAccounts, user: User, token: bytes):
    second, third = os.urandom(32), os.urandom(32)
    assert await accounts.rotate_refresh_token(token, second, in_an_hour()) == user
    assert await accounts.rotate_refresh_token(second, third, in_an_hour()) == user


async def test_a_stolen_token_revokes_the_whole_family(accounts: PostgresAccounts, user: User, token: bytes):
    second, elsewhere = os.urandom(32), os.urandom(32)
    await accounts.save_refresh_token(user.tenant_id, user.user_id, "another", elsewhere, in_an_hour())
    assert await accounts.rotate_refresh_token(token, second, in_an_hour()) == user
    assert await accounts.rotate_refresh_token(token, os.urandom(32), in_an_hour()) is None
    assert await accounts.rotate_refresh_token(second, os.urandom(32), in_an_hour()) is None
    assert await accounts.rotate_refresh_token(elsewhere, os.urandom(32), in_an_hour()) == user


async def test_two_rotations_at_once_are_a_theft(accounts: PostgresAccounts, token: bytes):
    fresh = [os.urandom(32) for _ in range(5)]
    won = await asyncio.gather(*(accounts.rotate_refresh_token(token, one, in_an_hour()) for one in fresh))
    assert sum(user is not None for user in won) == 1
    for one in fresh:
        assert await accounts.rotate_refresh_token(one, os.urandom(32), in_an_hour()) is None


async def test_expired_unknown_revoked_and_disabled_are_none(accounts: PostgresAccounts, user: User, token: bytes):
    expired = os.urandom(32)
    await accounts.save_refresh_token(user.tenant_id, user.user_id, "old", expired, time.time() - 1)
    assert await accounts.rotate_refresh_token(expired, os.urandom(32), in_an_hour()) is None
    assert await accounts.rotate_refresh_token(os.urandom(32), os.urandom(32), in_an_hour()) is None
    await accounts.revoke_refresh_token(token)
    await accounts.revoke_refresh_token(os.urandom(32))
    assert await accounts.rotate_refresh_token(token, os.urandom(32), in_an_hour()) is None
    gone = replace(user, user_id="u2", email="gone@example.com", disabled=True)
    await accounts.create_user(gone, "x")
    theirs = os.urandom(32)
    await accounts.save_refresh_token(gone.tenant_id, "u2", "theirs", theirs, in_an_hour())
    assert await accounts.rotate_refresh_token(theirs, os.urandom(32), in_an_hour()) is None


async def test_a_token_of_nobody_is_refused(accounts: PostgresAccounts, tenant: str):
    with pytest.raises(Rejected):
        await accounts.save_refresh_token(tenant, "nobody", "f", os.urandom(32), in_an_hour())


async def test_another_password_ends_every_session(accounts: PostgresAccounts, user: User, token: bytes):
    await accounts.set_password(user.tenant_id, user.user_id, "another hash")
    assert await accounts.user_by_email(user.tenant_id, user.email) == (user, "another hash")
    assert await accounts.rotate_refresh_token(token, os.urandom(32), in_an_hour()) is None


async def test_site_keys_are_found_before_a_tenant_is_known(accounts: PostgresAccounts, tenant: str, other_tenant: str):
    listed = SiteKey(
        site_key_id="main",
        tenant_id=tenant,
        key=f"pk-{tenant}",
        allowed_origins=(SAME_ORIGIN, "https://shop.example"),
        max_concurrent_calls=3,
        listed=True,
    )
    hidden = replace(listed, tenant_id=other_tenant, key=f"pk-{other_tenant}", listed=False, allowed_origins=())
    await accounts.save_site_key(replace(listed, max_concurrent_calls=1))
    await accounts.save_site_key(listed)
    await accounts.save_site_key(hidden)
    assert await accounts.site_key(listed.key) == listed
    assert await accounts.site_key(hidden.key) == hidden
    assert await accounts.site_key("nobody's") is None
    found = await accounts.listed_site_keys()
    assert listed in found
    assert hidden not in found
    with pytest.raises(Rejected):
        await accounts.save_site_key(replace(hidden, key=listed.key))


async def test_live_calls_are_those_of_the_site_key_that_have_not_ended(
    accounts: PostgresAccounts, calls: PostgresCalls, tenant: str, other_tenant: str
):
    await calls.create_call(tenant, "c1", "web", "main")
    await calls.create_call(tenant, "c2", "web", "main")
    await calls.create_call(tenant, "c3", "web", "other")
    await calls.create_call(other_tenant, "c4", "web", "main")
    await calls.end_call(tenant, "c1", Outcome.CALLER_HUNG_UP)
    assert await accounts.live_calls(tenant, "main") == 1


async def test_a_call_token_is_bound_to_the_first_call(accounts: PostgresAccounts, tenant: str):
    bound = await asyncio.gather(*(accounts.bind_call_token(tenant, "token", f"c{n}") for n in range(8)))
    assert len(set(bound)) == 1
    assert await accounts.bind_call_token(tenant, "token", "c99") == bound[0]
