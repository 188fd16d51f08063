"""Servers that several rooms' tests share."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as examples
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from storage.migrate import migrate
from tests.loop_watch import LoopWatch, watched
from workers.embedded_postgres import PostgresPlan, prepare, wait_ready
from workers.settings import Settings

# How long an example takes says how busy the machine is, and nothing of what is tested.
examples.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("any machine")

_TEMPLATE = "hatif_template"
_numbers = itertools.count(1)


_BELOW_THE_SYSTEMS_OWN = range(20_000, 32_000)
"""Nobody who asks the system for any port is given one of these in the meantime."""
_given: set[int] = set()


def free_port(ports: range = _BELOW_THE_SYSTEMS_OWN) -> int:
    """One that nobody has, by TCP or by UDP, and that nobody else of this process was given."""
    for _ in range(100):
        port = secrets.choice(ports)
        if port not in _given and all(map(partial(_binds, port), (socket.SOCK_STREAM, socket.SOCK_DGRAM))):
            _given.add(port)
            return port
    raise AssertionError("no free port")


def _binds(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(type=kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def run_apart(coroutine):
    """Run a coroutine to its end on a thread of its own, whatever loop this thread has."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result(120)


@dataclass
class PostgresServer:
    """A real server that a test may stop, freeze and start again."""

    settings: Settings
    plan: PostgresPlan
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.plan = prepare(self.settings)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.plan.argv,
                env=self.plan.env,
                cwd=self.plan.cwd,
                user=self.plan.user,
                group=self.plan.group,
                extra_groups=self.plan.extra_groups,
                start_new_session=True,
                stdout=log,
                stderr=log,
            )
        run_apart(wait_ready(self.plan))

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(self.plan.stop_signal)
            self.process.wait(30)
            self.process = None

    def kill(self) -> None:
        """All at once: a child that outlives the server would still answer for a moment."""
        assert self.process is not None
        for process in self.all_processes():
            process.kill()
        self.process.wait(30)
        self.process = None

    def all_processes(self) -> list[psutil.Process]:
        """The server and its children, to be frozen together."""
        assert self.process is not None
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children()]

    def url(self, role_url: str, database: str) -> str:
        return role_url.rsplit("/", 1)[0] + "/" + database


@dataclass(frozen=True)
class DatabaseUrls:
    """asyncpg URLs of one database: of its owner, of the application role, and of the superuser."""

    owner: str
    app: str
    superuser: str


@contextlib.contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    # Not pytest's own folder: its parents are closed to the unprivileged user that root hands Postgres to.
    data_dir = Path(tempfile.mkdtemp(prefix="hatif-postgres-"))
    settings = Settings(data_dir=data_dir, postgres_port=free_port(), database_url=None, owner_database_url=None)
    server = PostgresServer(settings, prepare(settings), data_dir / "postgres.log")
    try:
        server.start()
        yield server
    finally:
        # Its data is thrown away: no need to wait for it to be written.
        if server.process is not None:
            server.kill()
        shutil.rmtree(data_dir, ignore_errors=True)


async def run_sql(url: str, *statements: str) -> None:
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


@pytest.fixture
def unblocked_loop() -> Iterator[LoopWatch]:
    """Fails the test if anything but its own coroutine has blocked the loop; name it after the other fixtures."""
    with watched() as watch:
        yield watch
    print("LONGEST", watch.longest_ms, watch.callbacks)
    assert watch.found == []
    assert watch.callbacks


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The session's server, with a migrated template database. Don't stop this one: start your own."""
    with running_postgres() as server:
        run_apart(run_sql(server.plan.superuser_url, f"CREATE DATABASE {_TEMPLATE} OWNER hatif_owner"))
        run_apart(migrate(server.url(server.plan.owner_url, _TEMPLATE), server.plan.app_password))
        yield server


@pytest.fixture(scope="module")
def database(postgres: PostgresServer) -> DatabaseUrls:
    """A fresh migrated database for each test module."""
    name = f"hatif_{next(_numbers)}"
    # Grants on a database are not part of the template.
    run_apart(
        run_sql(
            postgres.plan.superuser_url,
            f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} OWNER hatif_owner",
            f"GRANT CONNECT ON DATABASE {name} TO hatif_app",
        )
    )
    plan = postgres.plan
    urls = (postgres.url(url, name) for url in (plan.owner_url, plan.app_url, plan.superuser_url))
    return DatabaseUrls(*urls)
