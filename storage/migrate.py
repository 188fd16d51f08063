"""Bring a database to the present schema, as its owner."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from pathlib import Path

import alembic.command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from domain.errors import SetupError, Unavailable

APP_ROLE = "hatif_app"
LOOKUP_ROLE = "hatif_lookup"
MIGRATION_LOCK = 0x4861746966
"""Any number of ours: two migrations at once wait for each other."""
SCRAM_ITERATIONS = 4096
"""Postgres' own default."""

_ROLES = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
        CREATE ROLE {role} {login} NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION NOBYPASSRLS;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""


async def migrate(owner_url: str, app_password: str | None) -> None:
    """Idempotent; `owner_url` is an asyncpg URL of a role that owns the database and may create roles.

    The application role gets `app_password`; None leaves its password alone. Raises Unavailable when the server
    is away, SetupError when it refuses.
    """
    engine = create_async_engine(owner_url, poolclass=NullPool, connect_args={"timeout": 10})
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_migrate, app_password)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Unavailable("postgres", "the connection broke during the migration") from error
        raise SetupError(f"The database can't be migrated: {error.orig}") from error
    except (OSError, TimeoutError) as error:
        raise Unavailable("postgres", "no connection for the migration") from error
    finally:
        await engine.dispose()


def _migrate(connection: Connection, app_password: str | None) -> None:
    run = connection.exec_driver_sql
    run(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
    run(_ROLES.format(role=APP_ROLE, login="LOGIN"))
    run(_ROLES.format(role=LOOKUP_ROLE, login="NOLOGIN"))
    special = connection.scalar(
        text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = :r"), {"r": APP_ROLE}
    )
    if special:
        raise SetupError(f"The role {APP_ROLE} may bypass row-level security: take SUPERUSER and BYPASSRLS from it.")
    if app_password is not None:
        # The verifier, not the password: a statement can end up in the server's log.
        run(f"ALTER ROLE {APP_ROLE} PASSWORD '{_scram_verifier(app_password)}'")
    database: str = connection.execute(text("SELECT quote_ident(current_database())")).scalar_one()
    run(f"GRANT CONNECT ON DATABASE {database} TO {APP_ROLE}")
    run("CREATE SCHEMA IF NOT EXISTS hatif")
    run(f"GRANT USAGE ON SCHEMA hatif TO {APP_ROLE}, {LOOKUP_ROLE}")
    # Handing a function over to the lookup role takes membership and CREATE, both only for this transaction.
    run(f"GRANT {LOOKUP_ROLE} TO CURRENT_USER")
    run(f"GRANT CREATE ON SCHEMA hatif TO {LOOKUP_ROLE}")
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    alembic.command.upgrade(config, "head")
    run(f"REVOKE CREATE ON SCHEMA hatif FROM {LOOKUP_ROLE}")
    run(f"REVOKE {LOOKUP_ROLE} FROM CURRENT_USER")


def _scram_verifier(password: str) -> str:
    """RFC 5803, as in pg_authid.rolpassword. The passwords are ASCII, so SASLprep changes nothing."""
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, SCRAM_ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    parts = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return "SCRAM-SHA-256${}:{}${}:{}".format(SCRAM_ITERATIONS, *parts)
