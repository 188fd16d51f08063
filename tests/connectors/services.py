"""Each messaging service beside its fake."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from connectors.auth import BasicKey, BearerKey
from connectors.http import Connection
from connectors.twilio import Twilio
from connectors.whatsapp import WhatsApp
from domain.messaging import Channel, Messaging
from tests.connectors.fakes.server import Clock, Fake
from tests.connectors.fakes.twilio import ACCOUNT, SENDERS, FakeTwilio
from tests.connectors.fakes.whatsapp import PHONE_NUMBER_ID, FakeWhatsApp
from tests.connectors.memory import Box, FileAttempts

PATIENCE_MS = 10_000
CALLBACK = "https://hatif.example/hooks/twilio"


@dataclass
class Service:
    name: str
    fake: Callable[[], Fake]
    connector: Callable[[Connection], Any]
    channels: frozenset[Channel]
    user: str | None = None
    can_look: bool = True
    """Whether a message that was sent can be looked up."""


@dataclass
class Post:
    """One tenant's account at a running fake; every `messaging()` is a process of its own."""

    service: Service
    fake: Any
    url: str
    clock: Clock
    attempts: FileAttempts
    stack: AsyncExitStack

    def messaging(self, *, timeout_ms: int = PATIENCE_MS, attempts: FileAttempts | None = None) -> Messaging:
        secrets = Box(key="secret")
        user = self.service.user
        connection = Connection(
            url=self.url,
            auth=BasicKey(secrets, "key", user=user) if user else BearerKey(secrets, "key"),
            attempts=attempts or self.attempts,
            timeout_ms=timeout_ms,
            clock=self.clock,
        )
        messaging: Messaging = self.service.connector(connection)
        self.stack.push_async_callback(messaging.close)
        return messaging


SERVICES = [
    Service(
        name="twilio",
        fake=FakeTwilio,
        connector=lambda connection: Twilio(connection, account=ACCOUNT, senders=SENDERS, callback=CALLBACK),
        channels=frozenset(Channel),
        user=ACCOUNT,
    ),
    Service(
        name="whatsapp",
        fake=FakeWhatsApp,
        connector=lambda connection: WhatsApp(connection, phone_number_id=PHONE_NUMBER_ID),
        channels=frozenset({Channel.WHATSAPP}),
        can_look=False,
    ),
]


@asynccontextmanager
async def open_post(service: Service) -> AsyncIterator[Post]:
    fake = service.fake()
    fake.let_in(ACCOUNT, "secret")
    fake.credentials.add("Bearer secret")
    attempts = FileAttempts()
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(fake.serving())
        yield Post(service, fake, url, fake.clock, attempts, stack)
    attempts.close()
