"""A small model server on a real socket that says, or does, exactly what a test wants."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def event(text: str = "", finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}, ensure_ascii=False).encode() + b"\n\n"


DONE = event(finish="stop") + b"data: [DONE]\n\n"


def answer(*pieces: str) -> list[bytes]:
    return [HEAD, *(event(piece) for piece in pieces), DONE]


@dataclass
class Script:
    """What the server sends, chunk by chunk, and what it saw."""

    chunks: list[bytes] = field(default_factory=list[bytes])
    hang: bool = False
    """Keep the connection open after the chunks."""
    hold: asyncio.Event | None = None
    """Send nothing before this is set."""
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    headers: list[str] = field(default_factory=list[str])
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    client_left: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def serving(script: Script) -> AsyncIterator[str]:
    """The server's /v1 address."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            script.headers.append(head)
            length = int(next(line for line in head.lower().split("\r\n") if line.startswith("content-length:"))[15:])
            script.requests.append(json.loads(await reader.readexactly(length)))
            script.asked.set()
            if script.hold is not None:
                await script.hold.wait()
            for chunk in script.chunks:
                writer.write(chunk)
                await writer.drain()
                await asyncio.sleep(0)
            if script.hang:
                await reader.read()  # until the client goes
                script.client_left.set()
        except ConnectionError:
            script.client_left.set()
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
