"""What comes by a stream's WebSocket, from where, and how its end is told."""

from __future__ import annotations

from starlette.requests import Request
from starlette.websockets import WebSocket, WebSocketDisconnect

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


def was_goodbye(end: WebSocketDisconnect) -> bool:
    return end.code in GOODBYES


def source_of(connection: Request | WebSocket) -> str:
    return connection.client.host if connection.client is not None else "0.0.0.0"  # noqa: S104
