"""A caller who interrupts and asks twice has one ticket at each vendor, and the next answer names it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from domain.actions import is_action_key
from domain.speech import Speaker, TurnKind
from tests.calls.product import Product
from tests.calls.team import access
from tests.calls.test_team import ADMIN
from tests.connectors.fakes.tls import Authority
from tests.connectors.vendors import VENDORS, House, Vendor, open_house
from workers.caller import Caller
from workers.caller.exchange import Event
from workers.caller.recording import to_samples

pytestmark = [pytest.mark.models, pytest.mark.servers, pytest.mark.timeout(300)]

WISH = "Open a ticket, my fridge is leaking. My number is 050 123 4567."
AGAIN = "I said a ticket please, the fridge leaks!"
NAMED = re.compile(r"number is (\d+)\b")
CONNECTIONS = "/v1/connections"
USER, KEY = "hatif@shop.example", "api-key"
PATIENCE_S = 90
"""For one event, on a machine that is busy with other tests."""
SOME_WORDS_MS = 800


class Impatient(Caller):
    """Types over the agent."""

    async def saw(self, what: Callable[[Event], object], after: int = 0) -> Event:
        """The first such event of the call, or among those behind the first `after`."""
        came = await self._until(lambda: any(map(what, self.events[after:])), PATIENCE_S)
        assert came, [event.message for event in self.events if event.type not in ("floor", "pong")]
        return next(filter(what, self.events[after:]))

    async def hears(self, *kinds: TurnKind, at_least_ms: int = 0, after: int = 0) -> Event:
        """Wait for a sentence of one of these kinds, and until so much of it is heard."""
        event = await self.saw(lambda event: event.type == "speaking" and event.kind in kinds, after)
        if at_least_ms:
            assert await self._until(lambda: self._heard_since(event) > to_samples(at_least_ms), PATIENCE_S)
        return event

    def type(self, text: str) -> None:
        assert self.send({"type": "text", "text": text})

    def _heard_since(self, event: Event) -> int:
        return self.recording.received.loud_until - self._stream.heard_at(event.stream_at)


@pytest.fixture(scope="module")
def admin(product: Product) -> Iterator[httpx.Client]:
    with access(product, ADMIN) as signed_in:
        yield signed_in


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.name)
async def test_a_caller_who_interrupts_has_one_ticket_and_hears_its_number(
    product: Product, admin: httpx.Client, vendor_tls: Authority, vendor: Vendor
) -> None:
    async with open_house(vendor, vendor_tls) as house:
        await asyncio.to_thread(connect, product, admin, house)
        try:
            async with Impatient(product.address, tenant="demo-shop", language="en") as caller:
                # On a busy machine the voice may be late, and a recorded apology is heard instead.
                await caller.hears(TurnKind.GREETING, TurnKind.APOLOGY)
                caller.type(WISH)
                await caller.hears(TurnKind.FILLER, TurnKind.APOLOGY, after=len(caller.events))
                caller.type(AGAIN)
                first = await caller.hears(TurnKind.ANSWER, at_least_ms=SOME_WORDS_MS)
                caller.type("How much is delivery?")
                cut_off = await caller.saw(lambda event: event.type == "turn" and event.seq == first.seq)
                names_it = await caller.saw(lambda event: event.seq > first.seq and NAMED.search(said(event)))
        finally:
            gone = await asyncio.to_thread(admin.delete, f"{CONNECTIONS}/{vendor.name}")
        assert gone.status_code == 204
        # What was cut off before its first word is no turn: its number is the caller's.
        assert cut_off.message["interrupted"] or cut_off.message["speaker"] == Speaker.CALLER
        named = NAMED.search(said(names_it))
        assert named is not None
        assert "fridge" in (await house.crm().ticket(named[1])).subject.lower()
        assert [count for key, count in house.fake.effects.items() if is_action_key(key)] == [1]


def said(event: Event) -> str:
    """What the agent is saying, as far as it has come."""
    by_agent = event.type == "transcript" and event.message.get("speaker") == Speaker.AGENT
    return str(event.message.get("text")) if by_agent else ""


def connect(product: Product, admin: httpx.Client, house: House) -> None:
    """As an administrator does: by a key, or by consent at a vendor that knows nothing else."""
    kind = house.vendor.name
    house.fake.let_in(f"{USER}/token", KEY)
    house.fake.credentials.add(f"Bearer {KEY}")
    by_key = {"sign_in": "key", "secrets": {"key": KEY}, "settings": {"user": USER} if kind == "zendesk" else {}}
    app = {"settings": {"client_id": "hatif"}, "secrets": {"client_secret": "app-secret"}}
    way = {"sign_in": "oauth", **app} if kind == "salesforce" else by_key
    made = admin.post(CONNECTIONS, json={"kind": kind, "site": house.url, "log_calls": "no", **way})
    assert made.status_code == 201, made.text
    if kind == "salesforce":
        agree(product, admin, kind)


def agree(product: Product, admin: httpx.Client, kind: str) -> None:
    asked = admin.post(f"{CONNECTIONS}/{kind}/consent", headers={"Origin": product.address})
    address = httpx.URL(asked.json()["address"])
    with httpx.Client(verify=False, trust_env=False) as browser:
        browser.get(address).raise_for_status()
        decided = address.copy_with(path="/oauth/decided").copy_merge_params({"decision": "allow"})
        back = browser.get(decided).headers["location"]
    landed = admin.get(back).headers["location"]
    assert urlsplit(landed).query.startswith("consent=connected"), landed
