"""The parts of the product on one machine, what each waits for, and how it is started."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from domain.errors import SetupError
from workers.launch import checks
from workers.launch.first_sign_in import FirstPassword
from workers.launch.options import as_environment
from workers.settings import Settings
from workers.supervise import Command, Part, Step
from workers.supervise.probes import http_ok

if TYPE_CHECKING:
    from workers.embedded_postgres import PostgresPlan

LIVE_CALL_PARTS = "media"
"""The parts of this name and a number hold calls."""
STOP_ASIDE_S = 15.0
"""Over a part's own farewell, the longest of which is the gateway's 10 s."""
MODEL_START_S = 180.0
"""Loading 1.1 GB from a slow disk took 70 s."""


@dataclass(slots=True)
class Provisioned:
    """What the steps found out that the operator is told once."""

    first_passwords: list[FirstPassword] = field(default_factory=list[FirstPassword])


def nodes(settings: Settings, provision: Callable[[], Awaitable[None]], *, grace_s: float) -> list[Part | Step]:
    """`provision` brings tenants, keys and accounts into a migrated database; `grace_s` is what live calls get."""
    names = [f"{LIVE_CALL_PARTS}-{number}" for number in range(1, settings.media_workers + 1)]
    environment = as_environment(settings)
    state: list[Part | Step] = []
    if checks.embedded_postgres(settings):
        state += _postgres(settings)
    else:
        state.append(Step(name="migrate", run=_migrate_elsewhere(settings)))
    state.append(Step(name="provision", run=provision, after=("migrate",)))
    base = ["provision"]
    if checks.embedded_temporal(settings):
        state.append(_temporal(settings))
        base.append("temporal")
    engines: list[Part | Step] = []
    if checks.embedded_model(settings):
        engines.append(_model(settings, environment, tuple(names)))
    if checks.embedded_speech(settings):
        engines.append(_worker("speech", environment, outlives=tuple(names), start_deadline_s=MODEL_START_S))
    media = [
        _worker(
            name,
            environment | _metrics(settings, place),
            module="media",
            after=(*base, *(engine.name for engine in engines)),
            stop_grace_s=grace_s + STOP_ASIDE_S,
            start_deadline_s=MODEL_START_S,
        )
        for place, name in enumerate(names)
    ]
    durable = _worker("durable", environment, after=tuple(base), outlives=(*names, "gateway"))
    gateway = _worker("gateway", environment, after=tuple(base), outlives=tuple(names))
    aside: list[Part | Step] = []
    if checks.embedded_knowledge(settings):
        # Calls are answered from the facts until it is there, and while it is away.
        aside.append(_worker("knowledge", environment, outlives=(*names, "gateway"), start_deadline_s=MODEL_START_S))
    return [*state, *engines, *aside, durable, *media, gateway]


def _metrics(settings: Settings, place: int) -> dict[str, str]:
    """Each media worker's own port."""
    first = settings.media_metrics_port
    return {} if first is None else {"HATIF_MEDIA_METRICS_PORT": str(first + place)}


def _worker(
    name: str,
    environment: dict[str, str],
    *,
    module: str | None = None,
    after: tuple[str, ...] = (),
    outlives: tuple[str, ...] = (),
    stop_grace_s: float = STOP_ASIDE_S,
    start_deadline_s: float = 60.0,
) -> Part:
    """One of our own processes; it says itself when it is ready."""

    async def command() -> Command:
        return Command(argv=(sys.executable, "-m", f"workers.{module or name}"), env=environment)

    return Part(
        name=name,
        command=command,
        after=after,
        outlives=outlives,
        stop_grace_s=stop_grace_s,
        start_deadline_s=start_deadline_s,
    )


def _model(settings: Settings, environment: dict[str, str], outlives: tuple[str, ...]) -> Part:
    port = next(entry.port for entry in checks.listeners(settings) if entry.part == "model server")

    async def command() -> Command:
        return Command(argv=(sys.executable, "-m", "workers.model"), env=environment)

    return Part(
        name="model",
        command=command,
        outlives=outlives,
        # llama.cpp's own page: 503 while it loads.
        ready=http_ok("127.0.0.1", port, "/health"),
        start_deadline_s=MODEL_START_S,
    )


def _postgres(settings: Settings) -> list[Part | Step]:
    plans: list[PostgresPlan] = []

    async def command() -> Command:
        from workers.embedded_postgres import prepare

        plan = await asyncio.to_thread(prepare, settings)
        plans[:] = [plan]
        return Command(argv=plan.argv, env=plan.env, inherit_env=False, cwd=plan.cwd, user=plan.user, group=plan.group)

    async def ready() -> bool:
        from workers.embedded_postgres import wait_ready

        await wait_ready(plans[0])
        return True

    async def migrate() -> None:
        from storage.migrate import migrate

        await migrate(plans[0].owner_url, plans[0].app_password)

    return [
        # SIGTERM would wait for every client.
        Part(name="postgres", command=command, ready=ready, stop_signal=signal.SIGINT),
        Step(name="migrate", run=migrate, after=("postgres",)),
    ]


def _migrate_elsewhere(settings: Settings) -> Callable[[], Awaitable[None]]:
    async def migrate() -> None:
        from storage.migrate import migrate

        if settings.owner_database_url is None:
            raise SetupError(
                "HATIF_DATABASE_URL names a database of your own: name its owner too, with HATIF_OWNER_DATABASE_URL, "
                "so that its tables can be made and kept up to date."
            )
        await migrate(settings.owner_database_url.get_secret_value(), None)

    return migrate


def _temporal(settings: Settings) -> Part:
    async def command() -> Command:
        from workers.embedded_temporal import temporal_argv, temporal_env

        return Command(argv=temporal_argv(settings), env=temporal_env(settings), inherit_env=False)

    async def ready() -> bool:
        from workers.embedded_temporal import namespace_answers

        return await namespace_answers(settings)

    return Part(name="temporal", command=command, ready=ready)
