"""Text messages to and from people outside, and the ports of the services that carry them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.errors import Rejected


class Channel(StrEnum):
    SMS = "sms"
    WHATSAPP = "whatsapp"


class DeliveryState(StrEnum):
    """In the order in which a message goes through them."""

    UNSENT = "unsent"
    UNKNOWN = "unknown"
    """It may have been sent, and the service can't be asked; its report settles it."""
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"

    @property
    def shown(self) -> str:
        """As people at work know it."""
        return {self.UNSENT: "queued", self.ACCEPTED: "queued", self.UNKNOWN: "unclear"}.get(self, self.value)

    def follows(self, earlier: DeliveryState) -> bool:
        """Whether this is news after `earlier`: services repeat their reports and mix their order."""
        order = list(DeliveryState)
        return order.index(self) > order.index(earlier)


# Codes with which a message out is refused or fails, whoever says so.
OUTSIDE_WINDOW = "outside_window"
OPTED_OUT = "opted_out"
NO_CONNECTION = "no_connection"
BAD_NUMBER = "bad_number"
NOT_REACHED = "not_reached"
"""The telephone is off, or the person has no account at this service, or has blocked the company."""
TEMPLATE_UNKNOWN = "template_unknown"
"""The service has no approved template of this name and language, or has paused it."""
TEMPLATE_MISFIT = "template_misfit"
"""The values are not those that the template has room for."""
ACCOUNT_TROUBLE = "account_trouble"
"""The company's account is restricted, unpaid or limited at the service."""
BLOCKED_CONTENT = "blocked_content"
"""A carrier or the service keeps it back as unwanted."""


class MessageRefused(Rejected):
    """A service's refusal, by a code that somebody here can act on."""

    def __init__(self, system: str, code: str) -> None:
        super().__init__(system, f"refused: {code}")
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledTemplate:
    """A message whose words the service has approved. `language` is the service's name for it: "en", "en_US", "ar"."""

    name: str
    language: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """`to` in E.164, with its plus."""

    channel: Channel
    to: str
    body: str
    """What the person reads, also where it is a template."""
    template: FilledTemplate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    message_id: str
    state: DeliveryState


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReceived:
    """`message_id` is the service's: it delivers at least once, so whoever takes this in counts by it."""

    channel: Channel
    message_id: str
    sender: str
    recipient: str
    body: str
    at: datetime | None = None
    """None where the service doesn't say."""
    attachment: str | None = None
    """What came that is no text, by its kind, such as "audio" or "image"; `body` then holds its caption, if any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReported:
    message_id: str
    state: DeliveryState
    key: str | None = None
    """The action's key where the service gives it back: it settles a send whose outcome was unknown."""
    reason: str | None = None
    """Why it failed, as one of the codes above; None where nobody here can do anything about it."""


WebhookFact = TextReceived | DeliveryReported


class Messaging(Protocol):
    """One tenant's account at one service.

    `send` takes the action's key and ends in the same ways as a write of the Crm port.
    """

    system: str
    channels: frozenset[Channel]

    async def check(self) -> str:
        """Whose account this is, by the service's own answer: what a test button shows."""
        ...

    async def send(self, text: Text, key: str) -> Receipt: ...

    async def delivery(self, message_id: str) -> DeliveryState | None:
        """None where the service tells only by its webhook."""
        ...

    async def close(self) -> None: ...


class Webhook(Protocol):
    """The way in of one service: checks who sent a request, then reads it. Waits for nothing."""

    def open(self, url: str, headers: Mapping[str, str], body: bytes) -> list[WebhookFact]:
        """`url` as the service called it, header names in lower case.

        Raises Refused("bad_signature") or Refused("bad_webhook").
        """
        ...


class WebhookDoor(Webhook, Protocol):
    """The way in of one tenant's connection."""

    def challenge(self, query: Mapping[str, str]) -> str:
        """The answer to the question with which a service sets the webhook up. Raises Refused("bad_signature")."""
        ...


class MessagingAccounts(Protocol):
    """What tenants have at messaging services. Raises Unavailable("postgres", ...)."""

    async def door(self, tenant_id: str, system: str, connection_id: str) -> WebhookDoor | None:
        """None where the tenant has no such connection, or it lacks what requests are signed with."""
        ...

    async def sender(self, tenant_id: str, channel: Channel) -> str | None:
        """The id of the connection that messages over this channel go out by."""
        ...
