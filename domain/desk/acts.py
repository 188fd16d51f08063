"""What an advisor's page asks of a handoff, of a promised callback or of an action; all of it goes into workflow
histories.

Refusals are told by a code:

    offer_gone       it rings for nobody, for somebody else, or has been answered
    not_yours        somebody else has the call, or the callback
    handoff_over     nothing more can be done with this handoff
    form_closed      there is no open wrap-up form of this advisor
    not_due          the callback is for later
    claimed          another advisor is at the callback
    callback_over    the callback is settled
    decided          the action waits for nobody's decision, or nobody needs to look at it
"""

from __future__ import annotations

from dataclasses import dataclass

OFFER_GONE = "offer_gone"
NOT_YOURS = "not_yours"
HANDOFF_OVER = "handoff_over"
FORM_CLOSED = "form_closed"
NOT_DUE = "not_due"
CLAIMED = "claimed"
CALLBACK_OVER = "callback_over"
DECIDED = "decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """The argument of the updates `accept` and `decline`."""

    advisor_id: str
    offer_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What `accept` returns: the call is this advisor's, who joins it next."""

    handoff_id: str
    call_id: str
    offer_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack:
    """Back to the agent; the note is for it."""

    advisor_id: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requeue:
    """On to another advisor, in another queue or the same; the note is for them."""

    advisor_id: str
    queue_id: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUp:
    """The form after a call."""

    advisor_id: str
    disposition: str | None = None
    notes: str | None = None
    offer_number: int | None = None
    """Of the form that is meant; the oldest open one without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackClaimed:
    """What `claim` returns."""

    callback_id: str
    call_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reschedule:
    by: str
    at: float
    """Unix seconds; brought into the hours in which calling is allowed."""
