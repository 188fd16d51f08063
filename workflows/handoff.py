"""One handoff: the caller is held, an advisor is found, the two talk, and somebody notes what came of it.

    workflow  HandoffWorkflow(HandoffStart) → HandoffResult, id `handoff-<number>-call-<call id>`, task queue DURABLE
    update    accept(Acceptance) → Accepted       the call is this advisor's, who then joins it
    update    decline(Acceptance)
    update    give_back(GiveBack)                 these three by the advisor who has the call
    update    requeue(Requeue)
    update    finish(advisor id)
    update    wrap_up(WrapUp)                     the form, after an advisor's part
    signal    advisor_available()                 somebody has become ready: look again
    signals from the call: domain/handoff.py

Updates are refused with an ApplicationError whose type is a code of domain/desk/acts.py. A handoff never touches a
line: it tells the call which phase is wanted. What people wrote is in the store; only a note on its way there is here.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from domain.call import Outcome
from domain.desk.acts import Acceptance, Accepted, GiveBack, Requeue, WrapUp
from domain.desk.handoffs import Left, OfferResult
from domain.handoff import HandoffAsked, HandoffResult, HandoffStart
from domain.line import (
    HeldChoice,
    HeldChoiceMade,
    HeldReason,
    PartyJoined,
    PartyLeft,
    PartyRole,
    PhaseKind,
    PhoneMissed,
    ResumeReason,
)
from domain.outbound.dialling import DialState
from workflows import search_attributes as shown
from workflows import timeouts
from workflows.handoff_steps import HandoffSteps
from workflows.offer import CallerIs, Handing, Offer
from workflows.patience import until


@workflow.defn
class HandoffWorkflow:
    @workflow.init
    def __init__(self, start: HandoffStart) -> None:
        because = HeldReason.TAKEN_OVER if start.advisor_id else None
        self._handing = Handing(start=start, urgent=start.urgent, wanted=start.advisor_id, because=because)
        self._steps = HandoffSteps(self._handing)

    @workflow.run
    async def run(self, start: HandoffStart) -> HandoffResult:
        await self._open()
        result: HandoffResult | None = None
        while result is None:
            offer = await self._find_advisor()
            if offer is None:
                result = await self._without_advisor()
            elif await self._is_accepted(offer):
                result = await self._conversation(offer)
        self._handing.result = result
        await self._steps.end(result)
        await self._steps.wrapped_up()
        await until(workflow.all_handlers_finished, timeouts.HANDLERS_GRACE)
        return result

    # ------------------------------------------------------------ the procedure

    async def _open(self) -> None:
        handing = self._handing
        workflow.upsert_search_attributes([shown.TENANT_ID.value_set(handing.start.tenant_id)])  # pyright: ignore[reportUnknownMemberType]
        opened = await self._steps.open()
        handing.terms, handing.language = opened.terms, opened.language

    async def _find_advisor(self) -> Offer | None:
        """Look until somebody rings; None when the caller is gone or chose otherwise, or the house has closed."""
        handing, steps = self._handing, self._steps
        handing.searching_since = workflow.time()
        while not handing.search_is_over:
            wakes = handing.wakes
            await steps.redirect()
            if handing.away:
                await self._adrift()
                continue
            sought = await steps.seek()
            if sought and sought.closed and not sought.somebody:
                return None
            await steps.tell_place(sought)
            if sought and sought.claim:
                return handing.offers[-1]
            await until(lambda: handing.changed_since(wakes), steps.until_next_search())  # noqa: B023
        return None

    async def _adrift(self) -> None:
        """The place is kept, and nobody is offered a caller who may not come back."""
        await self._steps.record_adrift(True)
        await workflow.wait_condition(lambda: not self._handing.away)
        if not self._handing.gone:
            await self._steps.record_adrift(False)

    async def _without_advisor(self) -> HandoffResult | None:
        """None when the caller is asked for a number first, and waits on meanwhile."""
        handing = self._handing
        if handing.gone:
            return HandoffResult.CALLER_GONE
        match handing.choice:
            case None:
                return await self._closed()
            case HeldChoice.CALL_BACK:
                return await self._steps.promise(HandoffResult.CALLBACK_PROMISED)
            case HeldChoice.NEVER_MIND if handing.was_given_the_choice:
                await self._steps.want(PhaseKind.CONVERSE, resumed=ResumeReason.NO_ADVISOR)
                return HandoffResult.NO_ADVISOR
            case HeldChoice.NEVER_MIND:
                await self._steps.want(PhaseKind.CONVERSE, resumed=ResumeReason.NEVER_MIND)
                return HandoffResult.NEVER_MIND
            case HeldChoice.WAIT:
                handing.choice, handing.number_wanted = None, False
                return None

    async def _closed(self) -> HandoffResult:
        """Promise a callback at the opening; a caller without a number is asked for one first."""
        handing, steps = self._handing, self._steps
        result = await steps.promise(HandoffResult.CLOSED)
        if result is None:
            await until(lambda: handing.search_is_over, timeouts.NUMBER_GIVEN)
            if handing.gone:
                return HandoffResult.CALLER_GONE
            if handing.choice is HeldChoice.CALL_BACK:
                result = await steps.promise(HandoffResult.CLOSED)
        if result is None:
            await steps.want(PhaseKind.CONVERSE, resumed=ResumeReason.CLOSED)
        return HandoffResult.CLOSED

    async def _is_accepted(self, offer: Offer) -> bool:
        """Let it ring; whoever does not take it in time is passed over."""
        handing = self._handing

        def withdrawn() -> bool:
            return handing.search_is_over or handing.away or handing.raised is not None

        patience = timedelta(seconds=handing.terms.offer_s)
        if offer.by_phone:
            await self._steps.want(PhaseKind.BRIDGED)
            patience = timeouts.PHONE_RINGS
        await until(lambda: not offer.rings or withdrawn(), patience)
        if offer.answer is OfferResult.ACCEPTED:
            if offer.by_phone:
                await self._steps.record_acceptance(offer)
            return True
        if offer.rings:
            offer.answer = OfferResult.WITHDRAWN if withdrawn() else OfferResult.MISSED
        if offer.answer is not OfferResult.WITHDRAWN:
            handing.wanted = None
            if offer.by_phone:
                handing.because = HeldReason.PHONE_UNANSWERED
        await self._steps.record_passing_over(offer)
        return False

    async def _conversation(self, offer: Offer) -> HandoffResult | None:
        """The advisor and the caller talk until one of them leaves; None when the caller waits for another advisor."""
        steps = self._steps
        await steps.want(PhaseKind.BRIDGED)
        how = await self._parted(offer)
        await steps.let_go(offer, how)
        self._handing.because = _waits_because(how)
        match how:
            case Left.FINISHED | Left.TRANSFERRED:
                return HandoffResult.FINISHED
            case Left.CALLER_LEFT:
                return HandoffResult.CALLER_GONE
            case Left.GAVE_BACK:
                await steps.want(PhaseKind.CONVERSE, resumed=ResumeReason.GIVEN_BACK)
                return HandoffResult.GIVEN_BACK
            case Left.REQUEUED | Left.LOST | Left.NEVER_JOINED:
                return None

    async def _parted(self, offer: Offer) -> Left:
        """Wait until the advisor leaves, the caller is gone, or the advisor's line is gone for too long."""
        handing = self._handing

        def parted() -> bool:
            return offer.left is not None or handing.gone or handing.is_for_somebody_else

        while not parted():
            if offer.is_here and not offer.was_noted:
                offer.was_noted = True
                await self._steps.record_joining(offer)
            elif offer.is_here or handing.away:
                await workflow.wait_condition(lambda: parted() or not (offer.is_here or handing.away))
            else:
                patience = timeouts.ADVISOR_RETURNS if offer.was_noted else timeouts.ADVISOR_JOINS
                if not await until(lambda: parted() or offer.is_here or handing.away, patience):
                    offer.left = Left.LOST if offer.was_noted else Left.NEVER_JOINED
        if offer.left is None:
            offer.left = Left.CALLER_LEFT if handing.gone else Left.REQUEUED
        return offer.left

    # ------------------------------------------------------------ what advisors ask for

    @workflow.update
    async def accept(self, answer: Acceptance) -> Accepted:
        offer = await self._ringing(answer)
        offer.answer = OfferResult.ACCEPTED
        await self._steps.record_acceptance(offer)
        start = self._handing.start
        return Accepted(handoff_id=start.handoff_id, call_id=start.call_id, offer_number=offer.claim.offer_number)

    @accept.validator
    def _may_accept(self, answer: Acceptance) -> None:
        self._handing.may_answer(answer)

    @workflow.update
    async def decline(self, answer: Acceptance) -> None:
        (await self._ringing(answer)).answer = OfferResult.DECLINED

    @decline.validator
    def _may_decline(self, answer: Acceptance) -> None:
        self._handing.may_answer(answer)

    @workflow.update
    async def give_back(self, asked: GiveBack) -> None:
        self._handing.part_of(asked.advisor_id).leave(Left.GAVE_BACK, note=asked.note)

    @give_back.validator
    def _may_give_back(self, asked: GiveBack) -> None:
        self._handing.part_of(asked.advisor_id)

    @workflow.update
    async def requeue(self, asked: Requeue) -> None:
        self._handing.part_of(asked.advisor_id).leave(Left.REQUEUED, note=asked.note, queue_id=asked.queue_id)

    @requeue.validator
    def _may_requeue(self, asked: Requeue) -> None:
        self._handing.part_of(asked.advisor_id)

    @workflow.update
    async def finish(self, advisor_id: str) -> None:
        self._handing.part_of(advisor_id).leave(Left.FINISHED)

    @finish.validator
    def _may_finish(self, advisor_id: str) -> None:
        self._handing.part_of(advisor_id)

    @workflow.update
    async def wrap_up(self, form: WrapUp) -> None:
        """Returns when the form is on record, or soon after."""
        offer = self._handing.form_of(form)
        offer.form = form
        await until(lambda: offer.wrapped_up, timeouts.WRITTEN_SOON)

    @wrap_up.validator
    def _may_wrap_up(self, form: WrapUp) -> None:
        self._handing.form_of(form)

    async def _ringing(self, answer: Acceptance) -> Offer:
        """It rings at the advisor as soon as the store says so, which is a moment before it is known here."""
        await workflow.wait_condition(lambda: not self._handing.seeking)
        return self._handing.offer_rings(answer)

    # ------------------------------------------------------------ what others tell

    @workflow.signal
    def advisor_available(self) -> None:
        self._handing.wakes += 1

    @workflow.signal
    def raised(self, asked: HandoffAsked) -> None:
        """A caller who has an advisor already needs no other, unless one in particular is meant."""
        current = self._handing.current
        if current is None or not current.talks or asked.advisor_id not in (None, current.advisor_id):
            self._handing.raised = asked

    @workflow.signal
    def choice_made(self, made: HeldChoiceMade) -> None:
        """Of a caller who waits: one who has an advisor has nothing to choose."""
        current = self._handing.current
        if current is None or not current.talks:
            self._handing.choice = made.choice

    @workflow.signal
    def party_joined(self, joined: PartyJoined) -> None:
        """Whoever answers the phone extension has taken the call by that."""
        offer = self._handing.current
        if offer and offer.advisor_id == joined.party_id and (offer.talks or offer.by_phone):
            offer.answer = OfferResult.ACCEPTED
            offer.is_here = True

    @workflow.signal
    def party_left(self, gone: PartyLeft) -> None:
        """An advisor who hangs up has finished; one whose line broke may come back."""
        offer = self._handing.current
        if offer and offer.talks and offer.advisor_id == gone.party_id and gone.role is PartyRole.ADVISOR:
            offer.is_here = False
            if not gone.lost:
                offer.leave(Left.FINISHED)
            elif offer.by_phone:
                offer.leave(Left.LOST)  # a phone does not come back by itself

    @workflow.signal
    def phone_missed(self, fact: PhoneMissed) -> None:
        offer = self._handing.current
        if offer and offer.rings and offer.by_phone:
            offer.answer = _MISSED.get(fact.state, OfferResult.MISSED)

    @workflow.signal
    def caller_away(self) -> None:
        if not self._handing.gone:
            self._handing.caller = CallerIs.AWAY

    @workflow.signal
    def caller_back(self) -> None:
        if not self._handing.gone:
            self._handing.caller = CallerIs.HERE

    @workflow.signal
    def caller_gone(self, outcome: Outcome) -> None:
        offer = self._handing.current
        if outcome is Outcome.HANDED_OFF and offer and offer.rings and offer.by_phone:
            # The caller's exchange took the caller there, and told so.
            offer.answer = OfferResult.ACCEPTED
            offer.leave(Left.TRANSFERRED)
        self._handing.caller = CallerIs.GONE


_MISSED = {
    DialState.BUSY: OfferResult.BUSY,
    DialState.REJECTED: OfferResult.DECLINED,
    DialState.UNREACHABLE: OfferResult.UNREACHABLE,
}
"""What a ringing of the phone extension came to."""


def _waits_because(how: Left) -> HeldReason | None:
    match how:
        case Left.REQUEUED:
            return HeldReason.REQUEUED
        case Left.LOST | Left.NEVER_JOINED:
            return HeldReason.ADVISOR_LOST
        case Left.FINISHED | Left.CALLER_LEFT | Left.GAVE_BACK | Left.TRANSFERRED:
            return None
