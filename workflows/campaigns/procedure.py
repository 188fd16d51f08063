"""A campaign: everybody on its list is called once, as fast as it may, until nobody waits any more.

    workflow  CampaignWorkflow(CampaignStart), id `campaign-<campaign id>`, task queue DURABLE
    signal    pause, resume      who is being called is called on
    signal    stop               what rings is hung up; calls that were answered go on
    query     progress → Counts  as of the last look

A call is an OutboundCallWorkflow's, asked for by a key of its person's: however often a step runs, nobody is dialled
twice for it. Whom to call is in the store.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError
from temporalio.workflow import ActivityCancellationType

from activities.campaign import Becoming, CampaignActivities, CampaignStart, Dialling, Look, Looking
from domain.campaigns.book import CampaignState, Claimed, Counts
from domain.campaigns.pace import LONGEST_LOOK_S, LONGEST_PAUSE_S
from workflows import search_attributes as shown
from workflows import timeouts
from workflows.patience import until


@workflow.defn
class CampaignWorkflow:
    @workflow.init
    def __init__(self, start: CampaignStart) -> None:
        self._start = start
        self._paused = start.paused
        self._stopped = False
        self._not_before = start.not_before
        self._changes = 0
        """What was signalled, and who was called, so far."""
        self._counts = Counts()
        self._state = start.state
        self._looks = 0
        self._calling: dict[tuple[int, int], workflow.ActivityHandle[float]] = {}
        self._noting: set[asyncio.Task[None]] = set()

    @workflow.run
    async def run(self, start: CampaignStart) -> None:
        workflow.upsert_search_attributes([shown.TENANT_ID.value_set(start.tenant_id)])  # pyright: ignore[reportUnknownMemberType]
        while not self._stopped:
            changes = self._changes
            await self._stands(CampaignState.PAUSED if self._paused else CampaignState.RUNNING)
            look = await self._look()
            for claimed in look.dial if not self._stopped else ():
                self._call(claimed)
            if look.is_done and not self._calling:
                await self._stands(CampaignState.FINISHED)
                return
            await until(lambda: self._changes != changes, self._patience(look))  # noqa: B023
            if self._looks >= start.looks_a_run:
                await self._continue_as_new()
        await self._hang_up()
        await self._stands(CampaignState.STOPPED)

    @workflow.signal
    def pause(self) -> None:
        self._paused = True
        self._changes += 1

    @workflow.signal
    def resume(self) -> None:
        self._paused, self._not_before = False, 0.0
        self._changes += 1

    @workflow.signal
    def stop(self) -> None:
        self._stopped = True
        self._changes += 1

    @workflow.query
    def progress(self) -> Counts:
        return self._counts

    # ------------------------------------------------------------ its steps

    async def _look(self) -> Look:
        now = workflow.time()
        may_begin = not self._paused and now >= self._not_before
        look = await workflow.execute_activity_method(
            CampaignActivities.look_whom_to_call,
            Looking(start=self._start, now=now, may_begin=may_begin),
            start_to_close_timeout=timeouts.CAMPAIGN_LOOK,
            retry_policy=timeouts.POLICY_FOR_SURE,
        )
        self._looks += 1
        self._counts = look.counts
        done = sum(look.counts.outcomes.values())
        workflow.set_current_details(f"{self._state} · {done} called · {look.counts.waiting} waiting")
        return look

    def _call(self, claimed: Claimed) -> None:
        which = (claimed.position, claimed.asked)
        if which in self._calling:
            return
        self._calling[which] = workflow.start_activity_method(
            CampaignActivities.call_person,
            Dialling(start=self._start, claimed=claimed, now=workflow.time()),
            start_to_close_timeout=timeouts.DIALLED_OUT,
            heartbeat_timeout=timeouts.DIAL_HEARTBEAT,
            retry_policy=timeouts.POLICY_FOR_SURE,
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )
        self._noting.add(asyncio.create_task(self._called(which)))

    async def _called(self, which: tuple[int, int]) -> None:
        try:
            pause_s = await self._calling[which]
            if pause_s:
                self._not_before = max(self._not_before, workflow.time() + pause_s)
        except ActivityError:
            self._not_before = max(self._not_before, workflow.time() + LONGEST_PAUSE_S)
        finally:
            del self._calling[which]
            self._changes += 1

    async def _stands(self, state: CampaignState) -> None:
        if self._state is state:
            return
        self._state = state
        workflow.upsert_search_attributes([shown.CALL_STATE.value_set(state)])  # pyright: ignore[reportUnknownMemberType]
        await workflow.execute_activity_method(
            CampaignActivities.campaign_becomes,
            Becoming(start=self._start, state=state, now=workflow.time()),
            start_to_close_timeout=timeouts.RECORD_ATTEMPT,
            retry_policy=timeouts.POLICY_FOR_SURE,
        )

    async def _hang_up(self) -> None:
        for calling in self._calling.values():
            calling.cancel()
        await workflow.wait_condition(lambda: not self._calling)

    async def _continue_as_new(self) -> None:
        """Once nobody is being dialled: what is under way belongs to this run."""
        await workflow.wait_condition(lambda: not self._calling or self._stopped)
        if not self._stopped:
            going_on = replace(self._start, paused=self._paused, not_before=self._not_before, state=self._state)
            workflow.continue_as_new(going_on)

    def _patience(self, look: Look) -> timedelta:
        if self._paused and not self._calling:
            return timedelta(seconds=LONGEST_LOOK_S)
        return timedelta(seconds=max(look.again_in_s, self._not_before - workflow.time()))
