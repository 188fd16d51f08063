"""A campaign's steps over the store and the rules: whom to call now, calling one person, and what became of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from temporalio import activity

from activities.heartbeat import beats, is_called_off
from activities.placing import CallsOut, Placing, RingsAtDesks
from domain.campaigns.book import Campaign, CampaignBook, CampaignState, Claimed, Counts, Settled
from domain.campaigns.contacts import Contact
from domain.campaigns.outcomes import NOTHING_WAS_DIALLED, OF_RESULT, ContactOutcome, again_at
from domain.campaigns.pace import LONGEST_LOOK_S, LOOK_S, Engaged, pause_s, room
from domain.campaigns.plan import Purpose, next_window, opening_for
from domain.desk.people import Presences, PresenceState
from domain.errors import HatifError, NotFound
from domain.handoff import CAMPAIGN, HandoffAsked
from domain.outbound.calling_out import OutboundResult
from domain.ports import Audit, Tenants
from domain.tenant import TenantProfile

LOOKS_A_RUN = 500
"""Then the workflow goes on in a new run: a look and its calls are some twenty events of a history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignStart:
    tenant_id: str
    campaign_id: str
    looks_a_run: int = LOOKS_A_RUN
    state: CampaignState = CampaignState.READY
    """Here and below, as an earlier run left it."""
    paused: bool = False
    not_before: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """`now` is Unix seconds of the workflow's clock."""

    start: CampaignStart
    now: float
    may_begin: bool = True
    """Whether anybody may be dialled at all at this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    dial: Sequence[Claimed] = ()
    """Everybody who is to be dialled: they may be dialled already."""
    again_in_s: float = LOOK_S
    is_done: bool = False
    """Nobody waits, and nobody is being dialled."""
    counts: Counts = field(default_factory=Counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialling:
    start: CampaignStart
    claimed: Claimed
    now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Becoming:
    start: CampaignStart
    state: CampaignState
    now: float


class CampaignActivities:
    def __init__(
        self,
        *,
        book: CampaignBook,
        tenants: Tenants,
        presences: Presences,
        out: CallsOut,
        desks: RingsAtDesks,
        audit: Audit,
    ) -> None:
        self._book = book
        self._tenants = tenants
        self._presences = presences
        self._out = out
        self._placing = Placing(out, desks)
        self._audit = audit

    @property
    def all(self) -> tuple[Callable[..., Any], ...]:
        return (self.look_whom_to_call, self.call_person, self.campaign_becomes)

    @activity.defn
    async def campaign_becomes(self, becoming: Becoming) -> None:
        tenant_id, campaign_id = becoming.start.tenant_id, becoming.start.campaign_id
        await self._book.becomes(tenant_id, campaign_id, becoming.state, becoming.now)
        await self._audit.record(tenant_id, CAMPAIGN, f"campaign_{becoming.state}", campaign_id, {})

    @activity.defn
    async def look_whom_to_call(self, looking: Looking) -> Look:
        """Whom to dial now. Asked again after a crash, it names those whom it named before."""
        tenant_id, campaign_id = looking.start.tenant_id, looking.start.campaign_id
        campaign, profile = await self._campaign(looking.start)
        now = datetime.fromtimestamp(looking.now, UTC)
        opens = next_window(profile, campaign.plan, now)
        may_begin = looking.may_begin and opens is not None and opens <= now
        ready = await self._ready(tenant_id) if may_begin and campaign.plan.to_advisor else 0

        def how_many(engaged: Engaged) -> int:
            return room(campaign.plan, profile.campaign_calls, engaged.with_ready(ready)) if may_begin else 0

        claimed = await self._book.claim(tenant_id, campaign_id, how_many, looking.now)
        counts = await self._book.counts(tenant_id, campaign_id)
        return Look(
            dial=claimed,
            again_in_s=await self._again_in_s(looking, counts, opens),
            is_done=(not counts.waiting and not counts.dialling) or opens is None,
            counts=counts,
        )

    async def _ready(self, tenant_id: str) -> int:
        stand = await self._presences.presences(tenant_id)
        return sum(presence.state is PresenceState.READY for presence in stand)

    async def _again_in_s(self, looking: Looking, counts: Counts, opens: datetime | None) -> float:
        """A call that ends makes room; without any, nothing changes before somebody's time, or the window, has come."""
        if counts.dialling or counts.talking:
            return LOOK_S
        next_at = await self._book.next_at(looking.start.tenant_id, looking.start.campaign_id) or looking.now
        begins = max(next_at, looking.now if opens is None else opens.timestamp())
        return min(LONGEST_LOOK_S, max(LOOK_S, begins - looking.now))

    @activity.defn
    async def call_person(self, dialling: Dialling) -> float:
        """Call one person, and note what became of them; for how many seconds nobody should be dialled then.

        Run again after a crash, it is the same request. Cancelled, what rings is hung up.
        """
        beating = asyncio.create_task(beats())
        try:
            result = await self._called(dialling)
        except asyncio.CancelledError:
            if not is_called_off():
                raise
            result = await self._hung_up(dialling)
        finally:
            beating.cancel()
        return await self._noted(dialling, result)

    async def _called(self, dialling: Dialling) -> OutboundResult | None:
        """None for somebody who has not agreed to be called."""
        tenant_id, claimed = dialling.start.tenant_id, dialling.claimed
        campaign, profile = await self._campaign(dialling.start)
        contact = await self._book.contact(tenant_id, claimed.campaign_id, claimed.position)
        if contact is None or not _may_be_called(campaign, contact):
            return None
        opening = opening_for(campaign.plan, profile, contact.language, contact.fields)
        handoff = HandoffAsked(reason=CAMPAIGN, by=CAMPAIGN) if campaign.plan.to_advisor else None
        return await self._placing.place(tenant_id, claimed.key, contact.number, opening, handoff)

    async def _hung_up(self, dialling: Dialling) -> OutboundResult:
        tenant_id, call_id = dialling.start.tenant_id, dialling.claimed.call_id(dialling.start.tenant_id)
        try:
            with contextlib.suppress(NotFound):  # It is over, or was not even asked for.
                await self._out.stop(tenant_id, call_id)
            return await self._out.result(tenant_id, call_id)
        except HatifError:
            return OutboundResult.STOPPED

    async def _noted(self, dialling: Dialling, result: OutboundResult | None) -> float:
        tenant_id, claimed = dialling.start.tenant_id, dialling.claimed
        if result in NOTHING_WAS_DIALLED:
            await self._book.settle(tenant_id, claimed, Settled(was_dialled=False))
            return pause_s(await self._book.missed(tenant_id, claimed.campaign_id, dialling.now))
        outcome = ContactOutcome.REFUSED if result is None else OF_RESULT[result]
        campaign, profile = await self._campaign(dialling.start)
        now = datetime.fromtimestamp(dialling.now, UTC)
        again = again_at(profile, campaign.plan, outcome, tries=claimed.tries + 1, now=now)
        settled = Settled(
            outcome=outcome,
            again_at=None if again is None else again.timestamp(),
            was_dialled=outcome is not ContactOutcome.REFUSED,
        )
        await self._book.settle(tenant_id, claimed, settled)
        return 0.0

    async def _campaign(self, start: CampaignStart) -> tuple[Campaign, TenantProfile]:
        campaign = await self._book.campaign(start.tenant_id, start.campaign_id)
        profile = await self._tenants.profile(start.tenant_id)
        if campaign is None or profile is None:
            raise NotFound("postgres", "the campaign, or its tenant, is not there any more")
        return campaign, profile


def _may_be_called(campaign: Campaign, contact: Contact) -> bool:
    return campaign.plan.purpose is not Purpose.MARKETING or contact.has_consented
