"""Tools of MCP servers: listed, and called, over whatever was agreed on with each server before."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from connectors.http import Limited, Unclear
from connectors.mcp import wire
from connectors.mcp.server import SYSTEM, Server, SessionOver, Spoken, TooLarge
from connectors.outside import allowed_url
from domain.acting.tool_server import MOST_LISTED, ListedTool, Listing, ToolServer
from domain.errors import NotFound, OutcomeUnknown, Rejected, Unavailable

MAX_LIST_BYTES = 1 << 20
"""Of one page: a hundred tools with long descriptions."""
MAX_ANSWER_BYTES = 64 << 10
"""A caller is told a sentence of it."""
MOST_PAGES = 20
MOST_SERVERS = 200
"""Agreements that are kept; the oldest goes, and is made again when it is needed."""
MAX_TEXT_CHARACTERS = 4_000
WRITE_MS = 20_000
"""Nobody waits for it on a line, and to cut it off would leave it unclear."""

_NOT_FOUND = re.compile(r"\b(?:not[ _-]?found|no such|does(?: not|n't) exist|404)\b", re.IGNORECASE)
_LATER = re.compile(r"\b(?:rate[ _-]?limit|too many requests|429)\b", re.IGNORECASE)
_AWAY = re.compile(r"\b(?:time[ds]?[ _-]?out|unavailable|try again later|50[0234])\b", re.IGNORECASE)
_REFUSAL = re.compile(
    r"\b(?:invalid|validation|not allowed|forbidden|denied|unauthori[sz]ed|sold out|already|40[0139]|422)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """One tenant's server. What is agreed on with it, and the session that it keeps, is shared with nobody else."""

    tenant_id: str
    server: ToolServer
    token: str | None = field(repr=False)


class McpTools:
    """One for a process. `inside` and `hosts` are as those of connectors.tenant_tool.ToolHttp."""

    def __init__(self, inside: frozenset[str], hosts: frozenset[str] = frozenset()) -> None:
        self._inside = inside
        self._hosts = hosts
        self._numbers = itertools.count(1)
        self._spoken: dict[Registered, Spoken] = {}

    def check(self, server: ToolServer) -> None:
        """Raises Rejected for an address that no server may have."""
        allowed_url(server.url, self._inside, self._hosts, SYSTEM)

    async def listing(self, at: Registered) -> Listing:
        """Raises Rejected, Unavailable."""
        found: list[ListedTool] = []
        params: dict[str, Any] = {}
        try:
            for _ in range(MOST_PAGES):
                page = await self._asked(at, "tools/list", params, MAX_LIST_BYTES, at.server.timeout_ms)
                found += [tool for tool in map(_listed, _objects(page.get("tools"))) if tool is not None]
                cursor = page.get("nextCursor")
                if not isinstance(cursor, str) or len(found) >= MOST_LISTED:
                    break
                params = {"cursor": cursor}
        except Unclear as unclear:
            raise Unavailable(SYSTEM, str(unclear)) from unclear
        except wire.RpcError as error:
            raise Rejected(SYSTEM, f"it doesn't list its tools, {error}") from None
        spoken = self._spoken[at]
        return Listing(product=spoken.product, protocol=spoken.version, tools=found[:MOST_LISTED])

    async def read(self, at: Registered, tool: ListedTool, arguments: Mapping[str, Any], within_ms: int) -> Any:
        """The structured content, or the text. Raises NotFound, Rejected, Unavailable; none bears a word of it."""
        try:
            result = await self._called(at, tool, arguments, within_ms)
        except TooLarge as large:
            raise Rejected(SYSTEM, str(large)) from None
        except Unclear as unclear:
            raise Unavailable(SYSTEM, str(unclear)) from unclear
        except wire.RpcError as error:
            kind = Rejected if error.nothing_done else Unavailable
            raise kind(SYSTEM, str(error)) from None
        if result.get("isError") is True:
            raise _read_failure(_words_of(result))
        return _output(result)

    async def write(self, at: Registered, tool: ListedTool, arguments: Mapping[str, Any]) -> Any:
        """As `read`. Raises NotFound, Rejected and Unavailable when nothing was done; Unclear when that is not
        certain and asking again may tell; OutcomeUnknown when it would not."""
        try:
            result = await self._called(at, tool, arguments, WRITE_MS)
        except wire.RpcError as error:
            if error.nothing_done:
                raise Rejected(SYSTEM, str(error)) from None
            raise Unclear(str(error)) from None
        if result.get("isError") is True:
            raise _write_failure(_words_of(result))
        return _output(result)

    async def _called(
        self, at: Registered, tool: ListedTool, arguments: Mapping[str, Any], within_ms: int
    ) -> dict[str, Any]:
        params = {"name": tool.name, "arguments": dict(arguments)}
        beside = wire.param_headers(tool.takes, arguments)
        result = await self._asked(at, "tools/call", params, MAX_ANSWER_BYTES, within_ms, beside)
        if result.get("resultType", "complete") != "complete":
            raise Rejected(SYSTEM, "it wants to ask back, and nobody can answer it")
        return result

    async def _asked(
        self,
        at: Registered,
        method: str,
        params: Mapping[str, Any],
        most_bytes: int,
        within_ms: int,
        beside: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """By what was agreed on; anew where the server has forgotten it, which it says before it does anything."""
        parts = allowed_url(at.server.url, self._inside, self._hosts, SYSTEM)
        talk = Server(parts, self._inside, at.token, within_ms / 1000, self._numbers)
        try:
            async with asyncio.timeout(within_ms / 1000):
                spoken = await self._agreed(at, talk)
                try:
                    return await talk.ask(spoken, method, params, most_bytes, beside)
                except SessionOver:
                    spoken = await self._agreed(at, talk, over=spoken)
                try:
                    return await talk.ask(spoken, method, params, most_bytes, beside)
                except SessionOver:
                    raise Rejected(SYSTEM, "it forgets its sessions at once") from None
        except TimeoutError as late:
            raise Unclear("no answer in time") from late

    async def _agreed(self, at: Registered, talk: Server, over: Spoken | None = None) -> Spoken:
        spoken = self._spoken.get(at)
        if spoken is None or spoken == over:
            self._spoken.pop(at, None)
            try:
                async with asyncio.timeout(at.server.timeout_ms / 1000):
                    spoken = self._spoken[at] = await talk.agree()
            except (Unclear, TimeoutError) as unclear:
                # Nothing was asked for yet.
                raise Unavailable(SYSTEM, str(unclear) or "no answer in time") from unclear
            while len(self._spoken) > MOST_SERVERS:
                del self._spoken[next(iter(self._spoken))]
        return spoken


def _listed(told: Mapping[str, Any]) -> ListedTool | None:
    """None for one that can't be called at all."""
    name, takes, gives = told.get("name"), told.get("inputSchema"), told.get("outputSchema")
    if not isinstance(name, str) or not 0 < len(name) <= 128 or not isinstance(takes, dict):
        return None
    hints = next(iter(_objects([told.get("annotations")])), dict[str, Any]())
    title = told.get("title") or hints.get("title")
    return ListedTool(
        name=name,
        title=_line(title, 120),
        about=_line(told.get("description"), 2_000),
        takes=_schema(cast("dict[str, Any]", takes)),
        gives=_schema(cast("dict[str, Any]", gives)) if isinstance(gives, dict) else None,
        only_reads=hints.get("readOnlyHint") is True,
        idempotent=hints.get("idempotentHint") is True,
    )


def _schema(told: dict[str, Any]) -> dict[str, Any]:
    """Without the name of its dialect, which is read as draft 2020-12 whatever it is."""
    return {name: value for name, value in told.items() if name != "$schema"}


def _line(value: Any, longest: int) -> str:
    text = value if isinstance(value, str) else ""
    return "".join(letter for letter in text if letter.isprintable() or letter == "\n")[:longest]


def _objects(value: Any) -> list[dict[str, Any]]:
    listed = cast("list[Any]", value) if isinstance(value, list) else []
    return [cast("dict[str, Any]", each) for each in listed if isinstance(each, dict)]


def _text(result: Mapping[str, Any]) -> str:
    pieces = [each.get("text") for each in _objects(result.get("content")) if each.get("type") == "text"]
    return " ".join(piece for piece in pieces if isinstance(piece, str))[:MAX_TEXT_CHARACTERS]


def _output(result: Mapping[str, Any]) -> Any:
    structured = result.get("structuredContent")
    return {"text": _text(result)} if structured is None else structured


def _words_of(result: Mapping[str, Any]) -> str:
    """What an error says for itself: its code where it has one, else its text; for looking into, never for telling."""
    structured = result.get("structuredContent")
    if isinstance(structured, dict):
        return json.dumps(structured)[:MAX_TEXT_CHARACTERS]
    return _text(result)


def _read_failure(words: str) -> Exception:
    """The protocol has no codes for what went wrong inside a tool: the commonest words stand for them."""
    if _NOT_FOUND.search(words):
        return NotFound(SYSTEM, "the tool found nothing")
    if _LATER.search(words) or _AWAY.search(words):
        return Unavailable(SYSTEM, "the tool says that it can't right now")
    return Rejected(SYSTEM, "the tool answered with an error")


def _write_failure(words: str) -> Exception:
    """An error that doesn't say what it is may have come after the effect."""
    if _LATER.search(words):
        return Limited(SYSTEM, "the tool's rate limit is reached", 10_000)
    if _AWAY.search(words):
        return Unclear("the tool says that it can't right now")
    if _NOT_FOUND.search(words):
        return NotFound(SYSTEM, "the tool found nothing")
    if _REFUSAL.search(words):
        return Rejected(SYSTEM, "the tool refused")
    return OutcomeUnknown(SYSTEM, "the tool answered with an error that doesn't say what was done")
