"""What the durable side and a media worker say to each other about one line.

The workflow asks for the line with a `LineRequest`; the worker that takes it answers by the signal `line_open`.
Everything here is written into a workflow's history: ids, codes and session descriptions, never what was said.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from domain.call import Channel, Outcome
from domain.outbound.dialling import DialState
from domain.speech import Language

SERVE_LINE = "serve_line"
"""The name of the long activity that holds the lease on a line; media workers implement it."""
END_LINE = "end_line"
"""The name of the short activity, on the worker's own queue, that hangs up a line."""
SET_PHASE = "set_phase"
"""The short activity, on the worker's own queue, that brings a line into a phase."""
JOIN_LINE = "join_line"
"""The short activity, on the worker's own queue, that joins another person's line to a call."""
LEAVE_LINE = "leave_line"
"""The short activity, on the worker's own queue, that parts a joined line from a call."""
SET_PARTY_MODE = "set_party_mode"
"""The short activity, on the worker's own queue, that changes how a joined line takes part."""
GUIDE_AGENT = "guide_agent"
"""The short activity, on the worker's own queue, that gives the agent a supervisor's guidance for this call."""

PHONE = "phone"
"""Who comes where the tenant's phone extension is rung, in place of an advisor's id: whoever answers it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDescription:
    """An SDP offer or answer; or, of a phone's leg, the ticket under which a media worker holds it."""

    type: Literal["offer", "answer"]
    sdp: str
    worker: str | None = None
    """The only media worker that can open this line, because the leg is there; None: any can."""


class PhaseKind(StrEnum):
    """Who the caller is with."""

    CONVERSE = "converse"
    """The agent answers."""
    HELD = "held"
    """Music and comfort messages; the agent only understands wishes about the waiting itself."""
    BRIDGED = "bridged"
    """Advisors and the caller hear each other; the agent is silent and writes down what is said."""


class HeldReason(StrEnum):
    """Why a caller waits for somebody else than the person they had, or asked for."""

    ADVISOR_LOST = "advisor_lost"
    """The advisor's line broke."""
    REQUEUED = "requeued"
    """The advisor passes the caller on."""
    TAKEN_OVER = "taken_over"
    """A supervisor takes the call."""
    PHONE_UNANSWERED = "phone_unanswered"
    """The tenant's phone extension was rung in vain."""


class ResumeReason(StrEnum):
    """Why the agent answers again; it decides what the caller is told first."""

    GIVEN_BACK = "given_back"
    """The advisor gave the call back, perhaps with a note."""
    NEVER_MIND = "never_mind"
    """The caller no longer wants a person."""
    NO_ADVISOR = "no_advisor"
    """Nobody was free in time; the caller chose the agent."""
    CALLBACK_PROMISED = "callback_promised"
    """A person will call back, at `callback_at` or as soon as somebody can."""
    CLOSED = "closed"
    """Nobody works now; a callback is promised for `callback_at`, and none without it."""
    NOT_CALLED = "not_called"
    """The caller's number is on the list of those that are not called."""
    REFUSED = "refused"
    """The handoff could not be started at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """What a line is to be in. A whole: a worker that opens the line anew brings it into the same place."""

    kind: PhaseKind = PhaseKind.CONVERSE
    number: int = 0
    """Counts up within a call; a line ignores a phase that is not newer than its own."""
    handoff_id: str | None = None
    """While HELD or BRIDGED, and on CONVERSE for the handoff that just ended."""
    position: int | None = None
    """HELD: place in the queue, 1 is next."""
    wait_s: int | None = None
    """HELD: estimated wait."""
    choose: bool = False
    """HELD: nobody is free; ask whether to call back or to go on with the agent."""
    because: HeldReason | None = None
    """HELD: why the caller waits for somebody else."""
    number_wanted: bool = False
    """HELD: a callback needs a number, and none is known."""
    advisor_id: str | None = None
    """BRIDGED: who comes, or is there; PHONE has the line ring the tenant's extension."""
    resumed: ResumeReason | None = None
    callback_at: float | None = None
    """Unix seconds of a promised callback; HELD with a number wanted: of the one that could be promised."""


class PartyRole(StrEnum):
    ADVISOR = "advisor"
    SUPERVISOR = "supervisor"


class PartyMode(StrEnum):
    """How a joined person takes part."""

    TALK = "talk"
    """Hears all and is heard by all: an advisor, or a supervisor who barges in."""
    LISTEN = "listen"
    """Hears all, is heard by nobody."""
    WHISPER = "whisper"
    """Hears all, is heard by advisors only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A person beside the caller whose own line is joined to the call."""

    party_id: str
    """The user's id: one person has one line in a call, and a new one takes the place of the old."""
    role: PartyRole
    mode: PartyMode = PartyMode.TALK
    language: Language | None = None
    """What an advisor speaks, for the recogniser."""

    @property
    def supervises(self) -> bool:
        return self.role is PartyRole.SUPERVISOR


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRequest:
    call_id: str
    tenant_id: str
    lease: int
    channel: Channel = Channel.WEB
    offer: SessionDescription | None = None
    """None when the line is adopted from a lease that lost its activity."""
    language: Language | None = None
    phase: Phase = Phase()
    """Where the line begins; an adopted line is brought into it."""


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
    wants_callback: str | None = None
    """Why somebody has to call once the call is over, a code of domain.desk.callbacks; None: nobody has to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineProgress:
    """A fact that the line signals after each finished turn, for operations to see."""

    lease: int
    turns: int
    language: Language
    intent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffRequested:
    """A fact: the conversation came to where a person is needed."""

    lease: int
    seq: int
    """Of the caller's turn that led to it; the same turn asks once."""
    reason: str
    """A code of domain.answering.policy, or "key_zero"."""
    language: Language
    urgent: bool = False


class HeldChoice(StrEnum):
    """What a held caller may choose."""

    CALL_BACK = "call_back"
    NEVER_MIND = "never_mind"
    WAIT = "wait"
    """Rather wait than be called back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldChoiceMade:
    """A fact: the held caller chose; `phase_number` says of which waiting."""

    lease: int
    phase_number: int
    choice: HeldChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyJoined:
    """A fact: a joined person's audio flows."""

    lease: int
    party_id: str
    role: PartyRole


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyLeft:
    """A fact: a joined line is gone; `lost` when it broke rather than said goodbye."""

    lease: int
    party_id: str
    role: PartyRole
    lost: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneMissed:
    """A fact: the tenant's phone extension was rung in vain; `phase_number` says for which phase."""

    lease: int
    phase_number: int
    state: DialState


LineFact = HandoffRequested | HeldChoiceMade | PartyJoined | PartyLeft | PhoneMissed


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPhase:
    call_id: str
    lease: int
    phase: Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinLine:
    call_id: str
    tenant_id: str
    lease: int
    party: Party
    offer: SessionDescription


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveLine:
    call_id: str
    lease: int
    party_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPartyMode:
    call_id: str
    lease: int
    party_id: str
    mode: PartyMode


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideAgent:
    """A supervisor's words to the agent alone: the agent follows them in its next answers, the caller hears nothing."""

    call_id: str
    lease: int
    text: str


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
    dial_back: bool = False
    """A line that is lost with its worker is brought again by nobody: the caller may have to be dialled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """What the updates `connect` and `reconnect` return."""

    lease: int
    answer: SessionDescription


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinAsked:
    """The argument of the update `join`: an advisor, or a supervisor, wants to be in the call."""

    party: Party
    offer: SessionDescription


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyModeAsked:
    """The argument of the update `set_party_mode`: a joined person takes part in another way."""

    party_id: str
    mode: PartyMode
