"""The words of a call: its channel, state, outcome, and the lease on its line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    WEB = "web"
    PHONE = "phone"
    SMS = "sms"
    WHATSAPP = "whatsapp"

    @property
    def is_written(self) -> bool:
        """Whether the call is a thread of messages, which has no line."""
        return self in (Channel.SMS, Channel.WHATSAPP)


class CallState(StrEnum):
    """Where a call stands, as operations see it in the search attribute CallState."""

    CONNECTING = "connecting"
    TALKING = "talking"
    HELD = "held"
    BRIDGED = "bridged"
    ADRIFT = "adrift"
    """The line is gone, and the caller may come back."""
    ENDED = "ended"


class Outcome(StrEnum):
    """How a call ended."""

    CALLER_HUNG_UP = "caller_hung_up"
    AGENT_SAID_GOODBYE = "agent_said_goodbye"
    CALLER_SILENT = "caller_silent"
    ENDED_BY_OPERATOR = "ended_by_operator"
    HANDED_OFF = "handed_off"
    BUSY = "busy"
    REFUSED = "refused"
    """The caller's offer was nonsense, so no line was opened."""
    NOT_REACHED = "not_reached"
    """Somebody whom we called did not answer, or was not called after all."""
    LOST = "lost"
    """The media worker or the caller's connection died and nobody came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """A call as the store knows it. Times are Unix seconds."""

    call_id: str
    tenant_id: str
    channel: Channel
    state: CallState
    lease: int
    started_at: float
    ended_at: float | None = None
    outcome: Outcome | None = None
    language: str | None = None
    disposition: str | None = None
    summary: str | None = None
    rating: int | None = None


def workflow_id(call_id: str) -> str:
    """The durable name of a call's workflow."""
    return f"call-{call_id}"
