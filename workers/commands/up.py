"""`hatif up`: checks, models, then every part under one supervisor until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from domain.addresses import is_loopback
from domain.errors import HatifError, SetupError
from workers.commands import tune
from workers.launch import checks, data_dir
from workers.launch.models import bring_models
from workers.launch.options import stray_settings
from workers.launch.parts import Provisioned, nodes
from workers.launch.screen import Screen
from workers.settings import Settings, sip_number_list
from workers.supervise import Event, Supervisor
from workers.tuning import kept


def run(load: Callable[[], Settings], *, may_fetch: bool, may_tune: bool, grace_s: float) -> None:
    """Returns when everything has stopped. Raises SetupError when the product can't run here.

    `load` reads the settings, and once more where this machine was measured meanwhile.
    """
    settings = load()
    checks.check_platform()
    # Histories, logs and keys are the operator's alone, whichever part writes them.
    os.umask(0o077)
    with data_dir.held(settings.data_dir, "hatif up"), Screen() as screen:
        for name in stray_settings():
            screen.say(f"{name} is not a setting of Hatif and is ignored.", "yellow")
        check_phone_certificate(settings)
        checks.check_ports(checks.listeners(settings))
        checks.check_disk(settings.data_dir)
        bring_models(settings, screen, may_fetch=may_fetch)
        if may_tune and tune.at_first_start(settings, screen.console):
            settings = load()
        elif (note := profile_note(settings)) is not None:
            screen.say(note)
        checks.check_memory(settings)
        settings = with_tls(settings, screen)
        asyncio.run(_Run(settings, screen, grace_s).until_stopped())


def profile_note(settings: Settings) -> str | None:
    """Where the profile comes from; None where the operator said it."""
    tuned = kept.read(settings.data_dir)
    if tuned is not None and tuned.profile is settings.profile:
        return f"Profile {settings.profile}, by `hatif tune` of {tuned.measured_on}."
    if "profile" in settings.model_fields_set:
        return None
    return f"Profile {settings.profile}; `hatif tune` measures this machine and picks the one that fits it."


def with_tls(settings: Settings, screen: Screen) -> Settings:
    """Settings under which anything but loopback is served over TLS. Raises SetupError."""
    if (settings.tls_cert is None) != (settings.tls_key is None):
        raise SetupError("TLS needs both --tls-cert and --tls-key (HATIF_TLS_CERT and HATIF_TLS_KEY).")
    if settings.tls_cert is not None or is_loopback(settings.host):
        return settings
    from workers.launch.certificate import self_signed

    certificate, key, fingerprint = self_signed(settings.data_dir / "tls", settings.host)
    screen.say(
        f"No certificate was given for {settings.host}: a self-signed one is used, and browsers will warn. "
        f"Its SHA-256 fingerprint is {fingerprint}.",
        "yellow",
    )
    return settings.model_copy(update={"tls_cert": certificate, "tls_key": key})


def check_phone_certificate(settings: Settings) -> None:
    """Raises SetupError for one that a media worker would refuse, minutes later."""
    if settings.sip_port and (settings.sip_tls_cert, settings.sip_tls_key) != (None, None):
        from workers.phone.certificates import sip_certificate

        sip_certificate(settings)


def addresses(settings: Settings) -> dict[str, str]:
    scheme = "https" if settings.tls_cert else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    found = {"softphone": f"{scheme}://{host}:{settings.gateway_port}/"}
    if checks.embedded_temporal(settings):
        found["Temporal UI"] = f"http://127.0.0.1:{settings.temporal_ui_port}/"
    if settings.sip_port and (numbers := sip_number_list(settings.sip_numbers)):
        found["phone"] = f"sip:{next(iter(numbers))}@{settings.sip_host}:{settings.sip_port}"
    return found


class _Run:
    def __init__(self, settings: Settings, screen: Screen, grace_s: float) -> None:
        self._settings = settings
        self._screen = screen
        self._grace_s = grace_s
        self._stop = asyncio.Event()
        self._provisioned = Provisioned()
        self._tree: Supervisor | None = None

    async def until_stopped(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._on_signal)
        parts = nodes(self._settings, self._provision, grace_s=self._grace_s)
        async with Supervisor(parts, logs_dir=self._settings.logs_dir, tell=self._tell) as tree:
            self._tree = tree
            try:
                if await self._unless_stopped(tree.ready()):
                    self._show_ready()
                    await self._unless_stopped(tree.failed())
            except HatifError as error:
                if tree.live_calls():
                    # The command says it at its end, which live calls may put off.
                    self._screen.say(str(error), "bold red")
                raise
            finally:
                self._screen.stopping(tree.live_calls(), self._grace_s)
        self._screen.say("Everything has stopped.")

    async def _unless_stopped(self, waiting: Coroutine[Any, Any, None]) -> bool:
        """False when the stop came first."""
        work = asyncio.create_task(waiting)
        stop = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            work.cancel()
            stop.cancel()
        if work.done():
            work.result()
            return True
        return False

    def _on_signal(self) -> None:
        if not self._stop.is_set():
            self._stop.set()
        elif self._tree is not None:
            self._screen.cutting(self._tree.live_calls())
            self._tree.cut()

    def _tell(self, event: Event) -> None:
        self._screen.tell(event)
        if self._tree is not None:
            data_dir.write_status(
                self._settings.data_dir, self._tree.pids(), addresses(self._settings), self._tree.profiles()
            )

    async def _provision(self) -> None:
        from workers.provision import provision

        self._provisioned.first_passwords = await provision(self._settings)

    def _show_ready(self) -> None:
        logs = str(self._settings.logs_dir)
        home = str(Path.home())
        self._screen.ready(
            addresses(self._settings),
            self._provisioned.first_passwords,
            "~" + logs.removeprefix(home) if logs.startswith(home + os.sep) else logs,
        )
