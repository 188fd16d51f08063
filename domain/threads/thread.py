"""A thread: the messages between a company and one person over one channel, from the first until it falls silent.

Every thread is a call in the store and in the history, so that the desk and the analysis take it as they take a call.
A person has one open thread for each number of the company that they write to; the next one remembers the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from domain.call import Channel
from domain.messaging import DeliveryReported, DeliveryState, FilledTemplate, TextReceived
from domain.speech import Language, Speaker, Turn, TurnKind

LEASE = 1
"""Of every turn of a thread: there is no line that could be lost."""
CARE_WINDOW = timedelta(hours=24)
"""How long after a person's last message WhatsApp lets a company write freely; after it, approved templates only."""
ATTACHMENT_PREFIX = "attachment:"
"""Before the kind, in the intent of a caller's turn that came with something else than words."""
LONGEST_TEXT = 1_600
"""Characters of one message out: Twilio's limit for both channels, and more than anybody reads on a telephone."""

THREAD_OVER = "thread_over"
"""Code with which a message is refused, beside those of domain.messaging."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """Where a message was put; the same answer for one that came before."""

    call_id: str
    channel: Channel
    seq: int
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadRow:
    """`address` is in E.164, and None once the thread's words were erased. Times are Unix seconds."""

    tenant_id: str
    call_id: str
    channel: Channel
    connection_id: str
    address: str | None
    opened_at: float
    last_in_at: float | None
    closed_at: float | None = None
    previous_call_id: str | None = None

    @property
    def window_ends_at(self) -> float | None:
        """Until when the channel lets us write freely; None where that has no end, or never began."""
        if self.channel is not Channel.WHATSAPP or self.last_in_at is None:
            return None
        return self.last_in_at + CARE_WINDOW.total_seconds()

    def may_write(self, now: float) -> bool:
        """Whether the channel lets us write freely at this moment."""
        if self.channel is not Channel.WHATSAPP:
            return True
        return self.window_ends_at is not None and now < self.window_ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A turn of ours, before it has its place; the same `text_id` again is the same turn."""

    speaker: Speaker
    text: str
    language: Language
    text_id: str
    kind: TurnKind | None = None
    intent: str | None = None
    said_by: str | None = None
    """The id of the user at the desk who wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How far one message of ours has come."""

    seq: int
    state: DeliveryState
    reason: str | None = None
    """A code, when FAILED and somebody knows why."""


class Threads(Protocol):
    """Raises Unavailable("postgres", ...)."""

    async def arrive(self, tenant_id: str, connection_id: str, text: TextReceived, language: Language) -> Arrived:
        """Put a message into its person's open thread, or into a new one; once, however often it is delivered.

        `language` is for one whose words have none. Raises Refused("bad_number") for a sender without a number.
        """
        ...

    async def open_to(
        self, tenant_id: str, connection_id: str, channel: Channel, address: str, language: Language
    ) -> ThreadRow:
        """The open thread with this person, or a new one. Raises Refused("bad_number")."""
        ...

    async def thread(self, tenant_id: str, call_id: str) -> ThreadRow | None: ...

    async def write(self, tenant_id: str, call_id: str, written: Written) -> Turn:
        """Append a turn of ours. Raises Refused("thread_over") once the thread is closed, NotFound."""
        ...

    async def close(self, tenant_id: str, call_id: str, answered: int) -> bool:
        """False when a message came after the turn `answered`: it is to be answered first. Idempotent."""
        ...

    async def opt(self, tenant_id: str, call_id: str, *, out: bool) -> None:
        """Keep this person's wish to have no messages over this channel, or to have them again."""
        ...

    async def is_opted_out(self, tenant_id: str, call_id: str) -> bool: ...

    async def begin_sending(self, tenant_id: str, call_id: str, seq: int, key: str) -> None:
        """Idempotent."""
        ...

    async def sending(
        self, tenant_id: str, key: str, state: DeliveryState, message_id: str | None = None, reason: str | None = None
    ) -> None:
        """What became of a send; a state never goes back."""
        ...

    async def reported(self, tenant_id: str, connection_id: str, report: DeliveryReported) -> bool:
        """Take a service's report in; False when it is about no message of ours, or no news."""
        ...

    async def deliveries(self, tenant_id: str, call_id: str) -> Sequence[Delivery]: ...

    async def untold(self, tenant_id: str, older_than_s: float) -> Sequence[Arrived]:
        """Messages that came and that no procedure has taken up since."""
        ...

    async def told(self, tenant_id: str, call_id: str, seq: int) -> None:
        """The thread's procedure knows of its messages up to `seq`."""
        ...


class TextSender(Protocol):
    """The way out: one tenant's services, each message once.

    `send` returns the service's id of the message. Raises Refused with a code above, and what a write of the
    Messaging port raises: NotFound, Rejected, Unavailable, OutcomeUnknown.
    """

    async def send(self, thread: ThreadRow, body: str, key: str, template: FilledTemplate | None = None) -> str: ...


class ThreadActs(Protocol):
    """The durable side of threads. Raises Unavailable("temporal", ...)."""

    async def arrived(self, tenant_id: str, arrived: Arrived) -> None:
        """Have a message answered; the thread's procedure begins with the first."""
        ...

    async def wrote(self, tenant_id: str, call_id: str, channel: Channel, seq: int) -> None:
        """Have a person's turn sent."""
        ...
