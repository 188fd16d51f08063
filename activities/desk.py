"""The steps of a handoff: it is opened, offered, taken, let go, wrapped up and ended, each in the store.

Every one is idempotent. The desk's pages are told of each change by a live event: an id and a code.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.brief import BriefWriter
from domain.desk.brief import CallerFacts
from domain.desk.customer import CustomerRecords
from domain.desk.handoffs import (
    DESK_CHANGED,
    DESK_RINGS,
    PHONE_RINGS_S,
    Claim,
    Handoffs,
    HandoffWaker,
    Left,
    NewHandoff,
    OfferResult,
    Place,
)
from domain.desk.people import DEFAULT_QUEUE, Queue, Team
from domain.desk.queueing import queue_for
from domain.errors import HatifError, NotFound
from domain.handoff import HandoffStart
from domain.hours import next_opening, open_at
from domain.outbound.opening import Openings
from domain.ports import CallStore, LanguageModel, LiveFeed, Tenants
from domain.speech import Language
from domain.tenant import TenantProfile

BRIEF_LOOKS = 5
"""A turn is stored within milliseconds; while the database is away, a brief without it is better than none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The times of the queue that a handoff waits in."""

    offer_s: int = DEFAULT_QUEUE.offer_s
    max_wait_s: int = DEFAULT_QUEUE.max_wait_s
    wrap_up_s: int = DEFAULT_QUEUE.wrap_up_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    language: Language
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class OfHandoff:
    tenant_id: str
    call_id: str
    handoff_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeking:
    handoff: OfHandoff
    offer_number: int
    now: float
    """Unix seconds of the workflow's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Whom a search found: somebody who rings now, be it the phone extension, or nobody."""

    claim: Claim | None
    place: Place
    somebody: bool
    """A fitting advisor is at work, if not free."""
    closed: bool
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class OfOffer:
    handoff: OfHandoff
    offer_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAccepted:
    handoff: OfHandoff
    offer_number: int
    result: OfferResult


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGo:
    """An advisor has let a caller go; a `note` is for whoever has them next, a `queue_id` for where they wait."""

    handoff: OfHandoff
    offer_number: int
    how: Left
    wrap_up_until: float
    note: str | None = None
    queue_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedUp:
    handoff: OfHandoff
    offer_number: int
    disposition: str | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirected:
    handoff: OfHandoff
    urgent: bool
    queue_id: str | None = None
    wanted_advisor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adrift:
    handoff: OfHandoff
    adrift: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    handoff: OfHandoff
    result: str


class DeskActivities:
    def __init__(
        self,
        *,
        handoffs: Handoffs,
        team: Team,
        tenants: Tenants,
        calls: CallStore,
        feed: LiveFeed,
        waker: HandoffWaker,
        facts: CallerFacts | None = None,
        customers: CustomerRecords | None = None,
        openings: Openings | None = None,
        model: LanguageModel | None = None,
        one_at_a_time: asyncio.Semaphore | None = None,
    ) -> None:
        """For `facts` and what follows, see BriefWriter."""
        self._handoffs = handoffs
        self._team = team
        self._tenants = tenants
        self._calls = calls
        self._feed = feed
        self._waker = waker
        self._briefs = BriefWriter(
            handoffs, facts=facts, customers=customers, openings=openings, model=model, one_at_a_time=one_at_a_time
        )

    @property
    def all(self) -> tuple[Callable[..., Any], ...]:
        return (
            self.open_handoff,
            self.write_brief,
            self.seek_advisor,
            self.accept_offer,
            self.note_joined,
            self.withdraw_offer,
            self.let_go,
            self.wrap_up,
            self.redirect,
            self.set_adrift,
            self.end_handoff,
        )

    @activity.defn
    async def open_handoff(self, start: HandoffStart) -> Opened:
        profile = await self._profile(start.tenant_id)
        language = start.language or profile.default_language
        queues = await self._team.queues(start.tenant_id)
        queue = queue_for(queues, wanted=start.queue, language=language)
        await self._handoffs.open(
            start.tenant_id,
            NewHandoff(
                handoff_id=start.handoff_id,
                call_id=start.call_id,
                number=start.number,
                reason=start.reason,
                urgent=start.urgent,
                by=start.by,
                language=language,
                queue_id=queue.queue_id,
                wanted_advisor=start.advisor_id,
            ),
        )
        await self._tell(start.tenant_id, start.call_id, DESK_CHANGED)
        return Opened(language=language, terms=_terms(queue))

    @activity.defn
    async def write_brief(self, start: HandoffStart) -> None:
        """Fails, to be asked again, while the turn that led here is not in the store yet."""
        turns = await self._calls.turns(start.tenant_id, start.call_id)
        attempt = activity.info().attempt
        if start.seq is not None and not any(turn.seq >= start.seq for turn in turns) and attempt < BRIEF_LOOKS:
            raise ApplicationError("the turn that led here is not stored yet", type="TurnsMissing")
        profile = await self._profile(start.tenant_id)

        async def shown() -> None:
            await self._tell(start.tenant_id, start.call_id, DESK_CHANGED)

        await self._briefs.write(start, turns, profile.default_language, shown)

    @activity.defn
    async def seek_advisor(self, seeking: Seeking) -> Sought:
        handoff = seeking.handoff
        profile = await self._profile(handoff.tenant_id)
        closed = _closed(profile, seeking.now)
        at = (handoff.tenant_id, handoff.handoff_id, seeking.offer_number)
        claim = await self._handoffs.claim_next(*at)
        if claim is None and profile.transfer is not None and not closed:
            claim = await self._handoffs.claim_phone(*at, PHONE_RINGS_S)
        if claim is not None:
            await self._tell(handoff.tenant_id, handoff.call_id, DESK_RINGS)
        return Sought(
            claim=claim,
            place=await self._handoffs.place(handoff.tenant_id, handoff.handoff_id),
            somebody=claim is not None or await self._handoffs.somebody(handoff.tenant_id, handoff.handoff_id),
            closed=closed,
            terms=_terms(await self._handoffs.queue_of(handoff.tenant_id, handoff.handoff_id)),
        )

    @activity.defn
    async def accept_offer(self, offer: OfOffer) -> None:
        await self._handoffs.accepted(offer.handoff.tenant_id, offer.handoff.handoff_id, offer.offer_number)
        await self._changed(offer.handoff)

    @activity.defn
    async def note_joined(self, offer: OfOffer) -> None:
        await self._handoffs.joined(offer.handoff.tenant_id, offer.handoff.handoff_id, offer.offer_number)
        await self._changed(offer.handoff)

    @activity.defn
    async def withdraw_offer(self, offer: NotAccepted) -> None:
        handoff = offer.handoff
        await self._handoffs.not_accepted(handoff.tenant_id, handoff.handoff_id, offer.offer_number, offer.result)
        await self._changed(handoff)
        await self._waker.advisor_available(handoff.tenant_id)

    @activity.defn
    async def let_go(self, letting: LetGo) -> None:
        handoff = letting.handoff
        if letting.note:
            await self._handoffs.save_note(handoff.tenant_id, handoff.handoff_id, letting.offer_number, letting.note)
        await self._handoffs.left(
            handoff.tenant_id,
            handoff.handoff_id,
            letting.offer_number,
            letting.how,
            letting.wrap_up_until,
            letting.queue_id,
        )
        await self._changed(handoff)

    @activity.defn
    async def wrap_up(self, form: WrappedUp) -> None:
        handoff = form.handoff
        await self._handoffs.wrapped_up(
            handoff.tenant_id, handoff.handoff_id, form.offer_number, form.disposition, form.notes
        )
        await self._changed(handoff)
        await self._waker.advisor_available(handoff.tenant_id)

    @activity.defn
    async def redirect(self, asked: Redirected) -> None:
        await self._handoffs.redirect(
            asked.handoff.tenant_id,
            asked.handoff.handoff_id,
            urgent=asked.urgent,
            queue_id=asked.queue_id,
            wanted_advisor=asked.wanted_advisor,
        )
        await self._changed(asked.handoff)

    @activity.defn
    async def set_adrift(self, standing: Adrift) -> None:
        await self._handoffs.set_adrift(standing.handoff.tenant_id, standing.handoff.handoff_id, standing.adrift)
        await self._changed(standing.handoff)

    @activity.defn
    async def end_handoff(self, ending: Ended) -> None:
        await self._handoffs.ended(ending.handoff.tenant_id, ending.handoff.handoff_id, ending.result)
        await self._changed(ending.handoff)
        await self._waker.advisor_available(ending.handoff.tenant_id)

    async def _profile(self, tenant_id: str) -> TenantProfile:
        profile = await self._tenants.profile(tenant_id)
        if profile is None:
            raise NotFound("postgres", f"there is no tenant {tenant_id}")
        return profile

    async def _changed(self, handoff: OfHandoff) -> None:
        await self._tell(handoff.tenant_id, handoff.call_id, DESK_CHANGED)

    async def _tell(self, tenant_id: str, call_id: str, event: str) -> None:
        """Pages that miss an event look again by themselves."""
        with contextlib.suppress(HatifError):
            await self._feed.publish(tenant_id, call_id, event)


def _closed(profile: TenantProfile, now: float) -> bool:
    """A tenant that has told no hours is never closed."""
    at = datetime.fromtimestamp(now, UTC)
    return open_at(profile, at) is None and next_opening(profile, at) is not None


def _terms(queue: Queue) -> Terms:
    return Terms(offer_s=queue.offer_s, max_wait_s=queue.max_wait_s, wrap_up_s=queue.wrap_up_s)
