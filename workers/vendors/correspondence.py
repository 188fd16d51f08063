"""What tenants have at messaging services: the way in, signed, and the way out, each message once.

A connection to Twilio is for each channel that it names a sender for; its key is the account's auth token, which also
signs what comes in. One to Meta has a system user's token as its key, and beside it the app's secret, which signs what
comes in, and the verify token with which the webhook is set up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from connectors.twilio import TwilioWebhook
from connectors.whatsapp import WhatsAppWebhook, challenge
from domain.acting.connection import ConnectionRow
from domain.errors import NotFound, Refused, Rejected
from domain.messaging import (
    NO_CONNECTION,
    OUTSIDE_WINDOW,
    Channel,
    FilledTemplate,
    MessageRefused,
    Messaging,
    Text,
    Webhook,
    WebhookFact,
)
from domain.ports import Tenants
from domain.threads.thread import ThreadRow
from storage.connections import PostgresConnections, PostgresSecrets
from storage.keys import PostgresKeyRing
from storage.session import Database
from workers.vendors.crm import ConnectedCrms, secret_of
from workers.vendors.messaging import SENDERS, messaging_of

SYSTEMS = ("twilio", "whatsapp")


@dataclass(frozen=True, slots=True)
class Door:
    """Implements domain.messaging.WebhookDoor."""

    webhook: Webhook
    verify_token: str = field(default="", repr=False)

    def open(self, url: str, headers: Mapping[str, str], body: bytes) -> list[WebhookFact]:
        return self.webhook.open(url, headers, body)

    def challenge(self, query: Mapping[str, str]) -> str:
        return challenge(query, self.verify_token)


class ConnectedMessaging:
    """Implements domain.messaging.MessagingAccounts, and opens connectors; one for a process."""

    def __init__(
        self,
        database: Database,
        keys: PostgresKeyRing,
        tenants: Tenants,
        crms: ConnectedCrms,
        public_origin: str | None,
    ) -> None:
        """`public_origin` is where services reach our webhooks; None: nobody is told of deliveries by Twilio."""
        self._database = database
        self._keys = keys
        self._tenants = tenants
        self._crms = crms
        self._public_origin = public_origin
        self._connections = PostgresConnections(database)
        self._open: dict[tuple[str, str], tuple[ConnectionRow, Messaging]] = {}

    async def door(self, tenant_id: str, system: str, connection_id: str) -> Door | None:
        row = await self._row(tenant_id, connection_id)
        if row is None or row.system != system:
            return None
        if system == "twilio":
            token = await self._secret(row, "key")
            return Door(TwilioWebhook(token)) if token else None
        app_secret = await self._secret(row, "app_secret")
        return Door(WhatsAppWebhook(app_secret), await self._secret(row, "verify_token")) if app_secret else None

    async def sender(self, tenant_id: str, channel: Channel) -> str | None:
        rows = await self._connections.all(tenant_id)
        fitting = (row.connection_id for row in rows if row.enabled and channel in _channels(row))
        return next(fitting, None)

    async def of(self, tenant_id: str, connection_id: str) -> Messaging | None:
        """Raises Rejected for a connection that can't be used as it is written."""
        row = await self._row(tenant_id, connection_id)
        held = self._open.get((tenant_id, connection_id))
        if held is not None and held[0] == row:
            return held[1]
        if held is not None:
            del self._open[tenant_id, connection_id]
            await held[1].close()
        if row is None:
            return None
        messaging = await self._opened(row)
        self._open[tenant_id, connection_id] = (row, messaging)
        return messaging

    async def close(self) -> None:
        for _, messaging in self._open.values():
            await messaging.close()
        self._open.clear()

    async def _opened(self, row: ConnectionRow) -> Messaging:
        return messaging_of(row, self._crms.connection(row), await self._callback(row))

    async def _callback(self, row: ConnectionRow) -> str | None:
        profile = await self._tenants.profile(row.tenant_id)
        if self._public_origin is None or profile is None:
            return None
        return f"{self._public_origin}/v1/hooks/twilio/{profile.slug}/{row.connection_id}"

    async def _row(self, tenant_id: str, connection_id: str) -> ConnectionRow | None:
        rows = await self._connections.all(tenant_id)
        mine = (row for row in rows if row.connection_id == connection_id and row.enabled and row.system in SYSTEMS)
        return next(mine, None)

    async def _secret(self, row: ConnectionRow, name: str) -> str:
        """Empty where there is none: it then signs nothing."""
        try:
            return await PostgresSecrets(self._database, self._keys, row.tenant_id).read(secret_of(row, name))
        except NotFound:
            return ""


class Postman:
    """Implements domain.threads.thread.TextSender."""

    def __init__(self, accounts: ConnectedMessaging, clock: Callable[[], float] = time.time) -> None:
        self._accounts = accounts
        self._clock = clock

    async def send(self, thread: ThreadRow, body: str, key: str, template: FilledTemplate | None = None) -> str:
        if thread.address is None:
            raise Rejected("postgres", "the words of this thread were erased")
        if template is None and not thread.may_write(self._clock()):
            raise Refused(OUTSIDE_WINDOW, "WhatsApp takes free text only within 24 hours of the person's last message.")
        messaging = await self._accounts.of(thread.tenant_id, thread.connection_id)
        channel = Channel(thread.channel)
        if messaging is None or channel not in messaging.channels:
            raise Refused(NO_CONNECTION, f"No service is connected for {channel}.")
        text = Text(channel=channel, to=thread.address, body=body, template=template)
        try:
            receipt = await messaging.send(text, key)
        except MessageRefused as refused:
            raise Refused(refused.code, "The service will not send it.") from None
        return receipt.message_id


def _channels(row: ConnectionRow) -> list[Channel]:
    if row.system == "whatsapp":
        return [Channel.WHATSAPP]
    return [channel for channel, name in SENDERS.items() if row.system == "twilio" and row.settings.get(name)]
