"""A media worker that answers phones by SIP and whose ears and voice are a speech process, put together for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client
from temporalio.worker import Worker

from activities.message import MessageActivities
from domain.call import Outcome
from domain.speech import Speaker, Turn
from engines.remote.link import SpeechLink
from engines.remote.recogniser import GrpcRecogniser
from engines.remote.voice import GrpcVoice
from engines.silero import SileroActivity
from engines.spoken_values import RuleSpokenValues
from realtime.course.context import DeskSide
from realtime.durable import DurableLines, WorkflowFacts
from realtime.fallback.health import Health, WatchedRecogniser, WatchedVoice, healths
from realtime.line import AnsweringLine
from realtime.lines import Lines
from realtime.organs import Organs, Records, Tapes
from realtime.phone.line import PhoneLine
from realtime.phone.reception import Reception
from realtime.phone.refusals import Refusals
from realtime.recorded import Recorded
from realtime.sip.endpoint import SipEndpoint
from realtime.witness import Witness
from storage.audit import PostgresAudit
from storage.desk.callbacks import PostgresCallbacks
from storage.recordings.reader import SealedRecordings
from storage.recordings.rows import PostgresRecordings
from storage.recordings.writer import RecordingWriter
from storage.spool import TurnSpool
from storage.tenants import PostgresTenants
from tests.conftest import free_port
from tests.realtime.phone.test_sip import open_door
from tests.realtime.plain import MUSIC, PlainBrain
from tests.workflows.far_side import House
from workflows.queues import HEARING


@dataclass
class PhoneWorker:
    house: House
    lines: Lines
    reception: Reception
    port: int
    """Where `sip:demo` is answered."""
    taken: list[str]
    """Its calls."""

    async def receive(self, line: PhoneLine, tenant_id: str, call_id: str) -> None:
        self.taken.append(call_id)
        await self.reception.receive(line, tenant_id, call_id)

    async def turns(self, speaker: Speaker) -> list[Turn]:
        """Of the last call, as they are stored."""
        turns = await self.house.store.turns(self.house.tenant_id, self.taken[-1])
        return [turn for turn in turns if turn.speaker is speaker]


def organs_by(link: SpeechLink, vad: SileroActivity, kept: Path) -> Organs:
    """What calls have found out of its hearing stays so until it hears: on a busy machine the next one comes late."""
    hearing, speaking = Health(clock=lambda: 0.0), healths()
    return Organs(
        vad=vad,
        recogniser=WatchedRecogniser(GrpcRecogniser(link), hearing),
        voice=WatchedVoice(GrpcVoice(link), speaking),
        values=RuleSpokenValues(),
        recorded=Recorded(kept),
        think=lambda _: PlainBrain(),
        music=MUSIC,
        hearing=hearing,
        speaking=speaking,
    )


@asynccontextmanager
async def answering_phones(house: House, organs: Organs, folder: Path) -> AsyncIterator[PhoneWorker]:
    client, _ = await house.connect()
    facts, rows = WorkflowFacts(client), PostgresRecordings(house.database)
    spool, tapes = TurnSpool(house.store, house.keys, folder / "spool"), RecordingWriter(rows, house.keys, folder)
    contacts = PostgresCallbacks(house.database, house.keys)
    lines = Lines(
        slots=1,
        worker="a",
        store=house.store,
        tenants=PostgresTenants(house.database, house.keys),
        records=Records(
            recorder=spool,
            facts=facts,
            witness=Witness(PostgresAudit(house.database, house.keys)),
            desk=DeskSide(contacts=contacts),
            tapes=Tapes(recordings=tapes, consents=rows),
        ),
        organs=organs,
        make_line=_nobody_by_web,
    )
    reception = Reception(
        worker=lines.worker,
        legs=lines.legs,
        calls=await house.gateway(),
        store=house.store,
        contacts=contacts,
        has_room=lines.has_room,
    )
    worker = PhoneWorker(house, lines, reception, free_port(), [])
    durable = DurableLines(client, lines, facts, worker=lines.worker, drain_s=1.0)
    async with AsyncExitStack() as running:
        running.push_async_callback(spool.close)
        running.push_async_callback(tapes.close)
        spool.start()
        tapes.start()
        await running.enter_async_context(_transcribing(client, house, rows, folder, organs))
        serving = asyncio.create_task(durable.run())
        running.push_async_callback(asyncio.wait, [serving])
        running.push_async_callback(durable.drain)
        running.push_async_callback(lines.close, Outcome.ENDED_BY_OPERATOR)
        await running.enter_async_context(_listening(worker, folder / "sip.lock"))
        yield worker


@asynccontextmanager
async def _listening(worker: PhoneWorker, lock: Path) -> AsyncIterator[None]:
    endpoint = SipEndpoint(
        host="127.0.0.1",
        port=worker.port,
        numbers={"demo": worker.house.tenant_id},
        most_calls=1,
        lock=lock,
        receive=worker.receive,
        door=open_door(),
        refusals=Refusals(lambda *line: None),
    )
    endpoint.start()
    try:
        async with asyncio.timeout(60):
            await endpoint.listening.wait()
        yield
    finally:
        await endpoint.close()


def _transcribing(client: Client, house: House, rows: PostgresRecordings, folder: Path, organs: Organs) -> Worker:
    """Beside its calls: it makes words of messages."""
    messages = MessageActivities(house.store, SealedRecordings(rows, house.keys, folder), organs.recogniser)
    return Worker(client, task_queue=HEARING, activities=[messages.transcribe_message])


def _nobody_by_web() -> AnsweringLine:
    raise AssertionError("this worker answers phones only")
