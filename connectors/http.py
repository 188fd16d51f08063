"""HTTP to other people's systems: sign in, time out, and every way to fail told by one of a few errors."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

from connectors.auth import Auth, SignInRefused
from connectors.outbound import client
from domain.actions import Attempts
from domain.errors import NotFound, Rejected, Unavailable

TIMEOUT_MS = 10_000
"""A ticket with many automations takes a vendor seconds to create; ten is what their own clients allow at least."""
MAX_ANSWER_BYTES = 8 << 20
"""A page of a hundred tickets with long descriptions is about one megabyte."""
RETRY_AFTER_MS = 10_000
"""Where a vendor refuses for its rate limit and doesn't say for how long; HubSpot's window is ten seconds."""
MAX_RETRY_AFTER_MS = 3_600_000
"""Nobody's limit is longer; a larger figure is an error of the vendor or of its proxy."""
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_. -]{0,59}")


class Unclear(Exception):
    """A write was sent and its answer never came, or says nothing: it may have happened."""

    def __init__(self, message: str, retry_after_ms: int | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.retry_after_ms = retry_after_ms
        self.status = status
        """None where no answer came, or none that can be read."""


class Unreadable(Unclear):
    """What answers is no such vendor, or not today."""

    def __init__(self) -> None:
        super().__init__("the answer isn't JSON")


class Limited(Unavailable):
    """The vendor's rate limit is reached."""


class Refusal(Rejected):
    """A vendor's refusal with its status and its machine-readable code, for a connector to look into."""

    def __init__(self, system: str, status: int, code: str, answer: Any = None) -> None:
        super().__init__(system, f"refused with status {status}" + (f", {code}" if code else ""))
        self.status = status
        self.code = code
        self.answer = answer
        """The vendor's answer as parsed; it may repeat a caller's words and stays inside the connector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How one tenant reaches one vendor. Holds references to secrets, never secrets."""

    url: str
    auth: Auth
    attempts: Attempts
    ca_file: Path | None = None
    """The only authority that is trusted, where the vendor's side has one of its own."""
    timeout_ms: int = TIMEOUT_MS
    clock: Callable[[], float] = time.time
    """Seconds of the epoch."""


class VendorHttp:
    """One vendor's API for one tenant; keeps its connections. JSON in, JSON out."""

    def __init__(self, system: str, connection: Connection) -> None:
        self._system = system
        self._auth = connection.auth
        self._deadline_s = connection.timeout_ms / 1000
        self._clock = connection.clock
        self._http = client(connection.url, connection.ca_file, self._deadline_s)

    async def read(
        self, method: str, path: str, *, params: Mapping[str, str | int] | None = None, body: Any = None
    ) -> Any:
        """Raises NotFound, Rejected or Unavailable."""
        try:
            return await self._answer(method, path, params, {"json": body} if body is not None else {}, {})
        except Unclear as unclear:
            raise Unavailable(self._system, str(unclear), unclear.retry_after_ms) from unclear

    async def write(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Raises NotFound, Rejected or Unavailable when nothing was done, and Unclear when that is not certain."""
        content: dict[str, Any] = {"data": dict(form)} if form is not None else {}
        if body is not None:
            content = {"json": body}
        return await self._answer(method, path, params, content, headers or {})

    async def close(self) -> None:
        await self._http.aclose()

    async def _answer(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int] | None,
        content: dict[str, Any],
        headers: Mapping[str, str],
    ) -> Any:
        signed = await self._auth.headers()
        status, received, answer = await self._exchange(method, path, params, content, {**headers, **signed})
        if status == httpx.codes.UNAUTHORIZED.value and await self._auth.renew(signed):
            signed = await self._auth.headers()
            status, received, answer = await self._exchange(method, path, params, content, {**headers, **signed})
        if 200 <= status < 300:
            return answer
        raise failure(self._system, status, received, answer, self._clock())

    async def _exchange(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int] | None,
        content: dict[str, Any],
        headers: Mapping[str, str],
    ) -> tuple[int, httpx.Headers, Any]:
        request = self._http.build_request(method, path, params=params, headers=headers, **content)
        try:
            async with asyncio.timeout(self._deadline_s):
                response = await self._http.send(request, stream=True)
                try:
                    raw = await _whole(response)
                finally:
                    await response.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as away:
            raise Unavailable(self._system, f"can't be reached: {type(away).__name__}") from away
        except TimeoutError as late:
            raise Unclear("no answer in time") from late
        except httpx.HTTPError as broken:
            raise Unclear(f"the connection broke: {type(broken).__name__}") from broken
        return response.status_code, response.headers, _parsed(raw, response.is_success)


def failure(system: str, status: int, headers: Mapping[str, str], answer: Any, now_s: float) -> Exception:
    """What a status that is no success means. Never carries the vendor's prose: it may repeat a caller's words."""
    asked_ms = retry_after_ms(headers.get("retry-after"), now_s)
    match status:
        case 404 | 410:
            return NotFound(system, f"answered {status}")
        case 429:
            return Limited(system, "its rate limit is reached", asked_ms or RETRY_AFTER_MS)
        case 401:
            return SignInRefused(system)
        case 408 | 425:
            return Unavailable(system, f"answered {status}", RETRY_AFTER_MS)
        case _ if 400 <= status < 500:
            return Refusal(system, status, code_of(answer), answer)
        case _:
            return Unclear(f"answered {status}", asked_ms, status)


def retry_after_ms(header: str | None, now_s: float) -> int | None:
    """A Retry-After in seconds or as a date; None for anything else."""
    text = (header or "").strip()
    try:
        seconds = float(text) if re.fullmatch(r"\d{1,9}(\.\d+)?", text) else _seconds_until(text, now_s)
    except ValueError:
        return None
    return min(max(int(seconds * 1000), 0), MAX_RETRY_AFTER_MS)


def _seconds_until(date: str, now_s: float) -> float:
    return parsedate_to_datetime(date).timestamp() - now_s


def code_of(answer: Any) -> str:
    """The machine-readable code in a vendor's error, wherever this vendor puts it; empty without one."""
    if isinstance(answer, list) and answer:
        answer = answer[0]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(answer, dict):
        return ""
    inner = answer.get("error")  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    if isinstance(inner, dict):
        return code_of(inner)
    for name in ("errorCode", "category", "code", "error"):
        found = answer.get(name)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        if isinstance(found, int) or (isinstance(found, str) and _CODE.fullmatch(found)):
            return str(found)
    return ""


def made(answer: Any, *path: str | int) -> str:
    """The id that a write's answer tells. Raises Unclear without one: the write may have happened all the same."""
    try:
        for step in path:
            answer = answer[step]
    except (KeyError, IndexError, TypeError):
        answer = None
    if not isinstance(answer, str | int) or isinstance(answer, bool) or answer == "":
        raise Unclear("the answer doesn't say what was made")
    return str(answer)


async def _whole(response: httpx.Response) -> bytes:
    pieces: list[bytes] = []
    size = 0
    async for piece in response.aiter_bytes():
        size += len(piece)
        if size > MAX_ANSWER_BYTES:
            raise Unclear("the answer is too large")
        pieces.append(piece)
    return b"".join(pieces)


def _parsed(raw: bytes, success: bool) -> Any:
    """The JSON of an answer; None for an empty one. A success that can't be read leaves its request unclear."""
    if not raw.strip():
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        if success:
            # "from None": the original error carries the text, which may be a caller's words.
            raise Unreadable from None
        return None
