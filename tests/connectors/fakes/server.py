"""The shared half of the fake vendors: HTTP on a real socket, a clock of its own, faults at any request, and counts."""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import re
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class Fault(Enum):
    """What goes wrong at one request."""

    DROP_BEFORE = "connection cut before the effect"
    DROP_AFTER = "connection cut after the effect"
    HANG_BEFORE = "no answer, no effect"
    HANG_AFTER = "no answer after the effect"
    LATE = "no answer, and the effect while the next request may already have come"
    ERROR_BEFORE = "500 without effect"
    ERROR_AFTER = "500 after the effect"
    LIMIT = "429 with Retry-After"
    EXPIRED = "401: the token has expired"
    EMPTY = "a success that doesn't say what was made"
    GARBAGE = "an answer that isn't JSON, after the effect"
    CRASH_BEFORE = "the caller's process dies before the effect"
    CRASH_AFTER = "the caller's process dies after the effect"


LATE_S = 10
"""How long a request that its client has given up stays in the vendor's queue."""


class Clock:
    """Seconds of the epoch, which a test moves by hand; real time runs as well where `runs` is set."""

    def __init__(self, *, runs: bool = False) -> None:
        self._runs = runs
        self._at_s = time.time()
        self._moved_s = 0.0
        self._held_s: float | None = None

    def __call__(self) -> float:
        if self._held_s is not None:
            return self._held_s
        return (time.time() if self._runs else self._at_s) + self._moved_s

    def advance(self, seconds: float) -> None:
        self._moved_s += seconds

    @contextlib.contextmanager
    def held(self, at_s: float) -> Iterator[None]:
        """For what happened then, although it is only carried out now."""
        self._held_s = at_s
        try:
            yield
        finally:
            self._held_s = None


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body or b"null")

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass
class Answer:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    """A handler's way to answer with an error from deep inside."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.answer = Answer(status, body, headers or {})


Handler = Callable[..., Answer]


def route(method: str, pattern: str) -> Callable[[Handler], Handler]:
    """Mark a method of a fake; the groups of `pattern` become its arguments."""

    def mark(handler: Handler) -> Handler:
        handler.route = (method, re.compile(pattern))  # type: ignore[attr-defined]
        return handler

    return mark


class Fake:
    """One vendor. Subclasses hold its records and answer its documented requests by methods marked with `route`."""

    system = ""
    retry_after_s = 2
    documented_wait_ms = 2_000
    """What a connector makes of this vendor's 429."""
    open_paths: tuple[str, ...] = ()
    """Answered without signing in."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.lag_s = 0.0
        """How long the vendor's search doesn't see what is new."""
        self.requests: list[Request] = []
        self.effects: Counter[str] = Counter()
        """How often each action's key, or each mark, really had its effect."""
        self.credentials: set[str] = set()
        """The Authorization headers that are let in."""
        self.limit: int | None = None
        """How many more requests are let in before 429."""
        self.closed = False
        """There is no account under this address."""
        self.forbidden: tuple[str, ...] = ()
        """Beginnings of paths that these credentials may not use."""
        self.crashed = asyncio.Event()
        self._faults: dict[int, Fault] = {}
        self._queued: list[tuple[float, Request]] = []
        self._number = 0
        self._connections: dict[asyncio.StreamWriter, asyncio.Task[Any]] = {}
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []
        for name in dir(type(self)):
            handler = getattr(type(self), name)
            if hasattr(handler, "route"):
                self._routes.append((*handler.route, getattr(self, name)))

    # ------------------------------------------------------------ for tests

    def fail(self, fault: Fault, *, at: int) -> None:
        """At the `at`-th request from now, counted from 1."""
        self._faults[self._number + at] = fault

    def catch_up(self, *, all_of_it: bool = False) -> None:
        """Carry out what stayed in the queue and is due by now."""
        due = [one for one in self._queued if all_of_it or one[0] <= self.clock()]
        self._queued = [one for one in self._queued if one not in due]
        for at_s, request in due:
            with self.clock.held(at_s):
                self.handle(request)

    def let_in(self, user: str, password: str) -> None:
        self.credentials.add("Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())

    def now(self) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.clock()))

    def visible(self, made_at_s: float) -> bool:
        """Whether the search sees something that was made or changed then."""
        return self.clock() - made_at_s >= self.lag_s

    # ------------------------------------------------------------ answering

    def unauthorised(self) -> Answer:
        return Answer(401, {"error": "invalid_token"})

    def limited(self) -> Answer:
        return Answer(429, {"error": "TooManyRequests"}, {"retry-after": str(self.retry_after_s)})

    def unknown(self) -> Answer:
        return Answer(404, {"error": "RecordNotFound"})

    def denied(self) -> Answer:
        return Answer(403, {"error": "Forbidden"})

    def signed_in(self, request: Request) -> bool:
        return request.headers.get("authorization") in self.credentials

    def handle(self, request: Request) -> Answer:
        if self.closed:
            return Answer(404, "<html>There is no such account", {"content-type": "text/html"})
        if not request.path.startswith(self.open_paths or ("\0",)) and not self.signed_in(request):
            return self.unauthorised()
        if request.path.startswith(self.forbidden or ("\0",)):
            return self.denied()
        if self.limit is not None:
            if self.limit <= 0:
                return self.limited()
            self.limit -= 1
        for method, pattern, handler in self._routes:
            found = pattern.fullmatch(request.path)
            if found and method == request.method:
                try:
                    return handler(request, *found.groups())
                except Refused as refused:
                    return refused.answer
        return self.unknown()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections[writer] = task
        try:
            while (request := await _read(reader)) is not None:
                if not await self._one(request, reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            self._connections.pop(writer, None)
            writer.close()

    async def _one(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection goes on."""
        self._number += 1
        self.requests.append(request)
        self.catch_up()
        fault = self._faults.pop(self._number, None)
        match fault:
            case Fault.DROP_BEFORE:
                return False
            case Fault.DROP_AFTER:
                self.handle(request)
                return False
            case Fault.CRASH_BEFORE | Fault.CRASH_AFTER:
                if fault is Fault.CRASH_AFTER:
                    self.handle(request)
                self.crashed.set()
                await reader.read()
                return False
            case Fault.HANG_BEFORE | Fault.HANG_AFTER | Fault.LATE:
                if fault is Fault.HANG_AFTER:
                    self.handle(request)
                elif fault is Fault.LATE:
                    self._queued.append((self.clock() + LATE_S, request))
                await reader.read()  # until the client goes
                return False
            case Fault.ERROR_BEFORE:
                answer = Answer(500, {"error": "InternalError"})
            case Fault.ERROR_AFTER:
                self.handle(request)
                answer = Answer(500, {"error": "InternalError"})
            case Fault.LIMIT:
                answer = self.limited()
            case Fault.EXPIRED:
                self.credentials.discard(request.headers.get("authorization", ""))
                answer = self.unauthorised()
            case Fault.EMPTY:
                self.handle(request)
                answer = Answer(200, {})
            case Fault.GARBAGE:
                self.handle(request)
                answer = Answer(200, "<html>")
            case None:
                answer = self.handle(request)
        await _write(writer, answer)
        return True

    @asynccontextmanager
    async def serving(self, port: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
        """The root address."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", port, ssl=tls)
        try:
            scheme = "https" if tls else "http"
            yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            ending = list(self._connections.items())
            for writer, _ in ending:
                writer.transport.abort()
            await asyncio.gather(*(task for _, task in ending), return_exceptions=True)
            await server.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Request(method, unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True)), headers, body)


async def _write(writer: asyncio.StreamWriter, answer: Answer) -> None:
    body = answer.body.encode() if isinstance(answer.body, str) else json.dumps(answer.body).encode()
    if answer.status == 204:
        body = b""
    headers = {"content-type": "application/json", "content-length": str(len(body)), **answer.headers}
    head = [f"HTTP/1.1 {answer.status} -", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write(("\r\n".join(head) + "\r\n\r\n").encode("latin-1") + body)
    await writer.drain()


def main(fake: Fake, tls: Callable[[], ssl.SSLContext] | None = None) -> None:
    """Run a fake as a program until it is interrupted; its address is its first line."""
    parser = argparse.ArgumentParser(description=type(fake).__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--lag-s", type=float, default=fake.lag_s)
    options = parser.parse_args()
    fake.lag_s = options.lag_s

    async def run() -> None:
        async with fake.serving(options.port, tls() if tls else None) as url:
            print(url, flush=True)
            await asyncio.Event().wait()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())
