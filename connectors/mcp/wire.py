"""What goes over the wire to an MCP server: JSON-RPC 2.0 messages, alone or as server-sent events. No input or output.

Source: the specification's revisions 2025-03-26 to 2026-07-28, https://modelcontextprotocol.io/specification
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

STATELESS = "2026-07-28"
"""Each request says for itself what a session said before; tried first."""
WITH_HANDSHAKE = ("2025-11-25", "2025-06-18", "2025-03-26")
"""Newest first. Older ones had another transport."""
UNSUPPORTED_VERSION = -32022
NO_SESSION = -32000
"""What many servers say, with status 400, of a session that they don't know."""
METHOD_NOT_FOUND = -32601
NOTHING_DONE = frozenset({-32700, -32600, METHOD_NOT_FOUND, -32602, -32020, -32021, UNSUPPORTED_VERSION})
"""Codes by which a request was refused before anything was done for it."""
CLIENT: Mapping[str, str] = {"name": "hatif", "version": "1"}
_META = "io.modelcontextprotocol"
_PLAIN = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,60}")


class RpcError(Exception):
    """The server's own error, by its code; its words stay here."""

    def __init__(self, code: int, supported: tuple[str, ...] = (), *, refused: bool = False) -> None:
        super().__init__(f"error {code}")
        self.code = code
        self.supported = supported
        """The protocol's revisions that it speaks, where it said so."""
        self.refused = refused
        """By the status already: the request was not taken."""

    @property
    def nothing_done(self) -> bool:
        return self.refused or self.code in NOTHING_DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`version` is None while none is agreed on; `session` is what the server called it, where it keeps one."""

    number: int
    method: str
    params: Mapping[str, Any]
    version: str | None
    session: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
        if self.version is not None:
            headers["MCP-Protocol-Version"] = self.version
        if self.session is not None:
            headers["Mcp-Session-Id"] = self.session
        if self.version == STATELESS:
            headers["Mcp-Method"] = self.method
            if isinstance(name := self.params.get("name"), str):
                headers["Mcp-Name"] = header_value(name)
        return headers

    @property
    def body(self) -> bytes:
        params = dict(self.params)
        if self.version == STATELESS:
            params["_meta"] = {
                f"{_META}/protocolVersion": STATELESS,
                f"{_META}/clientInfo": dict(CLIENT),
                f"{_META}/clientCapabilities": {},
            }
        return _written({"jsonrpc": "2.0", "id": self.number, "method": self.method, "params": params})


def initialize(number: int) -> Request:
    params = {"protocolVersion": WITH_HANDSHAKE[0], "capabilities": {}, "clientInfo": dict(CLIENT)}
    return Request(number=number, method="initialize", params=params, version=None)


INITIALIZED = json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}).encode()


def param_headers(takes: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, str]:
    """Arguments that a tool's schema wants beside the body as well, for who routes by headers (`x-mcp-header`)."""
    found: dict[str, str] = {}
    properties: Mapping[str, Any] = takes.get("properties", {})
    for name, value in arguments.items():
        shape: Any = properties.get(name)
        token: Any = cast("dict[str, Any]", shape).get("x-mcp-header") if isinstance(shape, dict) else None
        if isinstance(token, str) and _TOKEN.fullmatch(token) and isinstance(value, str | int):
            found[f"Mcp-Param-{token}"] = header_value(str(value))
    return found


def header_value(text: str) -> str:
    if _PLAIN.fullmatch(text) and not text.startswith("=?base64?"):
        return text
    return f"=?base64?{base64.b64encode(text.encode()).decode()}?="


def result_of(message: Any, number: int) -> dict[str, Any] | None:
    """The result in a message that answers that request; None for any other message. Raises RpcError."""
    if not isinstance(message, dict):
        return None
    found = cast("dict[str, Any]", message)
    # An error before the request was read has no id.
    if isinstance(error := found.get("error"), dict) and found.get("id") in (number, None):
        raise _error(cast("dict[str, Any]", error))
    result: Any = found.get("result")
    return cast("dict[str, Any]", result) if found.get("id") == number and isinstance(result, dict) else None


def _error(error: dict[str, Any]) -> RpcError:
    code, data = error.get("code"), error.get("data")
    listed: Any = cast("dict[str, Any]", data).get("supported") if isinstance(data, dict) else None
    supported = tuple(str(each) for each in cast("list[Any]", listed)) if isinstance(listed, list) else ()
    return RpcError(code if isinstance(code, int) else 0, supported)


class Events:
    """The data of server-sent events, out of the bytes in which they come."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[str] = []

    def take(self, piece: bytes) -> Iterator[str]:
        """The data of each event that is whole by now."""
        # A carriage return at the end may be half of a line's end.
        held = self._rest + piece
        self._rest = b""
        if held.endswith(b"\r"):
            held, self._rest = held[:-1], b"\r"
        *lines, last = held.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = last + self._rest
        for line in lines:
            if not line:
                if self._data:
                    yield "\n".join(self._data)
                self._data.clear()
            elif line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" ").decode("utf-8", "replace"))


def _written(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()
