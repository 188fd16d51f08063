"""Each CRM beside its fake: how to open one, and what is different about it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.auth import Auth, BasicKey, OAuth2, OAuthApp
from connectors.freshdesk import Freshdesk
from connectors.http import Connection
from connectors.hubspot import HubSpot
from connectors.salesforce import Salesforce
from connectors.zendesk import Zendesk
from domain.credentials import Tokens
from domain.crm import Crm
from tests.connectors.fakes.freshdesk import FakeFreshdesk
from tests.connectors.fakes.hubspot import FakeHubSpot
from tests.connectors.fakes.salesforce import FakeSalesforce
from tests.connectors.fakes.server import Clock, Fake
from tests.connectors.fakes.tls import Authority, authority
from tests.connectors.fakes.zendesk import FakeZendesk
from tests.connectors.memory import Box, FileAttempts

PATIENCE_MS = 10_000


@dataclass
class Vendor:
    """One vendor, told apart only by what its documents tell apart."""

    name: str
    fake: Callable[[], Fake]
    connector: Callable[[Connection], Any]
    customers: tuple[str, str]
    """The ids of Mona and Omar, who share a number."""
    unknown_ticket: str
    token_body: str = "form"
    token_path: str | None = None
    """Where OAuth2 tokens are renewed; None for a vendor that knows only keys."""
    enforces_creation: bool = True
    has_orders: bool = False
    tls: bool = False
    """Its client insists on https."""


@dataclass
class House:
    """One tenant's account at a running fake; every `crm()` is a process of its own."""

    vendor: Vendor
    fake: Any
    url: str
    clock: Clock
    attempts: FileAttempts
    secrets: Box
    stack: AsyncExitStack
    ca_file: Path | None = None

    def crm(self, *, timeout_ms: int = PATIENCE_MS, attempts: FileAttempts | None = None) -> Crm:
        connection = Connection(
            url=self.url,
            auth=self.auth(),
            ca_file=self.ca_file,
            attempts=attempts or self.attempts,
            timeout_ms=timeout_ms,
            clock=self.clock,
        )
        crm: Crm = self.vendor.connector(connection)
        self.stack.push_async_callback(crm.close)
        return crm

    def auth(self) -> Auth:
        if self.vendor.token_path is None:
            return BasicKey(self.secrets, "key")
        app = OAuthApp(
            token_url=f"{self.url}{self.vendor.token_path}",
            client_id="hatif",
            client_secret_reference="app",
            tokens_reference="account",
            ca_file=self.ca_file,
            body=self.vendor.token_body,  # type: ignore[arg-type]
        )
        return OAuth2(self.vendor.name, app, self.secrets, clock=self.clock)


VENDORS = [
    Vendor(
        name="zendesk",
        fake=FakeZendesk,
        connector=Zendesk,
        customers=("9001", "9002"),
        unknown_ticket="99999",
        token_path="/oauth/tokens",
        token_body="json",
    ),
    Vendor(
        name="hubspot",
        fake=FakeHubSpot,
        connector=HubSpot,
        customers=("101", "102"),
        unknown_ticket="99999",
        token_path="/oauth/v3/token",
        has_orders=True,
    ),
    Vendor(
        name="freshdesk",
        fake=FakeFreshdesk,
        connector=Freshdesk,
        customers=("501", "502"),
        unknown_ticket="99999",
        enforces_creation=False,
    ),
    Vendor(
        name="salesforce",
        fake=FakeSalesforce,
        connector=Salesforce,
        customers=("003000000000001AAA", "003000000000002AAA"),
        unknown_ticket="500000000000999AAA",
        token_path="/services/oauth2/token",
        has_orders=True,
        tls=True,
    ),
]


@asynccontextmanager
async def open_house(vendor: Vendor, known: Authority | None = None) -> AsyncIterator[House]:
    """`known` vouches for a vendor whose client insists on https; otherwise an authority of its own."""
    fake = vendor.fake()
    fake.credentials.add("Bearer first")
    fake.let_in("api-key", "X")
    secrets = Box(app="app-secret", key="api-key")
    secrets.held["account"] = Tokens(access="first", refresh="refresh-1")
    attempts = FileAttempts()
    async with AsyncExitStack() as stack:
        tls = None
        if vendor.tls:
            tls = known or authority(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        url = await stack.enter_async_context(fake.serving(tls=tls.server() if tls else None))
        yield House(vendor, fake, url, fake.clock, attempts, secrets, stack, tls.ca_file if tls else None)
    attempts.close()
