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

from domain.call import CallState, Outcome
from domain.errors import LineBusy
from domain.handoff import HandoffResult
from domain.line import (
    CallStart,
    HandoffRequested,
    HeldChoice,
    HeldChoiceMade,
    JoinAsked,
    LineProgress,
    Party,
    PartyJoined,
    PartyLeft,
    PartyMode,
    PartyRole,
    PhaseKind,
    ResumeReason,
)
from domain.speech import Language, Speaker, Turn
from storage.migrate import migrate
from tests.conftest import run_apart, running_postgres
from tests.workflows.far_side import SCRIPTED, House, open_house, running_temporal, until
from tests.workflows.media_process import Apart
from tests.workflows.payloads import walk
from tests.workflows.quiet_lines import AGAIN, OFFER
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
    """45 s of waiting for a caller who does not come back, after the last question to a worker that is gone."""
    apart = await _apart(house)
    await (await house.gateway()).connect(start, OFFER)
    apart.signal(signal.SIGKILL)


async def adrift_and_back(house: House, start: CallStart) -> None:
    """Known as lost before the caller comes back; the question to the dead worker would have timed out later."""
    apart = await _apart(house)
    gateway = await house.gateway()
    await gateway.connect(start, OFFER)
    apart.signal(signal.SIGKILL)
    await house.noted(start, CallState.ADRIFT)
    media = await house.media("b")
    await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)
    await asyncio.sleep(3)
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)


async def thawed_adrift(house: House, start: CallStart) -> None:
    """A worker that froze with the question in its hands is asked again, and adopts."""
    apart = await _apart(house)
    await (await house.gateway()).connect(start, OFFER)
    apart.signal(signal.SIGSTOP)
    await house.lines_scheduled(start, 4)
    apart.signal(signal.SIGCONT)
    await house.noted(start, CallState.TALKING)
    await (await house.gateway()).end(start.tenant_id, start.call_id, Outcome.CALLER_HUNG_UP)


async def held_killed_bridged(house: House, start: CallStart) -> None:
    """A handoff whose caller is held, loses the worker, comes back held, is bridged, and given back."""
    apart = await _apart(house)
    gateway = await house.gateway()
    await gateway.connect(start, OFFER)
    handoff = await house.handoff(start)
    await handoff.wants(PhaseKind.HELD, position=2, wait_s=60)
    await house.noted(start, CallState.HELD)
    apart.signal(signal.SIGKILL)
    await apart.ended()
    media = await house.media("b")
    again = await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)
    await handoff.wants(PhaseKind.BRIDGED)
    sara = Party(party_id="sara", role=PartyRole.ADVISOR)
    await gateway.join(start.tenant_id, start.call_id, JoinAsked(party=sara, offer=OFFER))
    media.facts.told(start.call_id, PartyJoined(lease=again.lease, party_id="sara", role=PartyRole.ADVISOR))
    await gateway.set_party_mode(start.tenant_id, start.call_id, "sara", PartyMode.LISTEN)
    await gateway.guide(start.tenant_id, start.call_id, "Be brief.")
    await gateway.leave(start.tenant_id, start.call_id, "sara")
    media.facts.told(start.call_id, PartyLeft(lease=again.lease, party_id="sara", role=PartyRole.ADVISOR, lost=False))
    assert await media.facts.flush(10)
    await handoff.wants(PhaseKind.CONVERSE, resumed=ResumeReason.GIVEN_BACK)
    await handoff.ends(HandoffResult.GIVEN_BACK)
    await asyncio.sleep(4)
    await media.lines.end(start.call_id, Outcome.AGENT_SAID_GOODBYE)


async def handed_off(house: House, start: CallStart) -> None:
    """Asked for in words, again and urgently; the advisor ends the call."""
    media = await house.media("a")
    await (await house.gateway()).connect(start, OFFER)
    for seq, urgent in ((2, False), (2, False), (4, True)):
        asked = HandoffRequested(lease=1, seq=seq, reason="asked_for_person", language=Language.EN, urgent=urgent)
        media.facts.told(start.call_id, asked)
    handoff = await house.handoff_at_work(start, 1)
    await handoff.wants(PhaseKind.HELD, choose=True)
    media.facts.told(start.call_id, HeldChoiceMade(lease=1, phase_number=1, choice=HeldChoice.NEVER_MIND))
    assert await media.facts.flush(10)
    await handoff.wants(PhaseKind.BRIDGED)
    await handoff.ends(HandoffResult.FINISHED)


async def handoff_failed(house: House, start: CallStart) -> None:
    media = await house.media("a")
    await (await house.gateway()).connect(start, OFFER)
    handoff = await house.handoff(start)
    await handoff.wants(PhaseKind.HELD)
    await handoff.breaks()
    await until(lambda: media.lines.lines[start.call_id].phase.number == 2)
    await media.lines.end(start.call_id, Outcome.CALLER_HUNG_UP)


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
    await gateway.reconnect(start.tenant_id, start.call_id, AGAIN)
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
    scene.__name__: scene
    for scene in (
        connect_and_hang_up,
        busy,
        lost,
        adopted,
        reconnected,
        overtaken,
        adrift_and_back,
        thawed_adrift,
        held_killed_bridged,
        handed_off,
        handoff_failed,
    )
}


async def _apart(house: House) -> Apart:
    apart = await Apart.start(house.address, house.database_url, house.master, "apart")
    house.running.push_async_callback(apart.stop)
    return apart


async def record(database_url: str) -> None:
    for name, scene in SCENES.items():
        async with (
            running_temporal() as client,
            open_house(client.service_client.config.target_host, database_url, SCRIPTED) as house,
        ):
            start = await house.a_call()
            await scene(house, start)
            workflow = await house.workflow(start)
            await workflow.result()
            await save(name, await workflow.fetch_history(), EncryptionCodec(house.keys))
            if name == "connect_and_hang_up":
                after = (await house.connect())[0].get_workflow_handle(post_call_workflow_id(start.call_id))
                await after.result()
                await save("post_call", await after.fetch_history(), EncryptionCodec(house.keys))


async def save(name: str, history: WorkflowHistory, codec: EncryptionCodec) -> None:
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
