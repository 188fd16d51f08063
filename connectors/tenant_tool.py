"""One question to the web address of a tenant's own tool, and to nowhere else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx

from connectors.outside import allowed_url, exchange
from domain.acting.tenant_tool import TenantTool
from domain.errors import NotFound, Rejected, Unavailable

SYSTEM = "tool"
MAX_ANSWER_BYTES = 64 << 10
"""A caller is told a sentence of it."""


class ToolHttp:
    """`inside` are hosts that may be reached although they are not on the open internet; with `hosts` no other is
    reached at all."""

    def __init__(self, inside: frozenset[str], hosts: frozenset[str] = frozenset()) -> None:
        self._inside = inside
        self._hosts = hosts

    def check(self, tool: TenantTool) -> None:
        """Raises Rejected for an address that no tool may have."""
        allowed_url(tool.url, self._inside, self._hosts, SYSTEM)

    async def ask(self, tool: TenantTool, slots: Mapping[str, Any], token: str | None) -> Any:
        """The JSON that it answers. A redirect is an error: it would lead anywhere. Raises NotFound, Rejected,
        Unavailable; none bears a word of the answer."""
        parts = allowed_url(tool.url, self._inside, self._hosts, SYSTEM)
        headers = {"Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        content: dict[str, Any] = {}
        if tool.method == "GET":
            query = "&".join(filter(None, (parts.query, urlencode({name: str(slots[name]) for name in slots}))))
            parts = parts._replace(query=query)
        else:
            content = {"json": dict(slots)}
        seconds = tool.timeout_ms / 1000
        try:
            async with asyncio.timeout(seconds):
                asked = exchange(tool.method, parts, self._inside, SYSTEM, headers=headers, seconds=seconds, **content)
                async with asked as answer:
                    raw = await _whole(answer)
        except (TimeoutError, httpx.HTTPError, OSError) as error:
            raise Unavailable(SYSTEM, f"no answer ({type(error).__name__})") from error
        return _read(answer.status_code, raw)


async def _whole(answer: httpx.Response) -> bytes:
    raw = b""
    async for piece in answer.aiter_bytes():
        raw += piece
        if len(raw) > MAX_ANSWER_BYTES:
            raise Rejected(SYSTEM, "the answer is too large")
    return raw


def _read(status: int, raw: bytes) -> Any:
    if status in (404, 410):
        raise NotFound(SYSTEM, f"answered {status}")
    if status in (408, 425, 429) or status >= 500:
        raise Unavailable(SYSTEM, f"answered {status}")
    if not 200 <= status < 300:
        raise Rejected(SYSTEM, f"answered {status}")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise Rejected(SYSTEM, "the answer isn't JSON") from None
