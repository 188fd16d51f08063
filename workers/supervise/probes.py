"""Ways to ask a part whether it is ready."""

from __future__ import annotations

import asyncio
import contextlib

from workers.supervise.part import Probe

ASK_TIMEOUT_S = 2.0


def http_ok(host: str, port: int, path: str) -> Probe:
    """Ready when `GET path` answers 2xx. Plain HTTP, without a client library, so that `hatif up` starts fast."""

    async def ask() -> bool:
        async with asyncio.timeout(ASK_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
                await writer.drain()
                status = await reader.readline()
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
        return status.startswith((b"HTTP/1.1 2", b"HTTP/1.0 2"))

    return ask


def tcp_open(host: str, port: int) -> Probe:
    """Ready when something accepts connections there."""

    async def ask() -> bool:
        async with asyncio.timeout(ASK_TIMEOUT_S):
            _, writer = await asyncio.open_connection(host, port)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return True

    return ask
