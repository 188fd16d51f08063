"""Who can take a call: advisors and what they can, the queues, and where each advisor stands at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.speech import Language
from domain.tenant import Words


class PresenceState(StrEnum):
    """Where an advisor stands. A person chooses between READY and AWAY; the rest follows from their calls."""

    READY = "ready"
    RINGING = "ringing"
    """A handoff is offered to them."""
    BUSY = "busy"
    """They have a caller."""
    WRAP_UP = "wrap_up"
    """They note what came of the last call."""
    AWAY = "away"
    OFFLINE = "offline"
    """No tab of theirs is open; never stored, it follows from `expires_at`."""


class AwayReason(StrEnum):
    """Why somebody is AWAY."""

    CHOSEN = "chosen"
    MISSED = "missed"
    """They let a handoff ring until the end."""
    RETURNED = "returned"
    """They were OFFLINE before, and have not said yet that they are ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisor:
    """A user who may be offered handoffs, and what they can."""

    user_id: str
    name: str
    languages: frozenset[Language] = frozenset()
    skills: frozenset[str] = frozenset()
    queue_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Where callers wait for an advisor. Every tenant has one: DEFAULT_QUEUE until it names its own."""

    queue_id: str
    names: Words
    languages: frozenset[Language] = frozenset()
    """Of the callers it takes; empty takes all."""
    skills: frozenset[str] = frozenset()
    """What an advisor needs to be offered its callers."""
    offer_s: int = 20
    """How long a handoff rings at one advisor."""
    max_wait_s: int = 90
    """After this long without an advisor the caller is given a choice."""
    wrap_up_s: int = 300
    """After this long without a form the advisor is ready again."""
    position: int = 0
    """Where it stands on pages, and which of two fitting queues is taken: the lower."""


DEFAULT_QUEUE = Queue(queue_id="default", names={Language.EN: "Everyone", Language.AR: "الجميع"})
"""Of a tenant that has named none: every advisor serves it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """One advisor's presence, as it is at the moment of reading. Times are Unix seconds."""

    advisor_id: str
    state: PresenceState
    since: float
    """When they came into this state."""
    idle_since: float
    """When they last had a call, or became ready: the longest-idle one is offered the next."""
    tab: str | None = None
    """The tab that speaks for them; another of theirs takes over by opening later."""
    expires_at: float = 0.0
    """When the tab is given up, unless it is kept open."""
    handoff_id: str | None = None
    """While RINGING, BUSY or in WRAP_UP."""
    away: AwayReason | None = None
    next_state: PresenceState | None = None
    """What they chose while they had no choice: READY or AWAY, once their call is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TabOpened:
    presence: Presence
    replaced: str | None = None
    """The tab that spoke for them until now and was still open."""


class Presences(Protocol):
    """Where advisors stand. Raises Unavailable("postgres", …). `until` is the Unix time at which a tab expires."""

    async def open_tab(self, tenant_id: str, advisor_id: str, tab: str, until: float) -> TabOpened:
        """Let this tab speak for the advisor. Presence survives a tab that is opened again before it expired;
        after that the advisor is AWAY, unless a call of theirs still goes on."""
        ...

    async def keep_tab(self, tenant_id: str, advisor_id: str, tab: str, until: float) -> bool:
        """Put off, or bring forward, the end of a tab; False when another tab speaks for the advisor."""
        ...

    async def choose(self, tenant_id: str, advisor_id: str, tab: str, state: PresenceState) -> Presence:
        """READY or AWAY, at once or after the call at hand.

        Raises Refused("bad_state") for another state, Refused("tab_replaced") for a tab that doesn't speak for them.
        """
        ...

    async def presence(self, tenant_id: str, advisor_id: str) -> Presence:
        """OFFLINE for somebody who was never there."""
        ...

    async def presences(self, tenant_id: str) -> list[Presence]:
        """Of everybody who was ever there."""
        ...


class Team(Protocol):
    """The tenant's advisors and queues. Raises Unavailable("postgres", …)."""

    async def advisors(self, tenant_id: str) -> list[Advisor]:
        """Users who aren't disabled and may take calls: role advisor and above."""
        ...

    async def advisor(self, tenant_id: str, user_id: str) -> Advisor | None:
        """None for a user who is unknown, disabled, or only a viewer."""
        ...

    async def save_advisor(
        self,
        tenant_id: str,
        user_id: str,
        *,
        languages: frozenset[Language],
        skills: frozenset[str],
        queue_ids: frozenset[str],
    ) -> None:
        """What an existing user can. Raises Rejected for an unknown user."""
        ...

    async def queues(self, tenant_id: str) -> list[Queue]:
        """In order of position; DEFAULT_QUEUE alone when the tenant has named none."""
        ...

    async def save_queue(self, tenant_id: str, queue: Queue) -> None:
        """Insert or replace. Raises Rejected for impossible times."""
        ...

    async def delete_queue(self, tenant_id: str, queue_id: str) -> bool:
        """False when there is none. Who waits in it goes on waiting, under the default's times."""
        ...
