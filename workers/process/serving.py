"""The port of a process that serves HTTP, and how one serves that only our own processes ask."""

from __future__ import annotations

import socket

import uvicorn
from starlette.types import ASGIApp

from domain.errors import SetupError
from workers.process import notify

LOOPBACK = "127.0.0.1"
STOP_WITHIN_S = 3
"""For what is being answered when it has to end."""


def listening_socket(who: str, host: str, port: int) -> socket.socket:
    """Bound before anything else is made, so that a taken port is one sentence. Raises SetupError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio switches Nagle's algorithm off only then: without it the body of every
    # answer waits 40 ms for the acknowledgement of its headers.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SetupError(f"{who} can't listen on {host}:{port}: {error.strerror}.") from error
    return listener


async def serve_inside(application: ASGIApp, listener: socket.socket, most_connections: int) -> None:
    """For our own processes only, on a bound socket of loopback. Says that this process is ready, then serves."""
    config = uvicorn.Config(
        application,
        access_log=False,
        log_config=None,
        lifespan="off",
        limit_concurrency=most_connections,
        timeout_graceful_shutdown=STOP_WITHIN_S,
    )
    listener.listen()
    notify.ready()
    await uvicorn.Server(config).serve([listener])
