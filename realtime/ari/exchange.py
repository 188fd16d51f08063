"""One Asterisk's REST interface, by docs.asterisk.org/Latest_API/API_Documentation/Asterisk_REST_Interface.

Commands are HTTP requests; what became of them is told by events on a WebSocket, each of which belongs to an
application that is there for as long as its WebSocket is.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from domain.errors import NotFound, Rejected, Unavailable

SYSTEM = "ari"
ANSWER_WITHIN_S = 3.0
"""Asterisk answers at once; a caller waits meanwhile."""
LARGEST_EVENT_BYTES = 65_536
FREED_TRIES = 10
FREED_S = 0.2
"""Between two tries to make a channel whose id is taken; a hang-up takes that long."""

Event = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Exchange:
    """Where it is, and what its dialplan calls the things that belong to us."""

    url: str
    """Of the interface: "http://10.1.0.7:8088/ari"."""
    user: str
    password: str = field(repr=False)
    phones: str = "hatif-phones"
    """The dialplan's context whose extensions callers may be taken to."""
    music: str | None = None
    """The class of the exchange's music on hold that held callers hear; None: ours."""
    _client: httpx.AsyncClient = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._client = httpx.AsyncClient(
            auth=(self.user, self.password), timeout=ANSWER_WITHIN_S, trust_env=False, follow_redirects=False
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def get(self, path: str) -> Any:
        """Raises ConnectorError: NotFound, Rejected, or Unavailable."""
        return await self._ask("GET", path, {}, None)

    async def post(
        self, path: str, *, body: Mapping[str, object] | None = None, **parameters: str | int | None
    ) -> None:
        """`parameters` stand in the URL, and so in logs. Raises like `get`."""
        await self._ask("POST", path, parameters, body)

    async def make(
        self, channel: str, path: str, *, body: Mapping[str, object] | None = None, **parameters: str | int | None
    ) -> None:
        """Like `post`, which makes a channel of this id; one that a lost worker has left there is hung up before."""
        for _ in range(FREED_TRIES):
            try:
                await self.post(path, body=body, **parameters)
                return
            except _Conflict:
                await self.delete(f"/channels/{channel}")
                await asyncio.sleep(FREED_S)
        raise Rejected(SYSTEM, "a channel of this id is there, and stays")

    async def delete(self, path: str) -> None:
        """Raises like `get`, but not for what is gone already."""
        with contextlib.suppress(NotFound):
            await self._ask("DELETE", path, {}, None)

    @contextlib.asynccontextmanager
    async def events(self, application: str) -> AsyncGenerator[AsyncIterator[Event]]:
        """Of an application, while this is open; they end when the connection breaks. Raises ConnectorError."""
        url = f"{self.url.replace('http', 'ws', 1)}/events?app={quote(application)}&subscribeAll=false"
        token = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        try:
            socket = await connect(
                url,
                additional_headers={"Authorization": f"Basic {token}"},
                open_timeout=ANSWER_WITHIN_S,
                close_timeout=ANSWER_WITHIN_S,
                max_size=LARGEST_EVENT_BYTES,
                proxy=None,
            )
        except (WebSocketException, OSError) as error:
            raise Unavailable(SYSTEM, f"no events: {type(error).__name__}") from None
        try:
            yield _read(socket)
        finally:
            await socket.close()

    async def _ask(
        self, method: str, path: str, parameters: Mapping[str, str | int | None], body: Mapping[str, Any] | None
    ) -> Any:
        wanted = {name: value for name, value in parameters.items() if value is not None}
        try:
            answer = await self._client.request(method, f"{self.url}{path}", params=wanted, json=body)
            content: Any = answer.json() if answer.is_success and answer.content else None
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(SYSTEM, f"{method} failed: {type(error).__name__}") from None
        if answer.is_success:
            return content
        told = f"{method} was answered with {answer.status_code}"
        match answer.status_code:
            case 404:
                raise NotFound(SYSTEM, told)
            case 409:
                raise _Conflict(SYSTEM, told)
            case status if status >= 500:
                raise Unavailable(SYSTEM, told)
            case _:
                raise Rejected(SYSTEM, told)


class _Conflict(Rejected):
    """With the state of what is there."""


async def _read(socket: ClientConnection) -> AsyncIterator[Event]:
    """Until the connection breaks, or brings what is no event."""
    with contextlib.suppress(WebSocketException, ValueError, OSError):
        async for message in socket:
            event: object = json.loads(message)
            if not isinstance(event, dict):
                return
            yield cast("Event", event)
