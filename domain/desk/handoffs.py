"""A handoff as the desk sees it: where it stands, to whom it is offered, its brief, and what was noted about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from domain.desk.people import Queue
from domain.speech import Language
from domain.tenant import Words

DESK_CHANGED = "desk.changed"
"""A live event of a call: its handoff, callback, or an action that may need a person, stands elsewhere than before."""
DESK_RINGS = "desk.rings"
"""A live event of a call: its handoff rings at somebody."""


PHONE_RINGS_S = 100.0
"""The longest that the phone extension is rung: 40 s by the caller's exchange, 40 s by ours, and the way there. Where
keys are pressed, for 27 s at most, only ours rings it."""

BY_RULE = "rule"
BY_MODEL = "model"
"""Who wrote a summary."""


class HandoffState(StrEnum):
    WAITING = "waiting"
    """For a free advisor; also while it is offered to one."""
    ADRIFT = "adrift"
    """The caller's connection is lost; the place in the queue is kept, and nobody is offered the call."""
    BRIDGED = "bridged"
    """An advisor has taken it."""
    ENDED = "ended"


class OfferResult(StrEnum):
    """What became of one offer to one advisor."""

    RINGING = "ringing"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    MISSED = "missed"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    """These two of the phone extension: there is no way to it, or nobody here who could dial it."""
    WITHDRAWN = "withdrawn"
    """The caller left, or chose otherwise, while it rang."""


class Left(StrEnum):
    """How an advisor who had taken a call came out of it."""

    FINISHED = "finished"
    """They ended the conversation with the caller."""
    CALLER_LEFT = "caller_left"
    GAVE_BACK = "gave_back"
    REQUEUED = "requeued"
    LOST = "lost"
    """Their connection broke and did not come back in time."""
    NEVER_JOINED = "never_joined"
    """They accepted, and their line never came."""
    TRANSFERRED = "transferred"
    """The caller's exchange took the caller to the phone extension: the two talk without us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """Written for a person with four seconds: codes are labels that the page puts into the advisor's language."""

    language: Language
    """The caller's."""
    reason: str
    urgent: bool = False
    sentence: str | None = None
    """What the caller said that led here."""
    caller: str | None = None
    """Who it is, where it is known."""
    caller_by: str | None = None
    """A code of domain.desk.customer.FoundBy: what makes us think so."""
    about: str | None = None
    """Why we called them, where the call is one that we placed."""
    first_request: str | None = None
    """What the caller wanted to begin with, where it is another sentence."""
    summary: Words = field(default_factory=dict[Language, str])
    summary_by: str = BY_RULE
    """BY_RULE or BY_MODEL, for who reads it to know how far to trust it."""
    mood: str | None = None
    """The latest estimate, a code of domain.mood.estimate."""
    moods: tuple[MoodAt, ...] = ()
    intents: tuple[IntentAt, ...] = ()
    tried: tuple[Tried, ...] = ()
    """What the agent answered so far, newest last."""
    open_facts: tuple[OpenFact, ...] = ()
    """What was done in other systems during the call, then what is open in the tenant's CRM."""
    crm: str | None = None
    """A code of domain.desk.customer.CrmAnswer: what came of looking there; None where nobody looks."""
    next_actions: tuple[str, ...] = ()
    """Codes of suggestions, the most useful first."""
    notes: tuple[str, ...] = ()
    """What earlier advisors of this call wrote for the next one, newest last."""
    seconds: int = 0
    """How long the caller has been on the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentAt:
    intent: str
    at_ms: int
    """Of the answer, in the line's audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodAt:
    mood: str
    at_ms: int
    because: tuple[str, ...] = ()
    """Codes of the evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One answer of the agent: what it was about, and its first words."""

    intent: str | None
    text: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFact:
    """Something that another system knows of this caller, e.g. an open ticket."""

    system: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffRow:
    """A handoff as the store knows it. Times are Unix seconds."""

    handoff_id: str
    call_id: str
    number: int
    """Counts the handoffs of a call, from 1."""
    reason: str
    urgent: bool
    by: str
    """BY_CALLER or BY_CONVERSATION of domain.handoff, or a user's id."""
    language: Language
    queue_id: str
    state: HandoffState
    created_at: float
    wanted_advisor: str | None = None
    """Nobody else is offered it."""
    offer_number: int = 0
    offered_to: str | None = None
    offered_until: float | None = None
    """While it rings."""
    accepted_by: str | None = None
    """While BRIDGED, and afterwards the last one who had it."""
    accepted_at: float | None = None
    joined_at: float | None = None
    ended_at: float | None = None
    result: str | None = None
    """A domain.handoff.HandoffResult."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow:
    """One offer of a handoff to one advisor, and their part in the call if they took it."""

    handoff_id: str
    call_id: str
    number: int
    """Counts the offers of a handoff, from 1."""
    advisor_id: str
    result: OfferResult
    offered_at: float
    answered_at: float | None = None
    left: Left | None = None
    left_at: float | None = None
    wrap_up_until: float | None = None
    """While the form is open."""
    wrapped_up_at: float | None = None
    disposition: str | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many wait in a queue, for the desk."""

    queue_id: str
    count: int
    since: float
    """When the first of them came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHandoff:
    """What a handoff is opened with."""

    handoff_id: str
    call_id: str
    number: int
    reason: str
    urgent: bool
    by: str
    language: Language
    queue_id: str
    wanted_advisor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An advisor who is RINGING for a handoff."""

    advisor_id: str
    offer_number: int
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A caller's place in the queue."""

    position: int
    """1 is next."""
    wait_s: int | None = None
    """An estimate; None without anything to estimate from."""


class Handoffs(Protocol):
    """Handoffs and their offers, for the saga. Each method is idempotent and acts in one transaction.

    Raises Unavailable("postgres", …), and NotFound for a handoff that isn't there.
    """

    async def open(self, tenant_id: str, handoff: NewHandoff) -> None: ...

    async def save_brief(self, tenant_id: str, handoff_id: str, brief: Brief) -> None: ...

    async def claim_next(self, tenant_id: str, handoff_id: str, offer_number: int) -> Claim | None:
        """Have the best fitting READY advisor ring, unless they are due to a handoff before this one.

        Two handoffs never get the same advisor. The same `offer_number` again returns the same claim.
        """
        ...

    async def claim_phone(self, tenant_id: str, handoff_id: str, offer_number: int, ring_s: float) -> Claim | None:
        """Have the tenant's phone extension ring, as the advisor PHONE, where there is no advisor to wait for any more.

        Once in a handoff, but for a ringing that was withdrawn; and not while somebody in particular is meant.
        """
        ...

    async def place(self, tenant_id: str, handoff_id: str) -> Place: ...

    async def queue_of(self, tenant_id: str, handoff_id: str) -> Queue:
        """The queue that it waits in; the default's times when that one is gone."""
        ...

    async def accepted(self, tenant_id: str, handoff_id: str, offer_number: int) -> None:
        """The advisor is BUSY from now on."""
        ...

    async def joined(self, tenant_id: str, handoff_id: str, offer_number: int) -> None: ...

    async def not_accepted(self, tenant_id: str, handoff_id: str, offer_number: int, result: OfferResult) -> None:
        """DECLINED and WITHDRAWN make the advisor ready again, MISSED away."""
        ...

    async def left(
        self,
        tenant_id: str,
        handoff_id: str,
        offer_number: int,
        how: Left,
        wrap_up_until: float,
        queue_id: str | None = None,
    ) -> None:
        """The advisor has let the caller go and wraps up; a `queue_id` moves the handoff to another queue."""
        ...

    async def save_note(self, tenant_id: str, handoff_id: str, offer_number: int, note: str) -> None:
        """What an advisor tells whoever has the call next: the agent, or another advisor."""
        ...

    async def notes(self, tenant_id: str, call_id: str) -> list[str]:
        """What advisors of this call told whoever has it next, newest last; empty once the call's key was erased."""
        ...

    async def set_adrift(self, tenant_id: str, handoff_id: str, adrift: bool) -> None: ...

    async def redirect(
        self, tenant_id: str, handoff_id: str, *, urgent: bool, queue_id: str | None, wanted_advisor: str | None
    ) -> None:
        """Asked for again: more urgent, for another queue, or for somebody in particular. None leaves it as it is."""
        ...

    async def wrapped_up(
        self, tenant_id: str, handoff_id: str, offer_number: int, disposition: str | None, notes: str | None
    ) -> None:
        """The form is filled in, or given up: the advisor is what they chose to be next."""
        ...

    async def ended(self, tenant_id: str, handoff_id: str, result: str) -> None: ...

    async def somebody(self, tenant_id: str, handoff_id: str) -> bool:
        """Whether a fitting advisor is at work, if not free at this moment."""
        ...

    async def waiting_calls(self, tenant_id: str) -> list[tuple[str, int]]:
        """Call id and number of the handoffs that wait for an advisor."""
        ...


class HandoffWaker(Protocol):
    """Tells waiting handoffs that an advisor has become free."""

    async def advisor_available(self, tenant_id: str) -> None:
        """Never fails: a handoff that was not told looks again by itself, later."""
        ...


class Desk(Protocol):
    """What the desk's pages read. Unknown and other tenants' handoffs are None. Raises Unavailable("postgres", …)."""

    async def handoff(self, tenant_id: str, handoff_id: str) -> HandoffRow | None: ...

    async def handoffs_of(self, tenant_id: str, call_id: str) -> list[HandoffRow]:
        """In order of number."""
        ...

    async def live(self, tenant_id: str) -> list[HandoffRow]:
        """Those that have not ended, the oldest first."""
        ...

    async def brief(self, tenant_id: str, handoff_id: str) -> Brief | None:
        """None before it is written, and once the call's key was erased."""
        ...

    async def note(self, tenant_id: str, handoff_id: str) -> str | None:
        """What its last advisor told whoever has the call next."""
        ...

    async def offers(self, tenant_id: str, handoff_id: str) -> list[OfferRow]:
        """In order of number."""
        ...

    async def wrap_ups(self, tenant_id: str, advisor_id: str) -> list[OfferRow]:
        """The advisor's open forms, the oldest first."""
        ...

    async def history(self, tenant_id: str, advisor_id: str, limit: int) -> list[OfferRow]:
        """What the advisor took, newest first."""
        ...

    async def waiting(self, tenant_id: str) -> list[Waiting]:
        """By queue; empty queues are left out."""
        ...
