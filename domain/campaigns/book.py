"""Where campaigns and their people are kept: the rows, and the port to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from domain.campaigns.contacts import Contact, ContactList, RefusedRow
from domain.campaigns.outcomes import ContactOutcome
from domain.campaigns.pace import Engaged
from domain.campaigns.plan import CampaignPlan
from domain.errors import Refused
from domain.outbound.calling_out import request_of


class CampaignState(StrEnum):
    READY = "ready"
    """Nobody was called yet."""
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINISHED = "finished"
    """Everybody was called, as often as may be."""


class CampaignAct(StrEnum):
    """What may be asked of one."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


def campaign_key(campaign_id: str) -> str:
    """The name in the key ring of the data key that seals a campaign's people, and its workflow's payloads."""
    return f"campaign-{campaign_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Times are Unix seconds."""

    campaign_id: str
    state: CampaignState
    plan: CampaignPlan
    people: int
    created_by: str
    created_at: float
    refused: tuple[RefusedRow, ...] = ()
    """Of the file; the first of them."""
    refused_count: int = 0
    started_at: float | None = None
    ended_at: float | None = None

    def may(self, act: CampaignAct) -> CampaignAct:
        """The act. Raises Refused("campaign_over" | "campaign_not_started")."""
        if self.ended_at is not None:
            raise Refused("campaign_over", "This campaign is over.")
        if self.state is CampaignState.READY and act is not CampaignAct.START:
            raise Refused("campaign_not_started", "This campaign was not started yet.")
        return act


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Of one campaign's people."""

    waiting: int = 0
    dialling: int = 0
    talking: int = 0
    outcomes: dict[ContactOutcome, int] = field(default_factory=dict[ContactOutcome, int])


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """One person to be dialled now; nobody else dials them meanwhile."""

    campaign_id: str
    position: int
    """In the list."""
    asked: int
    """How often a call to them was asked for, this one included."""
    tries: int
    """How often they were dialled before."""

    @property
    def key(self) -> str:
        """The same request, however often it is asked for: it dials once."""
        return f"{campaign_key(self.campaign_id)}/{self.position}/{self.asked}"

    def call_id(self, tenant_id: str) -> str:
        return request_of(tenant_id, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of a claim. Without an outcome and a time nothing was dialled, and they wait as before."""

    outcome: ContactOutcome | None = None
    again_at: float | None = None
    was_dialled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One contact, and what became of them so far."""

    position: int
    contact: Contact
    state: str
    tries: int
    outcome: ContactOutcome | None = None
    called_at: float | None = None
    call_id: str | None = None


class CampaignBook(Protocol):
    """Raises Unavailable("postgres", …). What acts on a campaign that is not there does nothing."""

    async def create(
        self, tenant_id: str, campaign_id: str, plan: CampaignPlan, listed: ContactList, by: str
    ) -> None: ...

    async def campaigns(self, tenant_id: str) -> list[Campaign]:
        """Newest first; the newest hundred."""
        ...

    async def campaign(self, tenant_id: str, campaign_id: str) -> Campaign | None: ...

    async def counts(self, tenant_id: str, campaign_id: str) -> Counts: ...

    async def people(self, tenant_id: str, campaign_id: str, limit: int | None = None) -> list[Person]:
        """In the order of the list."""
        ...

    async def contact(self, tenant_id: str, campaign_id: str, position: int) -> Contact | None: ...

    async def becomes(self, tenant_id: str, campaign_id: str, state: CampaignState, now: float) -> None:
        """One that has ended stays so; whom nobody had begun to call then waits for ever."""
        ...

    async def claim(
        self, tenant_id: str, campaign_id: str, room: Callable[[Engaged], int], now: float
    ) -> list[Claimed]:
        """Everybody who is to be dialled: whom an earlier answer named already, and as many more as there is room for.

        `room` is asked with what is under way at that moment, the advisors apart; one campaign of a tenant asks at a
        time. Calls that have ended are counted as over from here on.
        """
        ...

    async def settle(self, tenant_id: str, claimed: Claimed, settled: Settled) -> None:
        """The first word about a claim counts."""
        ...

    async def missed(self, tenant_id: str, campaign_id: str, now: float) -> int:
        """How often in a row no line was free, this time included; noted."""
        ...

    async def next_at(self, tenant_id: str, campaign_id: str) -> float | None:
        """When the next waiting person may be called; None where nobody waits."""
        ...

    async def opted_out(self, tenant_id: str, call_id: str) -> None:
        """Whoever was called by this call asked not to be called; no campaign's call is ignored."""
        ...

    async def remove(self, tenant_id: str, campaign_id: str) -> None:
        """With its people, and the key of what is in Temporal's histories."""
        ...
