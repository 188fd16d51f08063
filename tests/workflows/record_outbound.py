"""Records the histories of calls out that test_replay.py replays: python -m tests.workflows.record_outbound [scene …]

When to: see record.py.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

from domain.campaigns.book import CampaignAct, CampaignState
from domain.desk.callbacks import CallbackResult, CallbackState
from domain.outbound.calling_out import OutboundResult
from domain.tenant import CallbackDialling
from storage.migrate import migrate
from tests.conftest import run_apart, running_postgres
from tests.workflows.campaigns import AROUND_THE_CLOCK, Running, campaign
from tests.workflows.desk_side import Desk
from tests.workflows.far_side import open_house, running_temporal
from tests.workflows.promises import Promise, promise
from tests.workflows.record import save
from tests.workflows.trunk_office import ANSWERS, IS_BUSY, RINGS, Office, callbacks_are_dialled, open_office
from workflows.queues import outbound_workflow_id


async def answered(office: Office) -> str:
    return await office.calls.begin(office.house.tenant_id, "answered", ANSWERS)


async def busy(office: Office) -> str:
    """Twice, a minute apart."""
    return await office.calls.begin(office.house.tenant_id, "busy", IS_BUSY, tries=2)


async def stopped(office: Office) -> str:
    call_id = await office.calls.begin(office.house.tenant_id, "stopped", RINGS)
    await office.rings()
    await office.calls.stop(office.house.tenant_id, call_id)
    return call_id


async def unknown(office: Office) -> str:
    """The worker goes away while it rings."""
    call_id = await office.calls.begin(office.house.tenant_id, "unknown", RINGS, tries=2)
    await office.rings()
    await office.stops_dialling()
    return call_id


async def no_line(office: Office) -> str:
    """Nobody is there to dial any more."""
    return await office.calls.begin(office.house.tenant_id, "no line", ANSWERS)


SCENES: tuple[tuple[Callable[[Office], Awaitable[str]], OutboundResult], ...] = (
    (answered, OutboundResult.ANSWERED),
    (busy, OutboundResult.BUSY),
    (stopped, OutboundResult.STOPPED),
    (unknown, OutboundResult.UNKNOWN),
    (no_line, OutboundResult.NO_LINE),
)


async def callback_dialled(desk: Desk) -> Promise:
    """Somebody answers, and the agent talks with them."""
    promised = await promise(desk, number=ANSWERS)
    assert await promised.result() is CallbackResult.REACHED
    return promised


async def callback_dialled_in_vain(desk: Desk) -> Promise:
    """The line is busy; then nobody wants it any more."""
    promised = await promise(desk, number=IS_BUSY)
    await promised.becomes(CallbackState.PROMISED, 1)
    await promised.cancel()
    return promised


async def campaign_finished(office: Office) -> Running:
    """Each look is a run of its own; this is the last."""
    running = await campaign(office, [IS_BUSY], replace(AROUND_THE_CLOCK, tries=1), looks_a_run=1)
    await running.becomes(CampaignState.FINISHED)
    return running


async def campaign_stopped(office: Office) -> Running:
    """Paused and gone on with while it rings."""
    running = await campaign(office, [RINGS, ANSWERS])
    await office.rings()
    for act, state in (
        (CampaignAct.PAUSE, CampaignState.PAUSED),
        (CampaignAct.RESUME, CampaignState.RUNNING),
        (CampaignAct.STOP, CampaignState.STOPPED),
    ):
        await running.ask(act)
        await running.becomes(state)
    return running


CALLBACK_SCENES: tuple[Callable[[Desk], Awaitable[Promise]], ...] = (callback_dialled, callback_dialled_in_vain)
CAMPAIGN_SCENES: tuple[Callable[[Office], Awaitable[Running]], ...] = (campaign_finished, campaign_stopped)
OUTBOUND_SCENES = (
    *(f"outbound_{scene.__name__}" for scene, _ in SCENES),
    *(scene.__name__ for scene in (*CALLBACK_SCENES, *CAMPAIGN_SCENES)),
)


async def record(database_url: str, names: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with (
            running_temporal() as server,
            open_house(server.service_client.config.target_host, database_url) as house,
            open_office(house, Path(folder)) as office,
        ):
            client, codec = await house.connect()
            desk = await Desk.of(house)
            await callbacks_are_dialled(desk, CallbackDialling.AGENT)
            for scene in CALLBACK_SCENES:
                if not names or scene.__name__ in names:
                    promised = await scene(desk)
                    await promised.result()
                    await save(scene.__name__, await promised.handle.fetch_history(), codec)
            for scene in CAMPAIGN_SCENES:
                if not names or scene.__name__ in names:
                    last_run = client.get_workflow_handle((await scene(office)).handle.id)
                    await last_run.result()
                    await save(scene.__name__, await last_run.fetch_history(), codec)
            for scene, result in SCENES:
                name = f"outbound_{scene.__name__}"
                if names and name not in names:
                    continue
                call_id = await scene(office)
                assert await office.calls.result(house.tenant_id, call_id) is result
                history = await client.get_workflow_handle(outbound_workflow_id(call_id)).fetch_history()
                await save(name, history, codec)


if __name__ == "__main__":
    with running_postgres() as postgres:
        run_apart(migrate(postgres.plan.owner_url, postgres.plan.app_password))
        asyncio.run(record(postgres.plan.app_url, sys.argv[1:]))
