"""Records the histories that test_replay.py replays: python -m tests.workflows.record

Released workflows must replay what earlier releases began. Record after a change that replay cannot follow, and only
if no call of the earlier code can be alive any more; otherwise the change needs `workflow.patched`.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

from google.protobuf.json_format import MessageToDict
from temporalio.api.history.v1 import History
from temporalio.client import WorkflowHistory

from domain.call import Outcome
from domain.errors import LineBusy
from domain.line import CallStart, LineProgress
from domain.speech import Language, Speaker, Turn
from storage.migrate import migrate
from tests.conftest import run_apart, running_postgres
from tests.workflows.far_side import House, open_house, running_temporal
from tests.workflows.media_process import Apart
from tests.workflows.payloads import walk
from tests.workflows.quiet_lines import OFFER
from workflows.codec import EncryptionCodec
from workflows.queues import post_call_workflow_id

HISTORIES = Path(__file__).with_name("histories")


async def connect_and_hang_up(house: House, start: CallStart) -> None:
    media = await house.media("a")
    gateway = await house.gateway()
    await gateway.connect(start, OFFER)
    for turns in (1, 2):
        said = Turn(seq=turns, speaker=Speaker.CALLER, text="-", language=Language.EN, started_ms=0, ended_ms=9)
        await house.store.record_turn(start.tenant_id, start.call_id, said)
        media.facts.progressed(start.call_id, LineProgress(lease=1, turns=turns, language=Language.EN))
    assert await media.facts.flush(10)
    await gateway.end(start.tenant_id, start.call_id, Outcome.CALLER_HUNG_UP)


async def busy(house: House, start: CallStart) -> None:
    try:
        await (await house.gateway()).connect(start, OFFER)
    except LineBusy:
        return
    raise AssertionError("somebody opened the line")


async def lost(house: House, start: CallStart) -> None:
    apart = await _apart(house)
    await (await house.gateway()).connect(start, OFFER)
    apart.signal(signal.SIGKILL)


async def adopted(house: House, start: CallStart) -> None:
    apart = await _apart(house)
    await (await house.gateway()).connect(start, OFFER)
    apart.signal(signal.SIGSTOP)
    await house.lines_scheduled(start, 2)
    apart.signal(signal.SIGCONT)
    await house.lease_taken(start, 2)
    await (await house.gateway()).end(start.tenant_id, start.call_id, Outcome.CALLER_HUNG_UP)


async def reconnected(house: House, start: CallStart) -> None:
    """The killed worker's activity would have timed out later: its lease was cancelled before."""
    apart = await _apart(house)
    gateway = await house.gateway()
    await gateway.connect(start, OFFER)
    apart.signal(signal.SIGKILL)
    await apart.ended()
    media = await house.media("b")
    await gateway.reconnect(start.tenant_id, start.call_id, OFFER)
    await asyncio.sleep(4)
    await media.lines.end(start.call_id, Outcome.AGENT_SAID_GOODBYE)


async def overtaken(house: House, start: CallStart) -> None:
    """The first lease is taken by a worker that stays silent; its timeout comes late, after it was cancelled."""
    silent = await house.media("silent", slots=1)
    silent.lines.stuck = True
    connecting = asyncio.create_task((await house.gateway()).connect(start, OFFER))
    await silent.lines.was_tried.wait()
    media = await house.media("b")
    await connecting
    await media.lines.end(start.call_id, Outcome.CALLER_SILENT)


SCENES: dict[str, Callable[[House, CallStart], Awaitable[None]]] = {
    scene.__name__: scene for scene in (connect_and_hang_up, busy, lost, adopted, reconnected, overtaken)
}


async def _apart(house: House) -> Apart:
    apart = await Apart.start(house.address, house.database_url, house.master, "apart")
    house.running.push_async_callback(apart.stop)
    return apart


async def record(database_url: str) -> None:
    for name, scene in SCENES.items():
        async with (
            running_temporal() as client,
            open_house(client.service_client.config.target_host, database_url) as house,
        ):
            start = await house.a_call()
            await scene(house, start)
            workflow = await house.workflow(start)
            await workflow.result()
            await _save(name, await workflow.fetch_history(), EncryptionCodec(house.keys))
            if name == "connect_and_hang_up":
                after = (await house.connect())[0].get_workflow_handle(post_call_workflow_id(start.call_id))
                await after.result()
                await _save("post_call", await after.fetch_history(), EncryptionCodec(house.keys))


async def _save(name: str, history: WorkflowHistory, codec: EncryptionCodec) -> None:
    """In the clear: these calls never were, and their keys are gone."""
    events = History(events=history.events)
    for payload in walk(events):
        payload.CopyFrom((await codec.decode([payload]))[0])
    written = json.dumps(MessageToDict(events), ensure_ascii=False, indent=1)
    for private in (socket.gethostname(), str(os.getpid())):
        written = written.replace(private, "host")
    HISTORIES.mkdir(exist_ok=True)
    (HISTORIES / f"{name}.json").write_text(written + "\n")
    print(f"{name}: {len(history.events)} events")


if __name__ == "__main__":
    with running_postgres() as postgres:
        run_apart(migrate(postgres.plan.owner_url, postgres.plan.app_password))
        asyncio.run(record(postgres.plan.app_url))
