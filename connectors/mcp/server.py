"""One MCP server: which revision it speaks, whether it keeps a session, one request and its answer."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import SplitResult

import httpx

from connectors.http import RETRY_AFTER_MS, Limited, Unclear
from connectors.mcp import wire
from connectors.outside import exchange
from domain.errors import Rejected, Unavailable

SYSTEM = "mcp"
MAX_SESSION_CHARACTERS = 200
_REFUSED = frozenset({401, 403})
_AWAY = frozenset({408, 425, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What was agreed on with a server."""

    version: str
    session: str | None
    product: str


class SessionOver(Exception):
    """The server knows the session, or the revision, no more. Nothing was done."""


class TooLarge(Unclear):
    def __init__(self) -> None:
        super().__init__("the answer is too large")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    result: dict[str, Any]
    headers: httpx.Headers


class Server:
    """Speaks to one server for as long as what was agreed on holds. Every request is bounded in time and size.

    Raises Rejected and Unavailable when nothing was done, Unclear when that is not certain, RpcError for the server's
    own refusals.
    """

    def __init__(
        self,
        parts: SplitResult,
        inside: frozenset[str],
        token: str | None,
        seconds: float,
        numbers: itertools.count[int],
    ) -> None:
        self._parts = parts
        self._inside = inside
        self._token = token
        self._seconds = seconds
        self._numbers = numbers

    async def agree(self) -> Spoken:
        """Ask as the newest revision does; a server that doesn't know that is greeted as the earlier ones are."""
        number = next(self._numbers)
        probe = wire.Request(number=number, method="server/discover", params={}, version=wire.STATELESS)
        try:
            found = (await self._post(probe, 64 << 10)).result
        except wire.RpcError as error:
            if error.supported and not set(error.supported) & {wire.STATELESS, *wire.WITH_HANDSHAKE}:
                raise Rejected(SYSTEM, "no revision of the protocol is known to both") from None
        except (Rejected, Unclear) as other:
            if isinstance(other, Rejected) and not isinstance(other, _NotSo):
                raise
        else:
            if wire.STATELESS in _texts(found.get("supportedVersions")):
                _has_tools(found)
                return Spoken(version=wire.STATELESS, session=None, product=_product(found))
        return await self._greet()

    async def _greet(self) -> Spoken:
        try:
            answer = await self._post(wire.initialize(next(self._numbers)), 64 << 10)
        except wire.RpcError as error:
            raise Rejected(SYSTEM, f"it refused to begin, {error}") from None
        version = answer.result.get("protocolVersion")
        if version not in wire.WITH_HANDSHAKE:
            raise Rejected(SYSTEM, "no revision of the protocol is known to both")
        _has_tools(answer.result)
        session = answer.headers.get("mcp-session-id")
        if session is not None and (len(session) > MAX_SESSION_CHARACTERS or not session.isprintable()):
            raise Rejected(SYSTEM, "what it calls the session can't be sent back")
        spoken = Spoken(version=version, session=session, product=_product(answer.result))
        await self._notify(spoken)
        return spoken

    async def _notify(self, spoken: Spoken) -> None:
        as_any = wire.Request(number=0, method="", params={}, version=spoken.version, session=spoken.session)
        async with self._stream(as_any.headers, wire.INITIALIZED) as answer:
            if not answer.is_success:
                raise self._failure(answer)

    async def ask(
        self,
        spoken: Spoken,
        method: str,
        params: Mapping[str, Any],
        most_bytes: int,
        beside: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The result. `beside` are further headers. Raises SessionOver as well."""
        number = next(self._numbers)
        request = wire.Request(
            number=number, method=method, params=params, version=spoken.version, session=spoken.session
        )
        try:
            return (await self._post(request, most_bytes, beside or {})).result
        except _NotSo as error:
            if spoken.session is not None and error.status in (400, 404):
                raise SessionOver from None
            raise
        except wire.RpcError as error:
            no_session = error.refused and error.code == wire.NO_SESSION and spoken.session is not None
            if no_session or error.code == wire.UNSUPPORTED_VERSION:
                raise SessionOver from None
            raise

    async def _post(self, request: wire.Request, most_bytes: int, beside: Mapping[str, str] | None = None) -> _Answer:
        async with self._stream({**request.headers, **(beside or {})}, request.body) as answer:
            kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
            if not answer.is_success:
                await self._own_error(answer, kind, request, most_bytes)
                raise self._failure(answer)
            if kind == "text/event-stream":
                return _Answer(result=await _from_events(answer, request.number, most_bytes), headers=answer.headers)
            result = wire.result_of(_read(await _whole(answer, most_bytes)), request.number)
            if result is None:
                raise Unclear("the answer is no answer to this request")
            return _Answer(result=result, headers=answer.headers)

    @asynccontextmanager
    async def _stream(self, headers: Mapping[str, str], body: bytes) -> AsyncGenerator[httpx.Response]:
        """One POST; what goes wrong before it was sent is told apart from what goes wrong afterwards."""
        signed = dict(headers)
        if self._token is not None:
            signed["Authorization"] = f"Bearer {self._token}"
        asked = exchange("POST", self._parts, self._inside, SYSTEM, headers=signed, seconds=self._seconds, content=body)
        try:
            async with asked as answer:
                yield answer
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Unavailable(SYSTEM, f"can't be reached ({type(error).__name__})") from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise Unclear(f"the connection broke ({type(error).__name__})") from error
        except OSError as error:
            raise Unavailable(SYSTEM, f"can't be reached ({type(error).__name__})") from error

    async def _own_error(self, answer: httpx.Response, kind: str, request: wire.Request, most_bytes: int) -> None:
        """A refusal in the protocol's own words says more than its status."""
        if kind != "application/json" or answer.status_code not in (400, 404):
            return
        if request.session is not None and answer.status_code == 404:
            return
        try:
            wire.result_of(_read(await _whole(answer, most_bytes)), request.number)
        except wire.RpcError as error:
            raise wire.RpcError(error.code, error.supported, refused=True) from None

    def _failure(self, answer: httpx.Response) -> Exception:
        status = answer.status_code
        if 300 <= status < 400:
            return Rejected(SYSTEM, "it answered with a redirect")
        if status in _REFUSED:
            return Rejected(SYSTEM, f"it refused the token, status {status}")
        if status == 429:
            return Limited(SYSTEM, "its rate limit is reached", RETRY_AFTER_MS)
        if status in _AWAY:
            return Unavailable(SYSTEM, f"answered {status}") if status != 504 else Unclear(f"answered {status}")
        if status >= 500:
            return Unclear(f"answered {status}", status=status)
        return _NotSo(status)


class _NotSo(Rejected):
    """A status by which a server says that it doesn't take this request, or not in this way."""

    def __init__(self, status: int) -> None:
        super().__init__(SYSTEM, f"no MCP server answers there, status {status}")
        self.status = status


async def _from_events(answer: httpx.Response, number: int, most_bytes: int) -> dict[str, Any]:
    events = wire.Events()
    async for piece in _bounded(answer, most_bytes):
        for data in events.take(piece):
            # Notifications, and questions of the server's own, for which there is nobody here.
            if (result := wire.result_of(_read(data.encode()), number)) is not None:
                return result
    raise Unclear("the events ended without an answer")


async def _whole(answer: httpx.Response, most_bytes: int) -> bytes:
    return b"".join([piece async for piece in _bounded(answer, most_bytes)])


async def _bounded(answer: httpx.Response, most_bytes: int) -> AsyncIterator[bytes]:
    size = 0
    async for piece in answer.aiter_bytes():
        size += len(piece)
        if size > most_bytes:
            raise TooLarge
        yield piece


def _read(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise Unclear("the answer isn't JSON") from None


def _has_tools(result: Mapping[str, Any]) -> None:
    capabilities: Any = result.get("capabilities")
    if not isinstance(capabilities, dict) or not isinstance(cast("dict[str, Any]", capabilities).get("tools"), dict):
        raise Rejected(SYSTEM, "it has no tools")


def _product(result: Mapping[str, Any]) -> str:
    told: Any = result.get("serverInfo")
    if not isinstance(told, dict):
        told = cast("dict[str, Any]", result.get("_meta") or {}).get("io.modelcontextprotocol/serverInfo")
    if not isinstance(told, dict):
        return ""
    info = cast("dict[str, Any]", told)
    text = " ".join(str(info[part]) for part in ("name", "version") if isinstance(info.get(part), str))
    return "".join(letter for letter in text if letter.isprintable())[:80]


def _texts(value: Any) -> list[str]:
    return [str(each) for each in cast("list[Any]", value)] if isinstance(value, list) else []
