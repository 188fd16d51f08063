"""An action: something with an effect in another system, asked for once or many times, done exactly once.

The caller's words may come twice: said again, interrupted, cut off by a dead media worker. They are one action while
its tool and its subject are the same, unless the caller confirms that another is wanted (`repeat`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from domain.speech import Language


class ActionState(StrEnum):
    """Where an action stands."""

    WAITING_APPROVAL = "waiting_approval"
    """Above what the agent may do by itself: an advisor decides."""
    RUNNING = "running"
    DONE = "done"
    REJECTED = "rejected"
    """The other system will not take it, or an advisor did not allow it; nothing was done."""
    UNKNOWN = "unknown"
    """It may have been done, and nobody can tell: a task for an advisor, never a blind retry."""


LOOKED_AFTER = "looked_after"
"""The reason of an UNKNOWN action that needs nobody any more."""

OVER = frozenset({ActionState.DONE, ActionState.REJECTED, ActionState.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class ActAsked:
    """The argument of CallWorkflow's update `act`. Its slots are personal data: never in ids, logs or errors."""

    lease: int
    """Of the line that asks; one that was overtaken may not act any more."""
    action: str
    """The tool's name."""
    subject: str
    """What makes two askings the same action, in a settled form: the order's number, the words of the trouble."""
    slots: Mapping[str, str] = field(default_factory=dict[str, str])
    language: Language
    repeat: int = 0
    """How many more of the same the caller has confirmed."""
    needs_approval: bool = False
    """It is above what the agent may do by itself."""
    asking: str = ""
    """The same for as long as one wish is asked for again and again: what it is about stays what it was at first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActResult:
    """What `act` returns, and what the agent then knows."""

    key: str
    action: str
    state: ActionState
    reference: str | None = None
    """What the other system calls it, such as a ticket's number, once DONE."""
    reason: str | None = None
    """A code, when REJECTED."""
    known: bool = False
    """It had been asked for before in this call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionStart:
    """The argument of CrmActionWorkflow."""

    tenant_id: str
    call_id: str
    key: str
    action: str
    slots: Mapping[str, str]
    lease: int
    language: Language
    needs_approval: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRow:
    """An action as the store knows it. Times are Unix seconds."""

    tenant_id: str
    call_id: str
    key: str
    action: str
    state: ActionState
    lease: int
    started_at: float
    finished_at: float | None = None
    slots: Mapping[str, str] = field(default_factory=dict[str, str])
    """Empty once the call's key was erased."""
    reference: str | None = None
    reason: str | None = None
    """A code, when REJECTED; LOOKED_AFTER, when UNKNOWN and a person has looked."""
    ticket_state: str | None = None
    """Of the ticket that it opened, by a TicketState, once the other system told of a change."""
    ticket_changed_at: float | None = None


class ActionDoer(Protocol):
    """Where a line has its actions done."""

    async def act(self, call_id: str, asked: ActAsked) -> ActResult:
        """What came of it, or that it is still RUNNING after some seconds: then it is asked again.

        Waits for as long as the durable side is away. Raises LineLost when the call is over or another line has it.
        """
        ...


class ActionStore(Protocol):
    """The actions of calls. Raises Unavailable("postgres", ...)."""

    async def begin(self, start: ActionStart, state: ActionState) -> None:
        """Idempotent by `(call_id, key)`."""
        ...

    async def settle(self, tenant_id: str, result: ActResult, call_id: str) -> None:
        """Idempotent: a final state stays."""
        ...

    async def of_call(self, tenant_id: str, call_id: str) -> list[ActionRow]:
        """In the order in which they were begun."""
        ...

    async def open_tasks(self, tenant_id: str, limit: int) -> list[ActionRow]:
        """What waits for an advisor: unknown outcomes and approvals, oldest first."""
        ...

    async def note_decided(self, tenant_id: str, call_id: str, key: str) -> None:
        """It waits for nobody any more, and goes on; one that has gone on is left alone."""
        ...

    async def note_looked_after(self, tenant_id: str, call_id: str, key: str) -> bool:
        """A person has looked at what nobody could tell; False when there was nothing to look at."""
        ...
