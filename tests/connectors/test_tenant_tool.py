"""Asking a tenant's tool over a real socket, and every address that is never asked."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from connectors.tenant_tool import MAX_ANSWER_BYTES, ToolHttp
from domain.acting.tenant_tool import TenantTool, told
from domain.errors import HatifError, NotFound, Rejected, Unavailable
from domain.speech import Language
from tests.storage.tools.test_tenant_tools import a_tool


class Shop(ThreadingHTTPServer):
    def __init__(self) -> None:
        self.heard: list[tuple[str, str, str | None, bytes]] = []
        self.status = 200
        self.body = b'{"points": 120}'
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.heard.append((self.command, self.path, self.headers.get("Authorization"), content))
        self.send_response(self.server.status)
        if 300 <= self.server.status < 400:
            self.send_header("Location", f"http://{self.server.host}/elsewhere")
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Nothing on the console."""


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


def at(shop: Shop, **changed: Any) -> TenantTool:
    return a_tool(url=f"http://{shop.host}/points?v=2", **changed)


def reaching(shop: Shop) -> ToolHttp:
    return ToolHttp(frozenset({shop.host}))


async def test_the_input_goes_into_the_query_or_the_body_and_the_token_into_its_header(shop: Shop) -> None:
    slots = {"card": "1&v=3"}
    assert await reaching(shop).ask(at(shop), slots, "t0ken") == {"points": 120}
    assert await reaching(shop).ask(at(shop, method="POST"), slots, None) == {"points": 120}
    assert shop.heard == [
        ("GET", "/points?v=2&card=1%26v%3D3", "Bearer t0ken", b""),
        ("POST", "/points?v=2", None, json.dumps(slots, separators=(",", ":")).encode()),
    ]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, b"", NotFound),
        (302, b"", Rejected),
        (403, b"", Rejected),
        (429, b"", Unavailable),
        (500, b"", Unavailable),
        (200, b"secret words, no JSON", Rejected),
        (200, b"[" * 50_000, Rejected),
        (200, b'"' + b"x" * MAX_ANSWER_BYTES + b'"', Rejected),
    ],
)
async def test_every_other_answer_is_one_of_three_errors_without_its_words(
    shop: Shop, status: int, body: bytes, error: type[HatifError]
) -> None:
    shop.status, shop.body = status, body
    with pytest.raises(error) as raised:
        await reaching(shop).ask(at(shop), {}, None)
    assert "secret" not in str(raised.value)
    # A redirect was not followed.
    assert len(shop.heard) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/points",
        "https://127.0.0.1/points",
        "https://localhost/points",
        "https://10.0.0.8/points",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://user:pass@shop.example/",
        "https://0.0.0.0/",
        "file:///etc/passwd",
        "https://",
        "nonsense",
    ],
)
async def test_an_address_inside_is_never_asked(url: str) -> None:
    with pytest.raises(Rejected):
        ToolHttp(frozenset()).check(a_tool(url=url))
    with pytest.raises(Rejected):
        await ToolHttp(frozenset()).ask(a_tool(url=url), {}, "t0ken")


async def test_a_name_is_looked_up_each_time_and_never_leads_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a name means may change between two questions: the answer of this moment decides, and is the one asked."""
    meant = iter(["203.0.113.9", "10.0.0.8"])

    async def looked_up(self: object, host: str, port: int, **_: object) -> list[Any]:
        return [(2, 1, 6, "", (next(meant), port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", looked_up)
    tool = a_tool(url="https://rebinding.example/points")
    for _ in range(2):
        with pytest.raises(Rejected, match="private network"):
            await ToolHttp(frozenset()).ask(replace(tool, timeout_ms=1_000), {}, None)


async def test_where_the_operator_lists_hosts_no_other_is_asked(shop: Shop) -> None:
    with pytest.raises(Rejected, match="HATIF_TOOL_HOSTS"):
        await ToolHttp(frozenset({shop.host}), frozenset({"tools.example"})).ask(at(shop), {}, None)
    assert shop.heard == []


async def test_nobody_there_is_unavailable() -> None:
    nobody = "127.0.0.1:9"
    with pytest.raises(Unavailable):
        await ToolHttp(frozenset({nobody})).ask(a_tool(url=f"http://{nobody}/"), {}, None)


def test_what_a_tool_answers_is_words_and_no_more() -> None:
    words = told(a_tool(), {"points": "{phone} \u202e\n" + "9" * 500, "phone": "0501234567"})
    assert words[Language.EN].startswith("You have {phone} 999")
    assert "0501234567" not in words[Language.EN]
    assert len(words[Language.EN]) < 230
