"""The store over a fresh database, with two tenants."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from domain.speech import Language
from domain.tenant import TenantProfile
from storage.accounts import PostgresAccounts
from storage.calls import PostgresCalls
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tenants import PostgresTenants
from tests.conftest import DatabaseUrls, PostgresServer, running_postgres

MASTER = os.urandom(32)


def a_profile(tenant_id: str, slug: str) -> TenantProfile:
    return TenantProfile(
        tenant_id=tenant_id,
        slug=slug,
        name={Language.EN: slug, Language.AR: "متجر"},
        persona={Language.EN: "a shop"},
        greeting={Language.EN: "hello"},
        default_language=Language.EN,
        emergency_number="998",
        time_zone="Asia/Dubai",
    )


@pytest.fixture(scope="session")
def mortal() -> Iterator[PostgresServer]:
    """A server to be frozen and killed; who kills it starts it again."""
    with running_postgres() as server:
        yield server


@pytest.fixture
async def db(database: DatabaseUrls) -> AsyncIterator[Database]:
    opened = Database(database.app)
    yield opened
    await opened.close()


@pytest.fixture
def keys(db: Database) -> PostgresKeyRing:
    return PostgresKeyRing(db, MASTER)


@pytest.fixture
def calls(db: Database, keys: PostgresKeyRing) -> PostgresCalls:
    return PostgresCalls(db, keys)


@pytest.fixture
def tenants(db: Database, keys: PostgresKeyRing) -> PostgresTenants:
    return PostgresTenants(db, keys)


@pytest.fixture
def accounts(db: Database) -> PostgresAccounts:
    return PostgresAccounts(db)


@pytest.fixture
async def tenant(tenants: PostgresTenants) -> str:
    return await _save(tenants)


@pytest.fixture
async def other_tenant(tenants: PostgresTenants) -> str:
    return await _save(tenants)


async def _save(tenants: PostgresTenants) -> str:
    name = uuid.uuid4().hex[:12]
    await tenants.save(a_profile(f"t-{name}", f"slug-{name}"))
    return f"t-{name}"


@pytest.fixture
async def call_id(calls: PostgresCalls, tenant: str) -> str:
    call_id = f"c-{uuid.uuid4().hex}"
    await calls.create_call(tenant, call_id, "web", None)
    return call_id


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that takes at most 64 KiB. A limit on file sizes would hit the test runner's own output as well."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "hatif-test", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small file system can only be mounted by root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
