from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import workers.postgres_home
from domain.errors import SetupError
from tests.conftest import PostgresServer, free_port, run_apart, run_sql
from workers.embedded_postgres import app_url, erase, prepare, wait_ready
from workers.settings import Settings

pytestmark = pytest.mark.servers
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands Postgres to another user")


@pytest.fixture
def data_dir(request: pytest.FixtureRequest) -> Iterator[Path]:
    """Closed to everybody but us, in a place that everybody can walk to."""
    folder = Path(tempfile.mkdtemp(prefix="hatif-postgres-"))
    yield folder
    shutil.rmtree(folder)


def settings_for(data_dir: Path) -> Settings:
    return Settings(data_dir=data_dir, postgres_port=free_port(), database_url=None, owner_database_url=None)


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[PostgresServer]:
    server = PostgresServer(settings, prepare(settings), settings.data_dir / "postgres.log")
    server.start()
    try:
        yield server
    finally:
        server.stop()


def value(url: str, query: str) -> object:
    return run_apart(_value(url, query))


async def _value(url: str, query: str) -> object:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        found = await connection.scalar(text(query))
    await engine.dispose()
    return found


def test_the_first_start_makes_everything_and_the_second_keeps_it(data_dir: Path):
    settings = settings_for(data_dir)
    with running(settings) as server:
        first = server.plan
        run_apart(run_sql(first.owner_url, "CREATE TABLE kept AS SELECT 42 AS x"))
        assert value(first.superuser_url, "SHOW listen_addresses") == "127.0.0.1"
        assert value(first.superuser_url, "SHOW unix_socket_directories") == ""
        assert value(first.superuser_url, "SHOW password_encryption") == "scram-sha-256"
        assert (
            value(first.superuser_url, "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256'")
            == 0
        )
        assert psutil.Process(server.process.pid).uids().real != 0
    with running(settings) as server:
        assert server.plan == first
        assert value(server.plan.owner_url, "SELECT x FROM kept") == 42
    assert first.app_url == app_url(settings)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in settings.keys_dir.iterdir()}
    assert modes == {f"postgres-{role}.password": 0o600 for role in ("superuser", "owner", "app")}
    assert stat.S_IMODE(settings.keys_dir.stat().st_mode) == 0o700
    assert not data_dir.stat().st_mode & 0o007
    environment = " ".join(first.env) + " ".join(first.argv)
    assert not any(url.split(":")[2].split("@")[0] in environment for url in (first.owner_url, first.superuser_url))


def test_a_killed_server_starts_again_with_every_committed_row(data_dir: Path):
    with running(settings_for(data_dir)) as server:
        run_apart(run_sql(server.plan.owner_url, "CREATE TABLE kept AS SELECT 42 AS x"))
        # Only the server itself: its children have to find out.
        server.process.kill()
        server.process.wait()
        assert (server.plan.cwd / "postmaster.pid").exists()
        server.start()
        assert value(server.plan.owner_url, "SELECT x FROM kept") == 42


def test_a_stale_lock_file_with_the_number_of_a_living_process_is_no_obstacle(data_dir: Path):
    settings = settings_for(data_dir)
    with running(settings) as server:
        lock = (server.plan.cwd / "postmaster.pid").read_text().splitlines()
        server.kill()
        user = workers.postgres_home.run_as()
        stranger = subprocess.Popen(["sleep", "60"], user=user.uid if user else None)
        try:
            (server.plan.cwd / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lock[1:], ""]))
            server.start()
            assert value(server.plan.owner_url, "SELECT 1") == 1
        finally:
            stranger.kill()
            stranger.wait()


def test_a_running_server_is_not_touched(data_dir: Path):
    settings = settings_for(data_dir)
    with running(settings) as server:
        with pytest.raises(SetupError, match=str(server.process.pid)):
            prepare(settings)
        with pytest.raises(SetupError):
            erase(settings)
        run_apart(wait_ready(server.plan))


def test_an_orphan_is_stopped(data_dir: Path):
    settings = settings_for(data_dir)
    plan = prepare(settings)
    # A shell that starts the server and ends: nobody is left to stop it.
    parent = subprocess.Popen(
        ["sh", "-c", '"$@" & echo $!', "sh", *plan.argv],
        env=plan.env,
        cwd=plan.cwd,
        user=plan.user,
        group=plan.group,
        extra_groups=plan.extra_groups,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert parent.stdout is not None
    orphan = psutil.Process(int(parent.stdout.readline()))
    parent.wait()
    parent.stdout.close()
    run_apart(wait_ready(plan))
    if orphan.ppid() != 1:
        orphan.send_signal(signal.SIGINT)
        pytest.skip("orphans have another parent than process 1 here")
    prepare(settings)
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


def test_lost_passwords_are_replaced(data_dir: Path):
    settings = settings_for(data_dir)
    with running(settings) as server:
        before = server.plan.owner_url
    shutil.rmtree(settings.keys_dir)
    with running(settings) as server:
        assert server.plan.owner_url != before
        assert value(server.plan.superuser_url, "SELECT 1") == 1


def test_an_interrupted_first_start_is_begun_again(data_dir: Path):
    settings = settings_for(data_dir)
    (data_dir / "postgres.draft").mkdir()
    (data_dir / "postgres.draft" / "PG_VERSION").write_text("18\n")
    (data_dir / "postgres").mkdir()
    with running(settings):
        assert sorted(path.name for path in data_dir.iterdir()) == ["keys", "postgres", "postgres.log"]


def test_somebodys_files_are_not_overwritten(data_dir: Path):
    (data_dir / "postgres").mkdir()
    (data_dir / "postgres" / "letters.txt").write_text("mine")
    with pytest.raises(SetupError, match="postgres"):
        prepare(settings_for(data_dir))
    assert (data_dir / "postgres" / "letters.txt").read_text() == "mine"


@as_root
def test_a_data_directory_that_postgres_can_not_reach_gets_its_cluster_elsewhere(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
):
    shared = data_dir / "shared"
    monkeypatch.setattr(workers.postgres_home, "SHARED_DIR", shared)
    data_dir.chmod(0o755)
    (data_dir / "root").mkdir(mode=0o700)
    settings = settings_for(data_dir / "root" / "hatif")
    with running(settings) as server:
        place = settings.data_dir / "postgres"
        assert place.is_symlink()
        assert place.readlink().parent == shared
        assert value(server.plan.owner_url, "SELECT 1") == 1
        first = server.plan
    # The place is kept, even when the way to the first choice opens.
    (data_dir / "root").chmod(0o755)
    assert prepare(settings) == first
    erase(settings)
    assert not place.is_symlink()
    assert list(shared.iterdir()) == []


@as_root
def test_a_lost_place_is_said_and_not_replaced_by_an_empty_database(data_dir: Path):
    (data_dir / "postgres").symlink_to(data_dir / "gone" / "data")
    with pytest.raises(SetupError, match="gone"):
        prepare(settings_for(data_dir))


@as_root
def test_binaries_that_postgres_can_not_reach_are_copied_once(data_dir: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workers.postgres_home, "SHARED_DIR", data_dir / "shared")
    data_dir.chmod(0o755)
    user = workers.postgres_home.run_as()
    assert user is not None
    real = workers.postgres_home.binaries_dir(user)
    hidden = data_dir / "hidden"
    hidden.mkdir(mode=0o700)
    shutil.copytree(real.parents[1], hidden / "embedded_postgres", symlinks=True)
    shutil.copytree(real.parents[2] / "embedded_postgres.libs", hidden / "embedded_postgres.libs", symlinks=True)
    monkeypatch.syspath_prepend(hidden)
    copied = workers.postgres_home.binaries_dir(user)
    assert copied.is_relative_to(data_dir / "shared")
    assert workers.postgres_home.binaries_dir(user) == copied
    version = [str(copied / "postgres"), "--version"]
    assert b"PostgreSQL" in subprocess.run(version, user=user.uid, capture_output=True, check=True).stdout
    assert len(list((data_dir / "shared").iterdir())) == 1


def test_no_server_and_another_server_on_the_port_are_clear_sentences(data_dir: Path, postgres: PostgresServer):
    plan = prepare(settings_for(data_dir))
    with pytest.raises(SetupError, match="ready"):
        run_apart(wait_ready(plan, deadline_s=0.1))
    taken = Settings(data_dir=data_dir, postgres_port=postgres.settings.postgres_port)
    with pytest.raises(SetupError, match="HATIF_POSTGRES_PORT"):
        run_apart(wait_ready(prepare(taken)))
