"""What comes by a stream's WebSocket, from where, and how its end is told."""

from __future__ import annotations

from collections.abc import Awaitable

import structlog
from starlette.requests import Request
from starlette.websockets import WebSocket, WebSocketDisconnect

from domain.errors import Refused
from realtime.phone.line import PhoneLine

log = structlog.get_logger()

GOODBYES = (1_000, 1_005)
"""How a stream is ended when the caller has hung up; all other codes tell of a fault."""
BROKEN = 1_006
"""How the end of a connection without a goodbye is told."""


async def received(websocket: WebSocket) -> str | bytes:
    """The next message. Raises WebSocketDisconnect."""
    told = await websocket.receive()
    if told["type"] == "websocket.disconnect":
        # uvicorn's code for a connection that broke is that of a goodbye without one, but it has no reason.
        raise WebSocketDisconnect(told["code"] if "reason" in told else BROKEN)
    text = told.get("text")
    return text if text is not None else told["bytes"]


async def was_lost(listening: Awaitable[None], line: PhoneLine) -> bool:
    """Hear a stream out; whether it was lost rather than hung up."""
    try:
        await listening
    except WebSocketDisconnect as end:
        return end.code not in GOODBYES and not line.is_closed
    except RuntimeError:
        pass  # we have closed it ourselves
    except Refused:
        log.warning("phone_leg_malformed")
    return False


def source_of(connection: Request | WebSocket) -> str:
    return connection.client.host if connection.client is not None else "0.0.0.0"  # noqa: S104
