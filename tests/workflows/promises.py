"""Promised callbacks of a shop that is open on every day but Friday, on a server that skips time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from domain.call import Outcome
from domain.desk.callbacks import CallbackReason, CallbackResult, CallbackRow, CallbackState
from domain.handoff import PromiseCallback
from domain.line import CallStart
from domain.tenant import OpenHours
from tests.workflows.desk_side import Desk, eventually
from tests.workflows.far_side import House
from workflows.callback import CallbackWorkflow
from workflows.queues import DURABLE, callback_workflow_id

DUBAI = ZoneInfo("Asia/Dubai")
NUMBER = "+971501234567"
SARA, OMAR = "sara", "omar"


@dataclass
class Skipping:
    """A house whose Temporal skips the time in which nothing happens."""

    house: House
    server: WorkflowEnvironment

    async def passes(self, time: timedelta) -> None:
        await self.server.sleep(time)

    async def now(self) -> datetime:
        return await self.server.get_current_time()


class Promise:
    """One callback of a call that is over, and its workflow."""

    def __init__(self, desk: Desk, start: CallStart, handle: WorkflowHandle[CallbackWorkflow, CallbackResult]) -> None:
        self.desk, self.start, self.handle = desk, start, handle
        self.id = f"{start.call_id}-1"

    async def row(self) -> CallbackRow:
        row = await self.desk.callbacks.callback(self.desk.tenant_id, self.id)
        assert row is not None
        return row

    async def becomes(self, state: CallbackState, tries: int = 0) -> CallbackRow:
        async def is_so() -> bool:
            row = await self.desk.callbacks.callback(self.desk.tenant_id, self.id)
            return row is not None and (row.state, row.tries) == (state, tries)

        await eventually(is_so)
        return await self.row()

    async def claim(self, advisor_id: str = SARA) -> None:
        await self.desk.requests.claim_callback(self.desk.tenant_id, self.id, advisor_id)

    async def fails(self, advisor_id: str = SARA) -> None:
        await self.desk.requests.callback_failed(self.desk.tenant_id, self.id, advisor_id)

    async def done(self, advisor_id: str = SARA) -> None:
        await self.desk.requests.callback_done(self.desk.tenant_id, self.id, advisor_id)

    async def cancel(self) -> None:
        await self.desk.requests.cancel_callback(self.desk.tenant_id, self.id, SARA)

    async def result(self) -> CallbackResult:
        async with asyncio.timeout(60):
            return await self.handle.result()


async def a_shop_at_noon(skipping: Skipping) -> Desk:
    """Open from 9 to 5; it is noon on a Monday."""
    desk = await Desk.of(skipping.house)
    profile = await desk.tenants.profile(desk.tenant_id)
    assert profile is not None
    hours = tuple(OpenHours(weekday=day, opens="09:00", closes="17:00") for day in (0, 1, 2, 3, 5, 6))
    await desk.tenants.save(replace(profile, hours=hours))
    await until(skipping, weekday=0, hour=12)
    return desk


async def until(skipping: Skipping, *, weekday: int, hour: int) -> datetime:
    now = (await skipping.now()).astimezone(DUBAI)
    wanted = (now + timedelta(days=(weekday - now.weekday()) % 7)).replace(hour=hour, minute=0, second=0, microsecond=0)
    if wanted <= now:
        wanted += timedelta(days=7)
    await skipping.passes(wanted - now)
    return wanted


async def promise(
    desk: Desk, *, number: str | None = NUMBER, over: bool = True, reason: str = CallbackReason.CALLER_CHOSE
) -> Promise:
    start = await desk.house.a_call()
    if number:
        await desk.callbacks.note_contact(desk.tenant_id, start.call_id, number)
    if over:
        await desk.house.store.end_call(start.tenant_id, start.call_id, Outcome.CALLER_HUNG_UP)
    client, codec = await desk.house.connect()
    codec.know(start.tenant_id, start.call_id)
    handle = await client.start_workflow(
        CallbackWorkflow.run,
        PromiseCallback(call_id=start.call_id, tenant_id=start.tenant_id, number=1, reason=reason),
        id=callback_workflow_id(start.call_id, 1),
        task_queue=DURABLE,
    )
    return Promise(desk, start, handle)
