"""What a handoff knows of its caller and of the advisors it was offered to, and who may do what with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from activities.desk import OfHandoff, Terms
from domain.desk.acts import FORM_CLOSED, HANDOFF_OVER, NOT_YOURS, OFFER_GONE, Acceptance, WrapUp
from domain.desk.handoffs import Claim, Left, OfferResult
from domain.handoff import HandoffAsked, HandoffResult, HandoffStart, PhaseWanted
from domain.line import PHONE, HeldChoice, HeldReason
from domain.speech import Language
from workflows.live.refusals import refusal


class CallerIs(StrEnum):
    HERE = "here"
    AWAY = "away"
    """Their line is gone, and they may come back."""
    GONE = "gone"
    """The call is over."""


@dataclass(slots=True, kw_only=True)
class Offer:
    """One offer to one advisor, and their part in the call if they take it."""

    claim: Claim
    answer: OfferResult = OfferResult.RINGING
    is_here: bool = False
    """Their audio flows."""
    was_noted: bool = False
    """Their audio has flowed at least once."""
    left: Left | None = None
    note: str | None = None
    queue_id: str | None = None
    form: WrapUp | None = None
    form_closed: bool = False
    """Filled in, or given up."""
    wrapped_up: bool = False

    @property
    def advisor_id(self) -> str:
        return self.claim.advisor_id

    @property
    def by_phone(self) -> bool:
        """Whoever answers the tenant's phone extension, who has no page."""
        return self.advisor_id == PHONE

    @property
    def rings(self) -> bool:
        return self.answer is OfferResult.RINGING

    @property
    def talks(self) -> bool:
        return self.answer is OfferResult.ACCEPTED and self.left is None

    @property
    def owes_form(self) -> bool:
        wraps_up = not self.by_phone and self.left not in (None, Left.NEVER_JOINED)
        return wraps_up and self.form is None and not self.form_closed

    @property
    def has_form(self) -> bool:
        """It was filled in, and is not written down yet."""
        return self.form is not None and not self.form_closed

    def leave(self, how: Left, *, note: str | None = None, queue_id: str | None = None) -> None:
        self.left, self.note, self.queue_id = how, note, queue_id


@dataclass(slots=True, kw_only=True)
class Handing:
    """All that the workflow knows of its handoff."""

    start: HandoffStart
    terms: Terms = field(default_factory=Terms)
    """Of the queue that the caller waits in."""
    language: Language | None = None
    caller: CallerIs = CallerIs.HERE
    choice: HeldChoice | None = None
    offers: list[Offer] = field(default_factory=list[Offer])
    raised: HandoffAsked | None = None
    """Asked for again, and not yet acted upon."""
    urgent: bool = False
    wanted: str | None = None
    """The one person meant."""
    because: HeldReason | None = None
    """Why the caller waits for somebody else than the one they had, or asked for."""
    number_wanted: bool = False
    """A callback was wished for, and there is no number to call."""
    seeking: bool = False
    """A search is under way: its claim may be in the store, and ring, before it is known here."""
    wakes: int = 0
    searching_since: float = 0.0
    phase: PhaseWanted | None = None
    """What the call was last told."""
    result: HandoffResult | None = None

    @property
    def of(self) -> OfHandoff:
        start = self.start
        return OfHandoff(tenant_id=start.tenant_id, call_id=start.call_id, handoff_id=start.handoff_id)

    @property
    def away(self) -> bool:
        return self.caller is CallerIs.AWAY

    @property
    def gone(self) -> bool:
        return self.caller is CallerIs.GONE

    @property
    def search_is_over(self) -> bool:
        return self.gone or self.choice is not None

    @property
    def was_given_the_choice(self) -> bool:
        return self.phase is not None and self.phase.choose

    @property
    def is_for_somebody_else(self) -> bool:
        """While an advisor has the call, somebody else in particular was asked for."""
        return self.raised is not None and self.raised.advisor_id is not None

    def changed_since(self, wakes: int) -> bool:
        """Whether it makes sense to search again before its time."""
        return self.wakes != wakes or self.search_is_over or self.away or self.raised is not None

    @property
    def current(self) -> Offer | None:
        """The offer that rings, or whose advisor has the call."""
        last = self.offers[-1] if self.offers else None
        return last if last is not None and (last.rings or last.talks) else None

    def may_answer(self, answer: Acceptance) -> None:
        """Raises an ApplicationError unless this is, or will be in a moment, the advisor's to answer."""
        if not (self.result is None and self.seeking and answer.offer_number == len(self.offers) + 1):
            self.offer_rings(answer)

    def offer_rings(self, answer: Acceptance) -> Offer:
        """Raises an ApplicationError unless this is the advisor's to answer now."""
        self._refuse_when_over()
        offer, asked = self.current, (answer.advisor_id, answer.offer_number)
        if offer is None or not offer.rings or asked != (offer.advisor_id, offer.claim.offer_number):
            raise refusal(OFFER_GONE, "this offer rings no more, or never rang for this advisor")
        return offer

    def part_of(self, advisor_id: str) -> Offer:
        """Raises an ApplicationError unless this advisor has the call."""
        self._refuse_when_over()
        offer = self.current
        if offer is None or not offer.talks or offer.advisor_id != advisor_id:
            raise refusal(NOT_YOURS, "this advisor does not have the call")
        return offer

    def form_of(self, form: WrapUp) -> Offer:
        """Raises an ApplicationError without an open form of this advisor."""
        for offer in self.offers:
            meant = form.offer_number in (None, offer.claim.offer_number)
            if meant and offer.advisor_id == form.advisor_id and offer.owes_form:
                return offer
        raise refusal(FORM_CLOSED, "there is no open form of this advisor")

    def _refuse_when_over(self) -> None:
        if self.result is not None:
            raise refusal(HANDOFF_OVER, "the handoff is over")
