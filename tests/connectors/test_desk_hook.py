"""Telling a foreign desk over a real socket, and every address to which nothing is sent."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from connectors.desk_hook import SYSTEM, DeskMessenger
from connectors.outside import checked_url
from domain.desk.hooks import DeskEvent, DeskHook, OutgoingEvent, is_signed
from domain.errors import Rejected, Unavailable

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = 1_700_000_000
EVENT = OutgoingEvent(
    tenant_id="t",
    event_id="evt_1",
    event=DeskEvent.OFFERED,
    body={"event": "handoff.offered", "handoff": {"handoff_id": "c-1"}},
    created_at=NOW,
    tries=1,
)


class ForeignDesk(ThreadingHTTPServer):
    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: ForeignDesk

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
        status = self.server.answers.pop(0) if self.server.answers else 204
        self.send_response(status)
        if status == 302:
            self.send_header("Location", f"http://{self.server.host}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing on the console."""


@pytest.fixture
def desk() -> Iterator[ForeignDesk]:
    with ForeignDesk() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


def messenger(*inside: str) -> DeskMessenger:
    return DeskMessenger(frozenset(inside), lambda: float(NOW))


async def test_a_message_is_signed(desk: ForeignDesk):
    await messenger(desk.host).tell(DeskHook(url=f"http://{desk.host}/hook?a=1"), SECRET, EVENT)
    [(headers, body)] = desk.heard
    assert json.loads(body) == {"id": "evt_1", **EVENT.body}
    assert headers["host"] == desk.host
    timestamp = int(headers["webhook-timestamp"])
    assert timestamp == NOW
    assert is_signed(SECRET, headers["webhook-id"], timestamp, body, headers["webhook-signature"])


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500, 503])
async def test_a_desk_that_does_not_take_it_is_told_again(desk: ForeignDesk, status: int):
    desk.answers = [status]
    with pytest.raises(Unavailable, match=str(status)):
        await messenger(desk.host).tell(DeskHook(url=f"http://{desk.host}/"), SECRET, EVENT)
    # A redirect is not followed: it would lead anywhere.
    assert len(desk.heard) == 1


async def test_a_desk_that_is_gone_is_not(desk: ForeignDesk):
    desk.answers = [410]
    with pytest.raises(Rejected):
        await messenger(desk.host).tell(DeskHook(url=f"http://{desk.host}/"), SECRET, EVENT)


async def test_nobody_there_is_tried_again(desk: ForeignDesk):
    host = desk.host
    desk.server_close()
    with pytest.raises(Unavailable):
        await messenger(host).tell(DeskHook(url=f"http://{host}/"), SECRET, EVENT)


async def test_a_name_that_means_an_address_inside_is_refused(monkeypatch: pytest.MonkeyPatch):
    """As a name server that a stranger owns can answer."""

    async def answers(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", ("93.184.216.34", port)), (2, 1, 6, "", ("10.0.0.7", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", answers)
    with pytest.raises(Rejected, match="private network"):
        await messenger().tell(DeskHook(url="https://desk.example/"), SECRET, EVENT)


INSIDE = [
    "https://127.0.0.1/",
    "https://localhost/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://[fe80::1]/",
    "https://[fc00::1]/",
    "https://[2002:7f00:1::]/",
    "https://224.0.0.1/",
    "http://127.0.0.1:9000/",
    "http://desk.example/",
    "http://93.184.216.34/",
    "ftp://desk.example/",
    "file:///etc/passwd",
    "https://",
    "https:///path",
    "https://user:pass@desk.example/",
    "https://desk.example:0/",
    "https://desk.example:99999/",
    "https://desk.example/#part",
    "https://desk example/",
    "https://desk.example/\r\nX: y",
    "https://مكتب.example/",
    "https://desk.example/" + "a" * 500,
    "desk.example",
    "",
]


@pytest.mark.parametrize("url", INSIDE, ids=lambda url: repr(url)[:40])
async def test_nothing_is_sent_there(url: str):
    with pytest.raises(Rejected):
        messenger().check(url)
    with pytest.raises(Rejected):
        await messenger().tell(DeskHook(url=url), SECRET, EVENT)


def test_what_the_operator_names_is_allowed_and_nothing_beside_it():
    inside = frozenset({"127.0.0.1:9000", "desk.internal", "10.0.0.7"})
    for url in ("http://127.0.0.1:9000/x", "https://desk.internal/", "https://10.0.0.7:8443/", "https://desk.example/"):
        assert checked_url(url, inside, SYSTEM).hostname
    for url in ("http://127.0.0.1:9001/", "http://desk.internal/", "http://10.0.0.7/", "https://10.0.0.8/"):
        with pytest.raises(Rejected):
            checked_url(url, inside, SYSTEM)
