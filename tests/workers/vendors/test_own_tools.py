"""Own tools, at a web address and at an MCP server: one port, one contract; and what holds for servers only."""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from domain.acting.assurance import Assurance
from domain.acting.tenant_tool import MCP, TenantTool
from domain.acting.tool_server import ListedTool, ToolServer, Why
from domain.actions import action_key
from domain.errors import HatifError, NotFound, OutcomeUnknown, Refused, Rejected, Unavailable
from domain.speech import Language
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tenants import PostgresTenants
from storage.tools.tenant_tools import PostgresTenantTools
from storage.tools.tool_servers import PostgresToolServers
from tests.conftest import DatabaseUrls
from tests.connectors.mcp_server import Shop, serving
from tests.storage.conftest import a_profile
from tests.storage.tools.test_tenant_tools import a_tool
from workers.settings import Settings
from workers.vendors.own_writes import OwnWrites
from workers.vendors.server_tools import ServerTools
from workers.vendors.tenant_tools import AskedTools, asked_tools_of

pytestmark = pytest.mark.servers

EN, AR = Language.EN, Language.AR
PATIENT_MS = 20_000


class Web(ThreadingHTTPServer):
    """A shop's own web service, which knows what the MCP server knows."""

    def __init__(self) -> None:
        self.tokens: list[str | None] = []
        super().__init__(("127.0.0.1", 0), _Points)


class _Points(BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        self.server.tokens.append(self.headers.get("Authorization"))
        (card,) = parse_qs(urlsplit(self.path).query)["card"]
        status = {"9999": 404, "8888": 503}.get(card, 200)
        phone = "x" * 100_000 if card == "6666" else "+971501234567"
        body = json.dumps({"points": 120, "phone": phone} if status == 200 else "of Mrs. Secret").encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the console."""


@dataclass
class House:
    database: Database
    tools: PostgresTenantTools
    servers: PostgresToolServers
    runner: AskedTools
    reader: ServerTools
    writes: OwnWrites
    tenant: str
    other: str

    async def listed(self, name: str) -> ListedTool:
        (server,) = await self.servers.all(self.tenant)
        listing = await self.reader.listing(self.tenant, server)
        return next(tool for tool in listing.tools if tool.name == name)

    async def offered(self, remote: str, **changed: Any) -> TenantTool:
        """As the administrator's page saves it."""
        found = await self.listed(remote)
        assert self.reader.unfit(found) is None
        tool = replace(
            a_tool(remote, method=MCP, url="", server="shop", remote=remote),
            takes=found.takes,
            gives=found.gives,
            approved=found.digest,
            idempotent=found.idempotent,
            timeout_ms=PATIENT_MS,
        )
        tool = replace(tool, **changed)
        self.runner.check(tool)
        await self.tools.save(self.tenant, tool, None)
        return tool

    async def offered_write(self, remote: str, **changed: Any) -> TenantTool:
        asks = {field: {EN: f"{field}?", AR: f"{field}؟"} for field in ("branch", "people")}
        answer = {EN: "Booked as {reference}.", AR: "حجزت: {reference}."}
        write = {"writes": True, "asks": asks, "answer": answer, "reference": "number"}
        return await self.offered(remote, assurance=Assurance.NOTHING, proof=None, **(write | changed))

    async def stands(self, name: str) -> TenantTool:
        return next(tool for tool in await self.tools.all(self.tenant) if tool.name == name)


@pytest.fixture
async def house(database: DatabaseUrls) -> AsyncIterator[House]:
    db = Database(database.app)
    keys = PostgresKeyRing(db, os.urandom(32))
    tenants = []
    for _ in range(2):
        tenants.append(f"t-{uuid.uuid4().hex[:8]}")
        await PostgresTenants(db, keys).save(a_profile(tenants[-1], tenants[-1]))
    runner, reader = asked_tools_of(Settings(private_hook_hosts="127.0.0.1"), db, keys)
    tools = PostgresTenantTools(db, keys)
    yield House(db, tools, PostgresToolServers(db, keys), runner, reader, OwnWrites(db, tools, reader), *tenants)
    await db.close()


@pytest.fixture
def shop() -> Iterator[Shop]:
    with serving(Shop()) as running:
        yield running


@pytest.fixture
async def registered(house: House, shop: Shop) -> House:
    await house.servers.save(house.tenant, ToolServer(name="shop", url=shop.url, timeout_ms=PATIENT_MS), None)
    return house


# ---------------------------------------------------------------- the contract of a tool that reads


@dataclass
class Way:
    """One of the ways to reach a tool."""

    house: House
    tool: TenantTool
    tokens: list[str | None]

    async def ask(self, card: object, **changed: Any) -> dict[str, Any]:
        return await self.house.runner.run(self.house.tenant, replace(self.tool, **changed), {"card": card})


@pytest.fixture(params=["http", "mcp"])
async def way(request: pytest.FixtureRequest, house: House) -> AsyncIterator[Way]:
    if request.param == "http":
        with Web() as web:
            thread = threading.Thread(target=web.serve_forever)
            thread.start()
            url = f"http://127.0.0.1:{web.server_address[1]}/points"
            await house.tools.save(house.tenant, a_tool(url=url, timeout_ms=PATIENT_MS), "t0ken")
            (tool,) = await house.tools.all(house.tenant)
            yield Way(house, tool, web.tokens)
            web.shutdown()
            thread.join(10)
        return
    with serving(Shop(token="t0ken")) as shop:
        server = ToolServer(name="shop", url=shop.url, timeout_ms=PATIENT_MS)
        await house.servers.save(house.tenant, server, "t0ken")
        yield Way(house, await house.offered("loyalty_points"), shop.tokens)


async def test_it_answers_what_fits_its_schema_and_its_token_goes_with_it(way: Way) -> None:
    assert await way.ask("7712") == {"points": 120, "phone": "+971501234567"}
    assert set(way.tokens) == {"Bearer t0ken"}


async def test_what_does_not_fit_is_not_asked(way: Way) -> None:
    before = len(way.tokens)
    for card in (7712, None, ["7712"]):
        with pytest.raises(Rejected, match="input"):
            await way.ask(card)
    assert len(way.tokens) == before


async def test_an_answer_that_does_not_fit_is_not_told(way: Way) -> None:
    gives = {"type": "object", "properties": {"points": {"type": "string"}}, "required": ["points"]}
    with pytest.raises(Rejected, match="output"):
        await way.ask("7712", gives=gives)


@pytest.mark.parametrize(("card", "error"), [("9999", NotFound), ("8888", Unavailable), ("6666", Rejected)])
async def test_its_errors_are_three_and_bear_none_of_its_words(way: Way, card: str, error: type[HatifError]) -> None:
    with pytest.raises(error) as raised:
        await way.ask(card)
    assert "Secret" not in str(raised.value)
    assert card not in str(raised.value)


async def test_nobody_else_has_it_or_its_token(way: Way) -> None:
    house = way.house
    assert await house.tools.all(house.other) == []
    assert await house.servers.all(house.other) == []
    before = len(way.tokens)
    with pytest.raises((Rejected, NotFound)):
        await house.runner.run(house.other, way.tool, {"card": "7712"})
    assert len(way.tokens) == before


async def test_what_takes_too_long_is_unavailable(way: Way) -> None:
    with pytest.raises(Unavailable):
        await way.ask("7712", timeout_ms=0)


# ---------------------------------------------------------------- what a server says of its tools


async def test_a_tool_that_its_server_describes_otherwise_is_switched_off(registered: House, shop: Shop) -> None:
    tool = await registered.offered("loyalty_points")
    shop.describe_otherwise()
    # What was looked at a moment ago is believed for a read; a page, a write or a minute later looks again.
    (server,) = await registered.servers.all(registered.tenant)
    await registered.reader.listing(registered.tenant, server)
    stands = await registered.stands("loyalty_points")
    assert (stands.enabled, stands.off_because) == (False, Why.CHANGED)
    with pytest.raises(Rejected, match="no more what was approved"):
        await registered.runner.run(registered.tenant, tool, {"card": "7712"})
    # Approved again by somebody who has read it, it works again.
    again = await registered.offered("loyalty_points")
    assert (await registered.runner.run(registered.tenant, again, {"card": "7712"}))["points"] == 1


async def test_a_write_is_looked_at_each_time_and_one_that_is_gone_is_switched_off(
    registered: House, shop: Shop
) -> None:
    await registered.offered_write("book_table")
    assert shop.server is not None
    shop.server.remove_tool("book_table")
    with pytest.raises(Rejected):
        await book(registered, "book_table", "a-call")
    stands = await registered.stands("book_table")
    assert (stands.enabled, stands.off_because, shop.bookings) == (False, Why.GONE, [])


async def test_what_callers_could_not_be_asked_for_is_not_offered(registered: House, shop: Shop) -> None:
    assert shop.server is not None

    @shop.server.tool()
    def many(cards: list[str]) -> str:
        return ""

    @shop.server.tool()
    def shaped(card: dict[str, Any]) -> str:
        return ""

    for name in ("many", "shaped"):
        found = await registered.listed(name)
        assert registered.reader.unfit(found) is not None
    with pytest.raises(Refused):
        await registered.offered_write("book_table", answer={EN: "Booked {number}.", AR: "{number}"})
    with pytest.raises(Refused):
        await registered.offered_write("book_table", reference="nothing")


# ---------------------------------------------------------------- what writes


async def book(house: House, name: str, call_id: str, people: str = "4") -> str:
    key = action_key(call_id, name, {"people": people})
    return await house.writes.write(house.tenant, name, {"branch": "Marina", "people": people}, key)


async def test_a_write_happens_once_for_its_key(registered: House, shop: Shop) -> None:
    await registered.offered_write("book_table")
    assert [await book(registered, "book_table", "one") for _ in range(3)] == ["B-1"] * 3
    assert await book(registered, "book_table", "two") == "B-2"
    assert shop.bookings == [("Marina", 4)] * 2


async def test_what_nobody_can_tell_is_never_done_again(registered: House, shop: Shop) -> None:
    await registered.offered_write("book_table")
    shop.cut_after_effect = True
    for _ in range(3):
        with pytest.raises(OutcomeUnknown):
            await book(registered, "book_table", "one")
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await book(registered, "book_table", "one", people="7")
    assert shop.bookings == [("Marina", 4), ("Marina", 7)]


async def test_one_that_says_that_again_is_the_same_is_asked_again(registered: House, shop: Shop) -> None:
    await registered.offered_write("hold_table")
    shop.cut_after_effect = True
    with pytest.raises(Unavailable) as raised:
        await book(registered, "hold_table", "one")
    assert raised.value.retry_after_ms
    assert await book(registered, "hold_table", "one") == "B-1"
    assert shop.bookings == [("Marina", 4)]


async def test_what_is_refused_was_not_done(registered: House, shop: Shop) -> None:
    await registered.offered_write("book_table")
    with pytest.raises(Rejected):
        await book(registered, "book_table", "one", people="9")
    with pytest.raises(Rejected):
        await book(registered, "book_table", "one", people="many")
    await registered.offered_write("book_table", enabled=False)
    with pytest.raises(Rejected):
        await book(registered, "book_table", "one")
    assert shop.bookings == []


async def test_a_server_that_is_away_is_asked_again_later(registered: House, shop: Shop) -> None:
    await registered.offered_write("book_table")
    shop.fail_with = 503
    with pytest.raises(Unavailable):
        await book(registered, "book_table", "one")
    shop.fail_with = None
    assert await book(registered, "book_table", "one") == "B-1"
    assert shop.bookings == [("Marina", 4)]


async def test_without_its_server_a_tool_is_gone(registered: House, shop: Shop) -> None:
    tool = await registered.offered("loyalty_points")
    (server,) = await registered.servers.all(registered.tenant)
    await registered.servers.save(registered.tenant, replace(server, enabled=False), None)
    with pytest.raises(Rejected, match="switched off"):
        await registered.runner.run(registered.tenant, tool, {"card": "7712"})
    assert not await registered.servers.remove(registered.other, "shop")
    assert await registered.servers.remove(registered.tenant, "shop")
    assert await registered.tools.all(registered.tenant) == []
