"""What the durable side and a media worker say to each other about one line.

The workflow asks for the line with a `LineRequest`; the worker that takes it answers by the signal `line_open`.
Everything here is written into a workflow's history: ids, codes and session descriptions, never what was said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from domain.call import Channel, Outcome
from domain.speech import Language

SERVE_LINE = "serve_line"
"""The name of the long activity that holds the lease on a line; media workers implement it."""
END_LINE = "end_line"
"""The name of the short activity, on the worker's own queue, that hangs up a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDescription:
    """An SDP offer or answer."""

    type: Literal["offer", "answer"]
    sdp: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRequest:
    call_id: str
    tenant_id: str
    lease: int
    channel: Channel = Channel.WEB
    offer: SessionDescription | None = None
    """None when the line is adopted from a lease that lost its activity."""
    language: Language | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOpen:
    """Signalled by the media worker as soon as it can answer; `queue` is its own task queue."""

    lease: int
    queue: str
    answer: SessionDescription | None = None
    """None when the line was adopted rather than opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineEnded:
    """What `serve_line` returns, once the line is gone."""

    lease: int
    outcome: Outcome
    turns: int
    language: Language | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineProgress:
    """A fact that the line signals after each finished turn, for operations to see."""

    lease: int
    turns: int
    language: Language
    intent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLine:
    call_id: str
    lease: int
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStart:
    """The argument of CallWorkflow."""

    call_id: str
    tenant_id: str
    channel: Channel
    language: Language | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """What the updates `connect` and `reconnect` return."""

    lease: int
    answer: SessionDescription
