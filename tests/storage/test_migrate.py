from __future__ import annotations

import asyncio
import uuid

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from domain.errors import SetupError, Unavailable
from storage.desk import tables as desk_tables
from storage.migrate import migrate
from storage.tables import SCHEMA, metadata
from storage.threads import tables as threads_tables
from storage.tools import tables as tools_tables
from tests.conftest import DatabaseUrls, PostgresServer, free_port, run_sql

pytestmark = pytest.mark.servers


async def an_empty_database(postgres: PostgresServer) -> DatabaseUrls:
    name = f"empty_{uuid.uuid4().hex[:8]}"
    await run_sql(
        postgres.plan.superuser_url,
        f"CREATE DATABASE {name} OWNER hatif_owner",
        f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
    )
    plan = postgres.plan
    return DatabaseUrls(*(postgres.url(url, name) for url in (plan.owner_url, plan.app_url, plan.superuser_url)))


async def test_an_empty_database_is_migrated_and_again_changes_nothing(postgres: PostgresServer):
    urls = await an_empty_database(postgres)
    await migrate(urls.owner, postgres.plan.app_password)
    await run_sql(urls.superuser, "INSERT INTO hatif.tenants VALUES ('t', 's', 0)")
    await migrate(urls.owner, postgres.plan.app_password)
    await migrate(urls.owner, None)
    engine = create_async_engine(urls.app, poolclass=NullPool)
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT hatif.tenant_of_slug('s')")) == "t"
    await engine.dispose()


async def test_two_migrations_at_once_wait_for_each_other(postgres: PostgresServer):
    urls = await an_empty_database(postgres)
    await asyncio.gather(*(migrate(urls.owner, None) for _ in range(3)))


async def test_the_migrated_schema_is_the_one_in_the_tables_modules(database: DatabaseUrls):
    for module in (desk_tables, threads_tables, tools_tables):
        assert module.metadata is metadata

    def compare(connection: Connection) -> list[object]:
        options = {
            "include_schemas": True,
            "include_name": lambda name, kind, _parents: kind != "schema" or name == SCHEMA,
            "include_object": lambda _object, name, kind, _reflected, _other: (
                (kind, name) != ("table", "alembic_version")
            ),
            "compare_type": True,
        }
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    engine = create_async_engine(database.owner, poolclass=NullPool)
    async with engine.connect() as connection:
        assert await connection.run_sync(compare) == []
    await engine.dispose()


async def test_a_role_without_the_right_is_told_so(database: DatabaseUrls):
    with pytest.raises(SetupError, match="permission denied"):
        await migrate(database.app, None)


async def test_an_application_role_that_may_bypass_row_security_is_refused(
    postgres: PostgresServer, database: DatabaseUrls
):
    await run_sql(postgres.plan.superuser_url, "ALTER ROLE hatif_app BYPASSRLS")
    try:
        with pytest.raises(SetupError, match="BYPASSRLS"):
            await migrate(database.owner, None)
    finally:
        await run_sql(postgres.plan.superuser_url, "ALTER ROLE hatif_app NOBYPASSRLS")


async def test_no_server_is_unavailable():
    with pytest.raises(Unavailable):
        await migrate(f"postgresql+asyncpg://o:x@127.0.0.1:{free_port()}/hatif", None)
