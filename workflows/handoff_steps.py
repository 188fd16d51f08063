"""The steps of a handoff: searching, telling the call, letting an advisor go, and promising a callback."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError
from temporalio.workflow import ParentClosePolicy

from activities.callback import CallbackActivities, Promising
from activities.desk import (
    Adrift,
    DeskActivities,
    Ended,
    LetGo,
    NotAccepted,
    OfOffer,
    Opened,
    Redirected,
    Seeking,
    Sought,
    WrappedUp,
)
from domain.call import workflow_id
from domain.desk.callbacks import CallbackReason
from domain.desk.handoffs import Left
from domain.handoff import HandoffEnded, HandoffResult, PhaseWanted, PromiseCallback
from domain.line import PHONE, HeldReason, PhaseKind, ResumeReason
from workflows import timeouts
from workflows.ledger import Ledger
from workflows.offer import Handing, Offer
from workflows.patience import until
from workflows.queues import CALLBACK_WORKFLOW, DURABLE, callback_workflow_id

FORM_AT_ONCE = "form-at-once"
"""Handoffs that began before lost a form that came before the advisor's leaving was on record."""


class HandoffSteps:
    """Works on what the workflow knows; nothing here decides what comes next."""

    def __init__(self, handing: Handing) -> None:
        self._handing = handing
        self._ledger = Ledger()
        self._wrap_ups: list[asyncio.Task[None]] = []

    # ------------------------------------------------------------ on record

    async def open(self) -> Opened:
        """Have it on record, and its brief being written; a caller for whom this takes long is held meanwhile."""
        opening = workflow.start_activity_method(
            DeskActivities.open_handoff,
            self._handing.start,
            start_to_close_timeout=timeouts.RECORD_ATTEMPT,
            retry_policy=timeouts.RECORD_FOR_SURE,
        )
        if not await until(opening.done, timeouts.OPENED_SOON):
            await self.want(PhaseKind.HELD)
        opened = await opening
        workflow.start_activity_method(
            DeskActivities.write_brief,
            self._handing.start,
            start_to_close_timeout=timeouts.BRIEF_ATTEMPT,
            heartbeat_timeout=timeouts.BRIEF_HEARTBEAT,
            retry_policy=timeouts.BRIEF_LOOK,
        ).add_done_callback(_seen)
        return opened

    async def record_acceptance(self, offer: Offer) -> None:
        await self._ledger.write(
            DeskActivities.accept_offer, OfOffer(handoff=self._handing.of, offer_number=offer.claim.offer_number)
        )

    async def record_joining(self, offer: Offer) -> None:
        await self._ledger.write(
            DeskActivities.note_joined, OfOffer(handoff=self._handing.of, offer_number=offer.claim.offer_number)
        )

    async def record_passing_over(self, offer: Offer) -> None:
        passed = NotAccepted(handoff=self._handing.of, offer_number=offer.claim.offer_number, result=offer.answer)
        await self._ledger.write(DeskActivities.withdraw_offer, passed)

    async def record_adrift(self, adrift: bool) -> None:
        await self._ledger.write(DeskActivities.set_adrift, Adrift(handoff=self._handing.of, adrift=adrift))

    async def redirect(self) -> None:
        """Act on having been asked for again."""
        handing = self._handing
        if (asked := handing.raised) is None:
            return
        handing.raised = None
        handing.urgent = handing.urgent or asked.urgent
        if asked.advisor_id is not None:
            handing.because = HeldReason.TAKEN_OVER
        handing.wanted = asked.advisor_id or handing.wanted
        redirected = Redirected(
            handoff=handing.of, urgent=handing.urgent, queue_id=asked.queue, wanted_advisor=handing.wanted
        )
        await self._ledger.write(DeskActivities.redirect, redirected)

    async def let_go(self, offer: Offer, how: Left) -> None:
        """The advisor's part is over; their form is waited for beside all else."""
        wrap_up = timedelta(seconds=self._handing.terms.wrap_up_s)
        letting = LetGo(
            handoff=self._handing.of,
            offer_number=offer.claim.offer_number,
            how=how,
            wrap_up_until=workflow.time() + wrap_up.total_seconds(),
            note=offer.note,
            queue_id=offer.queue_id,
        )
        await self._ledger.write(DeskActivities.let_go, letting)
        # A form may come while this is being written: it is to be written down as well.
        if offer.owes_form or (offer.has_form and workflow.patched(FORM_AT_ONCE)):
            self._wrap_ups.append(asyncio.create_task(self._wrap_up(offer, wrap_up)))

    async def end(self, result: HandoffResult) -> None:
        await self._tell("handoff_ended", HandoffEnded(handoff_id=self._handing.start.handoff_id, result=result))
        await self._ledger.write(DeskActivities.end_handoff, Ended(handoff=self._handing.of, result=result))

    async def wrapped_up(self) -> None:
        """Wait until every advisor's form is filled in or given up, and everything is on record."""
        for wrapping in self._wrap_ups:
            await wrapping
        await self._ledger.done()

    async def _wrap_up(self, offer: Offer, patience: timedelta) -> None:
        await until(lambda: offer.form is not None, patience)
        offer.form_closed = True
        form = offer.form
        wrapped = WrappedUp(
            handoff=self._handing.of,
            offer_number=offer.claim.offer_number,
            disposition=form.disposition if form else None,
            notes=form.notes if form else None,
        )
        await self._ledger.write(DeskActivities.wrap_up, wrapped)
        offer.wrapped_up = True

    # ------------------------------------------------------------ the search

    async def seek(self) -> Sought | None:
        """One search; None when the database did not answer."""
        handing = self._handing
        handing.seeking = True
        seeking = workflow.start_activity_method(
            DeskActivities.seek_advisor,
            Seeking(handoff=handing.of, offer_number=len(handing.offers) + 1, now=workflow.time()),
            start_to_close_timeout=timeouts.RECORD_ATTEMPT,
            schedule_to_close_timeout=timeouts.SEEK,
            retry_policy=timeouts.SEEK_TRIES,
        )
        if not self._is_held() and not await until(seeking.done, timeouts.OPENED_SOON):
            await self.want(PhaseKind.HELD)
        sought: Sought | None = None
        with contextlib.suppress(ActivityError):
            sought = await seeking
        if sought is not None:
            handing.terms = sought.terms
            if sought.claim is not None:
                handing.offers.append(Offer(claim=sought.claim))
        handing.seeking = False
        return sought

    async def tell_place(self, sought: Sought | None) -> None:
        """To the held caller, with the choice to be called back once nobody is there, or the wait was too long.

        Whom the phone extension is rung for is told that instead.
        """
        if sought is None or (sought.claim is not None and sought.claim.advisor_id == PHONE):
            return
        waited_s = workflow.time() - self._handing.searching_since
        await self.want(
            PhaseKind.HELD,
            position=sought.place.position,
            wait_s=sought.place.wait_s,
            choose=not self._handing.number_wanted
            and sought.claim is None
            and (not sought.somebody or waited_s >= self._handing.terms.max_wait_s),
            number_wanted=self._handing.number_wanted,
        )

    def until_next_search(self) -> timedelta:
        """As long as nothing happens: until the caller is to be given the choice, or a word may have been lost."""
        left_s = self._handing.searching_since + self._handing.terms.max_wait_s - workflow.time()
        return min(timeouts.SEEK_AGAIN, timedelta(seconds=left_s)) if left_s > 0 else timeouts.SEEK_AGAIN

    # ------------------------------------------------------------ to the call

    async def promise(self, result: HandoffResult) -> HandoffResult | None:
        """Somebody will call back: the promise is a workflow of its own, which outlives the call.

        None without a number to call: then the caller is to be asked for one, and nothing is promised. Where the
        tenant promises none the caller is back with the agent, and hears when it opens or that nobody was free.
        """
        start = self._handing.start
        closed = result is HandoffResult.CLOSED
        promise = PromiseCallback(
            call_id=start.call_id,
            tenant_id=start.tenant_id,
            number=start.number,
            reason=CallbackReason.CLOSED if closed else CallbackReason.CALLER_CHOSE,
            language=self._handing.language,
        )
        callback_at: float | None = None
        resumed = ResumeReason.CLOSED if closed else ResumeReason.CALLBACK_PROMISED
        with contextlib.suppress(ActivityError):
            promised = await workflow.execute_activity_method(
                CallbackActivities.promise,
                Promising(promise=promise, now=workflow.time(), needs_number=True),
                start_to_close_timeout=timeouts.RECORD_ATTEMPT,
                schedule_to_close_timeout=timeouts.SEEK,
                retry_policy=timeouts.SEEK_TRIES,
            )
            if promised is None:
                resumed = ResumeReason.NOT_CALLED
            elif promised.off:
                await self.want(PhaseKind.CONVERSE, resumed=resumed if closed else ResumeReason.NO_ADVISOR)
                return result if closed else HandoffResult.NO_ADVISOR
            elif promised.row is None:
                await self._ask_for_number(promised.told_at if closed else None)
                return None
            else:
                callback_at = promised.told_at
        with contextlib.suppress(FailureError):
            await workflow.start_child_workflow(
                CALLBACK_WORKFLOW,
                promise,
                id=callback_workflow_id(start.call_id, start.number),
                task_queue=DURABLE,
                parent_close_policy=ParentClosePolicy.ABANDON,
            )
        await self.want(PhaseKind.CONVERSE, resumed=resumed, callback_at=callback_at)
        return result

    async def _ask_for_number(self, callback_at: float | None) -> None:
        """The place in the queue is kept meanwhile. `callback_at`: when somebody could call, where nobody works now."""
        handing = self._handing
        handing.choice, handing.number_wanted = None, True
        place = handing.phase
        await self.want(
            PhaseKind.HELD,
            position=place.position if place else None,
            wait_s=place.wait_s if place else None,
            number_wanted=True,
            callback_at=callback_at,
        )

    async def want(
        self,
        kind: PhaseKind,
        *,
        position: int | None = None,
        wait_s: int | None = None,
        choose: bool = False,
        number_wanted: bool = False,
        resumed: ResumeReason | None = None,
        callback_at: float | None = None,
    ) -> None:
        """Tell the call which phase is wanted, unless it was told before."""
        wanted = PhaseWanted(
            handoff_id=self._handing.start.handoff_id,
            kind=kind,
            position=position,
            wait_s=wait_s,
            choose=choose,
            because=self._handing.because if kind is PhaseKind.HELD else None,
            number_wanted=number_wanted,
            advisor_id=self._comes() if kind is PhaseKind.BRIDGED else None,
            resumed=resumed,
            callback_at=callback_at,
        )
        if wanted != self._handing.phase:
            self._handing.phase = wanted
            workflow.set_current_details(" · ".join(str(word) for word in (kind, position, resumed) if word))
            await self._tell("phase_wanted", wanted)

    def _comes(self) -> str | None:
        offer = self._handing.current
        return offer.advisor_id if offer else None

    def _is_held(self) -> bool:
        return self._handing.phase is not None and self._handing.phase.kind is PhaseKind.HELD

    async def _tell(self, signal: str, fact: PhaseWanted | HandoffEnded) -> None:
        """A call that is over has nothing more to be told."""
        call = workflow.get_external_workflow_handle(workflow_id(self._handing.start.call_id))
        with contextlib.suppress(FailureError):
            await call.signal(signal, fact)


def _seen(attempt: asyncio.Task[Any]) -> None:
    """A brief that could not be written is missed by nobody but its reader."""
    if not attempt.cancelled():
        attempt.exception()
