"""The door to Postgres: transactions that see one tenant only, and one error for a server that is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from domain.errors import Rejected, Unavailable

TRANSACTION_S = 2.0
"""A transaction takes 2 ms, and 50 ms on a busy machine; one of 2 s has a dead or frozen server behind it."""
CONNECT_S = 1.5
"""A connection takes 10 ms on the same machine, and a lost SYN packet is sent again after 1 s."""
STATEMENT_MS = 5_000
"""The server's own limit, for statements whose client gave up."""
POOL_SIZE = 5
POOL_OVERFLOW = 5
"""A media worker with 8 calls writes about 4 turns a second, each for 2 ms: 5 connections are plenty, 10 a ceiling."""
RETRY_AFTER_MS = 500

_SET_TENANT = text("SELECT set_config('app.tenant_id', :tenant_id, true)")
_REFUSED = ("22", "23")
"""SQLSTATE classes of values that can't be stored: malformed ones, and broken constraints."""
_AWAY = ("08", "0A000", "28", "3D", "3F", "40", "53", "55", "57", "58", "42P01")
"""SQLSTATE classes that another try may cure: lost connection, a plan from before a migration, refused login,
no database, schema or table yet, serialization, no resources, lock timeout, shutdown or cancelled, system error."""


class Database:
    """A pool of connections as the application role; belongs to one event loop."""

    def __init__(self, url: str) -> None:
        """`url` is postgresql+asyncpg://…; nothing connects before the first transaction."""
        self._engine: AsyncEngine = create_async_engine(
            url,
            pool_size=POOL_SIZE,
            max_overflow=POOL_OVERFLOW,
            pool_timeout=CONNECT_S,
            # Parameters are personal data; errors are logged.
            hide_parameters=True,
            connect_args={
                "timeout": CONNECT_S,
                "server_settings": {
                    "application_name": "hatif",
                    "statement_timeout": str(STATEMENT_MS),
                    "lock_timeout": str(int(TRANSACTION_S * 1000)),
                    "jit": "off",
                },
            },
        )

    @property
    def url(self) -> str:
        """With the password, in asyncpg's own form, for a connection that listens."""
        return self._engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def tenant_transaction(self, tenant_id: str) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction in which only this tenant's rows exist; committed at the end, rolled back by an exception.

        Raises Unavailable("postgres", …) within seconds when the server is away, and Rejected("postgres", …) for
        values that a column or constraint refuses.
        """
        return self._transaction(tenant_id)

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction of no tenant: every table is empty, only the look-up functions answer."""
        return self._transaction("")

    @asynccontextmanager
    async def _transaction(self, tenant_id: str) -> AsyncGenerator[AsyncConnection, None]:
        try:
            async with self._connection(tenant_id) as connection:
                yield connection
                await connection.commit()
        except (TimeoutError, PoolTimeout, OSError) as error:
            raise Unavailable("postgres", "no answer in time", RETRY_AFTER_MS) from error
        except DBAPIError as error:
            code = _code(error)
            if code.startswith(_REFUSED):
                # Not chained: the server's message quotes the values.
                raise Rejected("postgres", f"the row is refused ({code})") from None
            if error.connection_invalidated or code == "" or code.startswith(_AWAY):
                raise Unavailable("postgres", f"it can't answer ({code or 'no connection'})", RETRY_AFTER_MS) from error
            raise

    @asynccontextmanager
    async def _connection(self, tenant_id: str) -> AsyncGenerator[AsyncConnection, None]:
        connection, watchdog = await self._connect()
        try:
            try:
                await connection.execute(_SET_TENANT, {"tenant_id": tenant_id})
            except DBAPIError as error:
                if not error.connection_invalidated or watchdog.when() <= asyncio.get_running_loop().time():
                    raise
                # It died in the pool, with all its neighbours there; the server may long be back.
                watchdog.cancel()
                await connection.close()
                connection, watchdog = await self._connect()
                await connection.execute(_SET_TENANT, {"tenant_id": tenant_id})
            yield connection
        finally:
            watchdog.cancel()
            await connection.close()

    async def _connect(self) -> tuple[AsyncConnection, asyncio.TimerHandle]:
        """A connection, and what cuts it when its transaction takes too long.

        Cut, not cancelled: a cancelled statement is followed by a goodbye that waits for the frozen server too.
        """
        connection = await self._engine.connect()
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        return connection, asyncio.get_running_loop().call_later(TRANSACTION_S, raw.driver_connection.terminate)

    async def close(self) -> None:
        await self._engine.dispose()


def _code(error: DBAPIError) -> str:
    """The SQLSTATE, or empty when the server said none."""
    return str(getattr(error.orig, "sqlstate", None) or "")
