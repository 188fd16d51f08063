"""What must be true of this machine before anything is started; each failure is one sentence."""

from __future__ import annotations

import errno
import platform
import shutil
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from domain.addresses import is_loopback
from domain.errors import SetupError
from engines.model_files import read_catalogue
from workers.settings import Settings, audiosocket_ports

PYTHONS = ((3, 11), (3, 13))
MIN_FREE_DISK_BYTES = 1_000_000_000
"""A fresh database and Temporal's history take 90 MB, bounded logs at most 160 MB; the rest is a week of calls."""
BASE_MEMORY_BYTES = 2_200_000_000
"""All parts but the language model held 1.98 GB after some calls beside ingestion, by their share of what several hold:
two media workers 0.63, speech 0.59, knowledge 0.18, Temporal 0.18. The rest is for more calls."""
MODEL_MEMORY_FACTOR = 1.5
"""Memory of the embedded language model over the size of its file: 0.74 GB for 0.49, 2.0 for 1.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A port that one of our parts wants, and how to choose another."""

    part: str
    host: str
    port: int
    setting: str


def embedded_postgres(settings: Settings) -> bool:
    return settings.database_url is None


def embedded_temporal(settings: Settings) -> bool:
    return is_loopback(settings.temporal_address.rpartition(":")[0])


def embedded_model(settings: Settings) -> bool:
    """An own server on this machine is told from ours by the name of its model."""
    return is_loopback(urlsplit(settings.llm_url).hostname) and settings.llm_model == "embedded"


def embedded_speech(settings: Settings) -> bool:
    return is_loopback(urlsplit(settings.speech_url).hostname)


def embedded_knowledge(settings: Settings) -> bool:
    return is_loopback(urlsplit(settings.knowledge_url).hostname)


def listeners(settings: Settings) -> list[Listener]:
    """Every fixed TCP port of the parts that run on this machine."""
    here = "127.0.0.1"
    found = [Listener(part="gateway", host=settings.host, port=settings.gateway_port, setting="HATIF_GATEWAY_PORT")]
    found += [
        Listener(part="AudioSocket", host=settings.host, port=port, setting="HATIF_AUDIOSOCKET")
        for port in audiosocket_ports(settings.audiosocket)
    ]
    if settings.streams_port:
        found.append(
            Listener(part="phone streams", host=settings.host, port=settings.streams_port, setting="HATIF_STREAMS_PORT")
        )
    if embedded_postgres(settings):
        found.append(Listener(part="postgres", host=here, port=settings.postgres_port, setting="HATIF_POSTGRES_PORT"))
    if embedded_temporal(settings):
        port = settings.temporal_address.rpartition(":")[2]
        found.append(Listener(part="temporal", host=here, port=_number(port), setting="HATIF_TEMPORAL_ADDRESS"))
        found.append(
            Listener(part="temporal UI", host=here, port=settings.temporal_ui_port, setting="HATIF_TEMPORAL_UI_PORT")
        )
    if embedded_model(settings):
        port = urlsplit(settings.llm_url).port or 80
        found.append(Listener(part="model server", host=here, port=port, setting="HATIF_LLM_URL"))
    if embedded_speech(settings):
        port = urlsplit(settings.speech_url).port or 80
        found.append(Listener(part="speech", host=here, port=port, setting="HATIF_SPEECH_URL"))
    if embedded_knowledge(settings):
        port = urlsplit(settings.knowledge_url).port or 80
        found.append(Listener(part="knowledge", host=here, port=port, setting="HATIF_KNOWLEDGE_URL"))
    return found


def _number(port: str) -> int:
    if not port.isdigit():
        raise SetupError("HATIF_TEMPORAL_ADDRESS must be host:port, such as 127.0.0.1:7233.")
    return int(port)


def check_platform() -> None:
    """Raises SetupError anywhere but on Linux x86-64 with a CPython that we know."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise SetupError(f"Hatif runs on Linux x86-64; this is {platform.system()} {platform.machine()}.")
    if platform.python_implementation() != "CPython" or not PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]:
        found = f"{platform.python_implementation()} {platform.python_version()}"
        raise SetupError(f"Hatif needs CPython 3.11, 3.12 or 3.13; this is {found}.")


def check_ports(wanted: Sequence[Listener]) -> None:
    """Raises SetupError that names every taken port, who has it, and the setting that chooses another."""
    seen: dict[int, str] = {}
    sentences: list[str] = []
    for listener in wanted:
        if listener.port in seen:
            sentences.append(f"{seen[listener.port]} and {listener.part} both want port {listener.port}.")
        seen[listener.port] = listener.part
        if (reason := taken(listener)) is not None:
            how = "--port or HATIF_GATEWAY_PORT" if listener.part == "gateway" else listener.setting
            sentences.append(f"Port {listener.port} of {listener.part} {reason}; choose another with {how}.")
    if sentences:
        raise SetupError(" ".join(sentences))


def taken(listener: Listener) -> str | None:
    """Why nobody can listen there, or None."""
    family = socket.AF_INET6 if ":" in listener.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listener.host, listener.port))
            # Two sockets may be bound with SO_REUSEADDR while none listens.
            probe.listen(1)
        except PermissionError:
            return "needs rights that this user lacks"
        except OSError as error:
            owner = _owner(listener.port)
            return f"is taken{owner}" if error.errno == errno.EADDRINUSE else f"can't be opened on {listener.host}"
    return None


def _owner(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
            if listens and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass
    return ""


def check_disk(folder: Path) -> None:
    """Raises SetupError when `folder`, which exists, has too little room to run in."""
    free = shutil.disk_usage(folder).free
    if free < MIN_FREE_DISK_BYTES:
        raise SetupError(
            f"The disk of {folder} has {free / 1e6:,.0f} MB free and Hatif needs {MIN_FREE_DISK_BYTES / 1e6:,.0f}; "
            "make room, or give another --data-dir."
        )


def needed_memory(settings: Settings) -> int:
    """Bytes that all the parts of this machine take when idle."""
    needed = BASE_MEMORY_BYTES
    model = read_catalogue().get(settings.llm_file)
    if embedded_model(settings) and model is not None:
        needed += int(model.size_bytes * MODEL_MEMORY_FACTOR)
    return needed


def check_memory(settings: Settings) -> None:
    available = psutil.virtual_memory().available
    if available < (needed := needed_memory(settings)):
        raise SetupError(
            f"{available / 1e9:.1f} GB of memory are free and Hatif needs {needed / 1e9:.1f}; end something else, "
            "or choose a smaller model with HATIF_LLM_FILE."
        )
