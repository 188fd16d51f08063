"""The embedded Postgres: made once, then run in the foreground by a supervisor.

    plan = prepare(settings)                         # idempotent; about a second the first time
    subprocess.Popen(plan.argv, env=plan.env, cwd=plan.cwd, user=plan.user, group=plan.group,
                     extra_groups=plan.extra_groups, start_new_session=True)
    await wait_ready(plan)
    await migrate(plan.owner_url, plan.app_password)

`start_new_session` keeps a terminal's Ctrl-C away from it, so that calls can end first. Stop it with
`plan.stop_signal`: SIGTERM would wait for every client. After a `kill -9`, call `prepare` again before the restart.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import psutil

from domain.errors import SetupError
from storage.secret_files import read_or_make
from workers.postgres_home import RunAs, binaries_dir, cluster_dir, forget_cluster, run_as
from workers.settings import Settings

DATABASE = "hatif"
OWNER = "hatif_owner"
APP = "hatif_app"
SUPERUSER = "postgres"
FIRST_PIDS = (0, 1)
LEAVE_S = 10.0
"""How long the processes of a killed server may take to leave; they notice its death within a second."""
MAX_CONNECTIONS = 100
"""A process holds at most 10 (storage.session) and one for LISTEN: room for nine processes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresPlan:
    """How to run the server, and how to reach it."""

    argv: tuple[str, ...]
    env: dict[str, str]
    cwd: Path
    user: int | None
    """None: as the user of this process."""
    group: int | None
    extra_groups: tuple[int, ...] | None
    stop_signal: signal.Signals
    owner_url: str
    """For migrations only."""
    app_url: str
    app_password: str
    """The role of `app_url` is made by the migration, with this password."""
    superuser_url: str
    """For tests and repairs."""


def prepare(settings: Settings) -> PostgresPlan:
    """Make the cluster when there is none, and clear what a killed server left. Blocks for up to seconds.

    Raises SetupError when the cluster can't be made, or a living server already uses it.
    """
    user = run_as()
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    binaries = binaries_dir(user)
    superuser, superuser_made = _password(settings, "superuser")
    owner, owner_made = _password(settings, "owner")
    app, _ = _password(settings, "app")
    cluster = cluster_dir(settings.data_dir, user)
    _clear(cluster)
    if not (cluster / "PG_VERSION").exists():
        _make_cluster(binaries, cluster, user, superuser, owner)
    elif superuser_made or owner_made:
        # The password files were lost: the cluster takes the fresh ones.
        _single_user(binaries, cluster, user, _passwords_sql(superuser, owner))
    return PostgresPlan(
        argv=(str(binaries / "postgres"), "-D", str(cluster), *_options(settings.postgres_port)),
        env=_environment(),
        cwd=cluster,
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=() if user else None,
        stop_signal=signal.SIGINT,
        owner_url=_url(settings, OWNER, owner),
        app_url=_url(settings, APP, app),
        app_password=app,
        superuser_url=_url(settings, SUPERUSER, superuser),
    )


def app_url(settings: Settings) -> str:
    """The application role's URL: the configured one, or the embedded server's. Needs no running server."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return _url(settings, APP, _password(settings, "app")[0])


def erase(settings: Settings) -> None:
    """Delete the cluster; the server must have stopped. Raises SetupError when it is running."""
    _clear(cluster_dir(settings.data_dir, run_as()))
    forget_cluster(settings.data_dir)


async def wait_ready(plan: PostgresPlan, deadline_s: float = 30.0) -> None:
    """Return as soon as the server takes connections; recovery after a crash is part of the wait.

    Raises SetupError after `deadline_s`, or when the server refuses our password.
    """
    ends_at = time.monotonic() + deadline_s
    while True:
        try:
            await _try_connection(plan.owner_url)
            return
        except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as error:
            raise SetupError("Another Postgres listens on this port: choose one with HATIF_POSTGRES_PORT.") from error
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            if time.monotonic() > ends_at:
                raise SetupError(f"Postgres was not ready within {deadline_s:.0f} s: see its log.") from error
        await asyncio.sleep(0.02)


async def _try_connection(url: str) -> None:
    # asyncpg carries no types of its own.
    connection: Any = await cast(Any, asyncpg).connect(url.replace("+asyncpg", ""), timeout=2)
    await connection.close()


def _password(settings: Settings, role: str) -> tuple[str, bool]:
    path = settings.keys_dir / f"postgres-{role}.password"
    secret, made = read_or_make(path, lambda: secrets.token_urlsafe(32).encode())
    return secret.decode(), made


def _url(settings: Settings, role: str, password: str) -> str:
    return f"postgresql+asyncpg://{role}:{password}@127.0.0.1:{settings.postgres_port}/{DATABASE}"


def _options(port: int) -> list[str]:
    values = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "max_connections": str(MAX_CONNECTIONS),
        "shared_buffers": "64MB",
        "password_encryption": "scram-sha-256",
        # The details of a constraint error name values of the row; the log must not.
        "log_error_verbosity": "terse",
        "log_line_prefix": "%m [%p] ",
        "log_timezone": "UTC",
        # A client whose machine vanished must not hold its locks for hours.
        "tcp_keepalives_idle": "30",
        "idle_in_transaction_session_timeout": "30s",
    }
    return [part for name, value in values.items() for part in ("-c", f"{name}={value}")]


def _environment() -> dict[str, str]:
    """Nothing of ours: settings and secrets in the environment are not the server's business."""
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _make_cluster(binaries: Path, cluster: Path, user: RunAs | None, superuser: str, owner: str) -> None:
    """Made under another name and renamed when whole, so that an interrupted start leaves no half cluster."""
    draft = cluster.with_name(f"{cluster.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    # An empty folder is what an interrupted restore or mkdir leaves; anything else is somebody's data.
    if cluster.exists():
        try:
            cluster.rmdir()
        except OSError as error:
            raise SetupError(f"{cluster} holds something that is not a Postgres cluster: move it away.") from error
    draft.mkdir(mode=0o700)
    password_file = cluster.with_name(f"{cluster.name}.password")
    try:
        password_file.touch(mode=0o600)
        password_file.write_text(superuser)
        if user:
            os.chown(draft, user.uid, user.gid)
            os.chown(password_file, user.uid, user.gid)
        initdb = [str(binaries / "initdb"), "-D", str(draft), "-U", SUPERUSER, "-A", "scram-sha-256"]
        initdb += [f"--pwfile={password_file}", "--encoding=UTF8", "--no-instructions"]
        initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        _run(initdb, draft, user)
        statements = [f"CREATE ROLE {OWNER} LOGIN CREATEROLE;", *_passwords_sql(superuser, owner)]
        statements += [f"CREATE DATABASE {DATABASE} OWNER {OWNER};", f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;"]
        _single_user(binaries, draft, user, statements)
        draft.rename(cluster)
    finally:
        password_file.unlink(missing_ok=True)
        shutil.rmtree(draft, ignore_errors=True)


def _passwords_sql(superuser: str, owner: str) -> list[str]:
    # The passwords are our own URL-safe base64: nothing to quote.
    return [f"ALTER ROLE {SUPERUSER} PASSWORD '{superuser}';", f"ALTER ROLE {OWNER} PASSWORD '{owner}';"]


def _single_user(binaries: Path, cluster: Path, user: RunAs | None, statements: list[str]) -> None:
    """Run statements without a server, one a line, so that no connection and no open port is needed."""
    argv = [str(binaries / "postgres"), "--single", "-D", str(cluster), "-c", "exit_on_error=on", SUPERUSER]
    _run(argv, cluster, user, "\n".join(statements) + "\n")


def _run(argv: list[str], cwd: Path, user: RunAs | None, stdin: str = "") -> None:
    done = subprocess.run(  # noqa: S603
        argv,
        input=stdin,
        cwd=cwd,
        env=_environment(),
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise SetupError(f"{Path(argv[0]).name} failed while the database was made: {' '.join(last)}")


def _clear(cluster: Path) -> None:
    """Make way for a fresh server: wait for the children of a killed one, stop an orphan, drop a stale lock file."""
    pid_file = cluster / "postmaster.pid"
    ends_at = time.monotonic() + LEAVE_S
    while processes := _processes(cluster):
        postmaster = next((p for p in processes if str(p.pid) == _first_line(pid_file)), None)
        if postmaster is not None:
            if postmaster.ppid() not in FIRST_PIDS:
                raise SetupError(f"A Postgres with this data directory is running (process {postmaster.pid}).")
            # Its supervisor was killed, and nobody would ever stop it.
            postmaster.send_signal(signal.SIGINT)
        _, alive = psutil.wait_procs(processes, timeout=max(0.0, ends_at - time.monotonic()))
        if alive:
            raise SetupError(f"A Postgres with this data directory does not end (process {alive[0].pid}).")
    # Left by a killed server. Postgres would believe the file if any process of the same user had its number.
    pid_file.unlink(missing_ok=True)


def _processes(cluster: Path) -> list[psutil.Process]:
    """The living processes of this cluster: each one works in its folder."""
    found: list[psutil.Process] = []
    here = str(cluster.resolve())
    for process in psutil.process_iter():
        try:
            if process.name() == "postgres" and process.cwd() == here:
                found.append(process)
        except psutil.Error:
            continue
    return found


def _first_line(path: Path) -> str | None:
    try:
        return path.read_text().splitlines()[0]
    except (OSError, IndexError):
        return None
