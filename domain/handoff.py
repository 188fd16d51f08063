"""What a call and its handoffs say to each other; all of it is written into workflow histories.

    CallWorkflow → HandoffWorkflow   starts it with HandoffStart, as an abandoned child; one at a time
        signal  raised(HandoffAsked)             asked for again: more urgent, or for somebody in particular
        signal  choice_made(HeldChoiceMade)      the held caller chose
        signal  party_joined(PartyJoined)        somebody's audio flows
        signal  party_left(PartyLeft)            somebody's line is gone, also with the media worker that held it
        signal  phone_missed(PhoneMissed)        the tenant's phone extension was rung in vain
        signal  caller_away()                    the caller's line is gone; the caller may come back
        signal  caller_back()                    ... and has come back
        signal  caller_gone(Outcome)             the call is over

    HandoffWorkflow → CallWorkflow
        signal  phase_wanted(PhaseWanted)        the call numbers it, and keeps it through any loss of the line
        signal  handoff_ended(HandoffEnded)      the call is the agent's again, or over; the wrap-up may go on

    CallWorkflow → CallbackWorkflow  starts it with PromiseCallback, as an abandoned child, when the caller was lost

Signals come in the order in which they were sent, at least once. A handoff that ends, or fails, while its call is held
or bridged gives the call back to the agent as refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.errors import NotFound
from domain.line import HeldReason, PhaseKind, ResumeReason
from domain.speech import Language

BY_CALLER = "caller"
"""Who asked for a handoff: the caller's page, by its button."""
BY_CONVERSATION = "conversation"
"""Who asked for a handoff: the agent, by policy, by the model's proposal or because the caller said so."""

CALLS_BACK = "callback"
"""The reason of a handoff that keeps a promise to call back."""
CAMPAIGN = "campaign"
"""The reason of a handoff of somebody whom a campaign has called, and who asks for it."""


class HandoffResult(StrEnum):
    """What became of a handoff."""

    FINISHED = "finished"
    """The advisor ended the conversation with the caller, and so the call."""
    GIVEN_BACK = "given_back"
    """The advisor gave the caller back to the agent."""
    NEVER_MIND = "never_mind"
    NO_ADVISOR = "no_advisor"
    CALLBACK_PROMISED = "callback_promised"
    CLOSED = "closed"
    REFUSED = "refused"
    CALLER_GONE = "caller_gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffAsked:
    """The argument of CallWorkflow's update `request_handoff`, which returns the handoff's id.

    A supervisor, the caller's page, or `POST handoff` wants a person in the call.
    """

    reason: str
    """A code, never words."""
    by: str
    """BY_CALLER, or a user's id."""
    queue: str | None = None
    advisor_id: str | None = None
    """The one person meant: a supervisor who takes over."""
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffStart:
    """The argument of HandoffWorkflow."""

    handoff_id: str
    number: int
    """1 is the first of its call; `handoff_id` is `<call_id>-<number>`."""
    call_id: str
    tenant_id: str
    reason: str
    by: str
    """BY_CALLER, BY_CONVERSATION, or a user's id."""
    language: Language | None = None
    urgent: bool = False
    seq: int | None = None
    """Of the caller's turn that led to it, where one did."""
    queue: str | None = None
    advisor_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseWanted:
    """A signal of a handoff to its call: what the caller's line is to be in."""

    handoff_id: str
    kind: PhaseKind
    position: int | None = None
    wait_s: int | None = None
    choose: bool = False
    because: HeldReason | None = None
    number_wanted: bool = False
    advisor_id: str | None = None
    resumed: ResumeReason | None = None
    """With CONVERSE."""
    callback_at: float | None = None
    """Unix seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffEnded:
    """A signal of a handoff to its call: nothing more is wanted of the line. FINISHED ends the call."""

    handoff_id: str
    result: HandoffResult


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseCallback:
    """The argument of CallbackWorkflow; whether there is anybody to call, and when, is its own to find out."""

    call_id: str
    tenant_id: str
    number: int
    """Of the handoff that promised it; for a lost caller, of the call's last handoff, and 0 where there was none."""
    reason: str
    """A code, such as "lost" or "no_advisor"."""
    language: Language | None = None
    due_at: float | None = None
    """Unix seconds that the caller was told; None for as soon as somebody can."""


def handoff_id(call_id: str, number: int) -> str:
    return f"{call_id}-{number}"


def call_and_number(handoff_id: str) -> tuple[str, int]:
    """The call of a handoff, or of a callback, and its number. Raises NotFound for what is no such id."""
    call_id, _, number = handoff_id.rpartition("-")
    if not call_id or not (number.isascii() and number.isdecimal()):
        raise NotFound("desk", "there is no such handoff or callback")
    return call_id, int(number)
