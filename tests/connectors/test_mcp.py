"""Speaking to a real MCP server: both kinds of revision, sessions that end, every way to fail, and no other address."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.http import Unclear
from connectors.mcp.client import McpTools, Registered
from connectors.mcp.wire import STATELESS, WITH_HANDSHAKE, Events, param_headers
from domain.acting.tool_server import ListedTool, ToolServer
from domain.errors import HatifError, NotFound, OutcomeUnknown, Rejected, Unavailable
from tests.connectors.mcp_server import NEW, OLD, Shop, serving

PATIENT_MS = 20_000


@pytest.fixture(params=[(OLD, False), (OLD, True), (NEW, False)], ids=["old-sse", "old-json", "new"])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    era, in_json = request.param
    with serving(Shop(era=era), json_response=in_json) as running:
        yield running


@pytest.fixture
def newest() -> Iterator[Shop]:
    with serving(Shop()) as running:
        yield running


def reaching(shop: Shop) -> McpTools:
    return McpTools(frozenset({shop.host}))


def at(shop: Shop, token: str | None = None, **changed: Any) -> Registered:
    server = replace(ToolServer(name="shop", url=shop.url, timeout_ms=PATIENT_MS), **changed)
    return Registered(tenant_id="t", server=server, token=token)


async def tools_of(client: McpTools, where: Registered) -> dict[str, ListedTool]:
    return {tool.name: tool for tool in (await client.listing(where)).tools}


async def test_tools_are_listed_and_called(shop: Shop) -> None:
    client, where = reaching(shop), at(shop)
    listing = await client.listing(where)
    assert listing.product == "corner-shop 3.1"
    assert listing.protocol == (STATELESS if shop.era == NEW else WITH_HANDSHAKE[0])
    tools = {tool.name: tool for tool in listing.tools}
    points, book, hold = tools["loyalty_points"], tools["book_table"], tools["hold_table"]
    assert (points.only_reads, book.only_reads, hold.idempotent, book.idempotent) == (True, False, True, False)
    assert points.gives is not None
    assert tools["opening"].gives is None
    answer = await client.read(where, points, {"card": "7712"}, PATIENT_MS)
    assert answer == {"points": 120, "phone": "+971501234567"}
    told = await client.read(where, tools["opening"], {"branch": "مارينا"}, PATIENT_MS)
    assert told == {"text": "The branch مارينا opens at nine."}
    assert await client.write(where, book, {"branch": "Marina", "people": 4}) == {"number": "B-1"}
    assert shop.bookings == [("Marina", 4)]
    # It was agreed on once: no session with the newest revision, and one with the earlier ones.
    sessions = {session for _, session in shop.seen if session is not None}
    assert len(sessions) == (0 if shop.era == NEW else 1)


async def test_a_session_that_the_server_forgot_is_begun_anew(shop: Shop) -> None:
    client, where = reaching(shop), at(shop)
    tools = await tools_of(client, where)
    shop.forget_sessions()
    assert await client.write(where, tools["book_table"], {"branch": "Marina", "people": 2}) == {"number": "B-1"}
    assert shop.bookings == [("Marina", 2)]


async def test_two_tenants_never_share_a_session() -> None:
    with serving(Shop(era=OLD)) as shop:
        client = reaching(shop)
        await client.listing(at(shop))
        await client.listing(replace(at(shop), tenant_id="other"))
        assert len({session for _, session in shop.seen if session is not None}) == 2


@pytest.mark.parametrize(("card", "error"), [("9999", NotFound), ("8888", Unavailable), ("1", Rejected)])
async def test_what_a_tool_fails_with_is_one_of_three_errors_without_its_words(
    newest: Shop, card: str, error: type[HatifError]
) -> None:
    client, where = reaching(newest), at(newest)
    tools = await tools_of(client, where)
    with pytest.raises(error) as raised:
        await client.read(where, tools["loyalty_points"], {"card": card}, PATIENT_MS)
    assert "Secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (302, Rejected),
        (401, Rejected),
        (404, Rejected),
        (405, Rejected),
        (429, Unavailable),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
async def test_every_status_is_one_of_two_errors(newest: Shop, status: int, error: type[HatifError]) -> None:
    newest.fail_with = status
    with pytest.raises(error) as raised:
        await reaching(newest).listing(at(newest))
    assert "Secret" not in str(raised.value)


async def test_the_token_goes_to_it_and_without_it_nothing_does(newest: Shop) -> None:
    newest.token = "t0ken"
    assert (await reaching(newest).listing(at(newest, "t0ken"))).tools
    with pytest.raises(Rejected, match="token"):
        await reaching(newest).listing(at(newest))


async def test_an_answer_that_is_too_large_is_refused(newest: Shop) -> None:
    client, where = reaching(newest), at(newest)
    tools = await tools_of(client, where)
    with pytest.raises(Rejected, match="too large"):
        await client.read(where, tools["boast"], {"size": 100_000}, PATIENT_MS)


async def test_a_write_whose_answer_is_lost_is_unclear_and_a_refusal_is_not(newest: Shop) -> None:
    client, where = reaching(newest), at(newest)
    tools = await tools_of(client, where)
    newest.cut_after_effect = True
    with pytest.raises(Unclear):
        await client.write(where, tools["book_table"], {"branch": "Marina", "people": 4})
    with pytest.raises(Rejected):
        await client.write(where, tools["book_table"], {"branch": "Marina", "people": 9})
    with pytest.raises(OutcomeUnknown):
        await client.write(where, tools["book_table"], {"branch": "Marina", "people": 7})
    assert newest.bookings == [("Marina", 4), ("Marina", 7)]


async def test_nobody_there_is_unavailable_and_other_hosts_are_not_asked(newest: Shop) -> None:
    nobody = McpTools(frozenset({"127.0.0.1:9"}))
    with pytest.raises(Unavailable):
        await nobody.listing(at(newest, url="http://127.0.0.1:9/mcp"))
    with pytest.raises(Rejected, match="HATIF_TOOL_HOSTS"):
        await McpTools(frozenset({newest.host}), frozenset({"tools.example"})).listing(at(newest))
    for url in ("https://10.0.0.8/mcp", "https://169.254.169.254/", "http://shop.example/mcp", "nonsense"):
        with pytest.raises(Rejected):
            await McpTools(frozenset()).listing(at(newest, url=url))
    assert newest.seen == []


async def test_a_name_that_comes_to_mean_an_address_inside_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def looked_up(self: object, host: str, port: int, **_: object) -> list[Any]:
        return [(2, 1, 6, "", ("203.0.113.9", port)), (2, 1, 6, "", ("10.0.0.8", port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", looked_up)
    server = ToolServer(name="shop", url="https://rebinding.example/mcp")
    with pytest.raises(Rejected, match="private network"):
        await McpTools(frozenset()).listing(Registered(tenant_id="t", server=server, token="t0ken"))


def test_events_come_in_any_pieces() -> None:
    raw = 'id: 1\r\ndata: \r\n\r\n: ping\n\nevent: message\rdata: {"a":\rdata: 1}\r\rdata:\u0639\n\ndata: cut'.encode()
    for size in (1, 2, 3, 7, len(raw)):
        events = Events()
        pieces = [raw[begin : begin + size] for begin in range(0, len(raw), size)]
        assert [data for piece in pieces for data in events.take(piece)] == ["", '{"a":\n1}', "\u0639"]


def test_arguments_that_a_schema_wants_as_headers_go_as_headers() -> None:
    takes = {"properties": {"city": {"x-mcp-header": "City"}, "bad": {"x-mcp-header": "a b"}, "other": {}}}
    assert param_headers(takes, {"city": "دبي", "bad": "x", "other": "y"}) == {"Mcp-Param-City": "=?base64?2K/YqNmK?="}
