"""The media process: takes lines from the shared queue and talks on them, until it is told to drain."""

from __future__ import annotations

import asyncio
import os
import signal
import socket

import structlog
from aiortc import RTCIceServer
from temporalio.client import Client
from temporalio.worker import Worker

from activities.message import MessageActivities
from domain.accounts import Accounts
from domain.addresses import is_loopback
from domain.call import Outcome
from engines.openai_llm import OpenAiModel
from realtime.course.context import DeskSide
from realtime.durable import DurableLines, WorkflowActions, WorkflowFacts
from realtime.lines import Lines
from realtime.organs import Records, Tapes
from realtime.webrtc import WebRtcLine, listen_on_loopback
from realtime.witness import Witness
from storage.accounts import PostgresAccounts
from storage.audit import PostgresAudit
from storage.calls import PostgresCalls
from storage.desk.callbacks import PostgresCallbacks
from storage.desk.reading import PostgresDesk
from storage.keys import PostgresKeyRing, master_key
from storage.outbound import PostgresDialBook
from storage.recordings.reader import SealedRecordings
from storage.recordings.rows import PostgresRecordings
from storage.recordings.writer import RecordingWriter
from storage.session import Database
from storage.spool import TurnSpool
from storage.tenants import PostgresTenants
from storage.voices import PostgresVoices
from workers.embedded_postgres import app_url
from workers.knowledge.access import knowledge_of
from workers.phone.entrance import phone_entrance
from workers.process import notify
from workers.process.lifeline import leave
from workers.process.main import run
from workers.settings import Settings, ice_server_list
from workers.threads.minds import model_of
from workers.vendors.crm import ConnectedCrms
from workers.vendors.sources import sources_of
from workers.wiring import keep_sentences, organs, warm_prompts
from workflows.calls import Calls
from workflows.codec import EncryptionCodec
from workflows.converter import connect
from workflows.queues import HEARING

log = structlog.get_logger()

AUDIT_S = 2.0
"""For the last audit lines of a process that ends."""


def worker_name() -> str:
    """Unique among living processes: a restarted worker must not inherit the queue of a dead one."""
    return f"{socket.gethostname()}-{os.getpid()}"


async def serve(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then drain; a second one cuts the calls that still live.

    Raises SetupError for a missing model. Temporal that is away is no wrong configuration: the process ends and is
    started again.
    """
    stop, cut = _signalled()
    if is_loopback(settings.host):
        listen_on_loopback()
    servers = [RTCIceServer(**server) for server in ice_server_list(settings.ice_servers)]
    database = Database(app_url(settings))
    keys = PostgresKeyRing(database, master_key(settings.keys_dir))
    calls = PostgresCalls(database, keys)
    model = model_of(settings)
    knowledge = knowledge_of(settings)
    crms = ConnectedCrms(database, keys)
    sources = sources_of(settings, database, keys, crms)
    witness = Witness(PostgresAudit(database, keys))
    spool = TurnSpool(calls, keys, settings.spool_dir)
    recordings = PostgresRecordings(database)
    tapes = RecordingWriter(recordings, keys, settings.recordings_folder)
    shelf = SealedRecordings(recordings, keys, settings.recordings_folder)
    try:
        codec = EncryptionCodec(keys)
        client = await connect(settings.temporal_address, settings.temporal_namespace, codec)
        facts = WorkflowFacts(client)
        lines = Lines(
            slots=settings.media_slots,
            worker=worker_name(),
            store=calls,
            tenants=PostgresTenants(database, keys),
            records=Records(
                recorder=spool,
                facts=facts,
                witness=witness,
                desk=_desk_side(database, keys),
                tapes=Tapes(recordings=tapes, consents=recordings),
                doer=WorkflowActions(client),
            ),
            organs=await organs(settings, model, knowledge, sources, PostgresVoices(database, keys)),
            make_line=lambda: WebRtcLine(servers),
            changed=notify.live_calls,
        )
        durable = DurableLines(client, lines, facts, worker=lines.worker, drain_s=settings.drain_s)
        spool.start()
        tapes.start()
        accounts = PostgresAccounts(database)
        phone = await phone_entrance(settings, lines, calls, Calls(client, codec), database, keys, witness)
        await phone.start()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(durable.run())
            aside = tasks.create_task(_aside(lines, model, accounts, client, shelf))
            dialling = tasks.create_task(phone.dial(client))
            notify.ready()
            log.info("media_ready", worker=lines.worker, slots=settings.media_slots)
            await stop.wait()
            aside.cancel()
            phone.refuse()
            dialling.cancel()
            cutting = tasks.create_task(_cut_when(cut, lines))
            await durable.drain()
            await asyncio.wait([dialling])
            await phone.close()
            cutting.cancel()
    finally:
        await tapes.close()
        await spool.close()
        await witness.close(AUDIT_S)
        for part in (knowledge, crms, model, database):
            await part.close()


async def _aside(lines: Lines, model: OpenAiModel, accounts: Accounts, client: Client, shelf: SealedRecordings) -> None:
    """What goes on beside the calls, and may wait for them."""
    messages = MessageActivities(lines.store, shelf, lines.organs.unhurried or lines.organs.recogniser)
    transcribing = Worker(
        client, task_queue=HEARING, activities=[messages.transcribe_message], max_concurrent_activities=1
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(warm_prompts(model, accounts, lines.tenants))
        tasks.create_task(keep_sentences(lines.organs, accounts, lines.tenants, lambda: lines.active == 0))
        tasks.create_task(transcribing.run())


def _signalled() -> tuple[asyncio.Event, asyncio.Event]:
    """Set by the first and by the second signal to stop."""
    stop, cut = asyncio.Event(), asyncio.Event()

    def on_signal() -> None:
        told = cut if stop.is_set() else stop
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    return stop, cut


def _desk_side(database: Database, keys: PostgresKeyRing) -> DeskSide:
    desk = PostgresDesk(database, keys)
    return DeskSide(
        notes=desk,
        names=desk,
        contacts=PostgresCallbacks(database, keys),
        openings=PostgresDialBook(database, keys),
    )


async def _cut_when(cut: asyncio.Event, lines: Lines) -> None:
    await cut.wait()
    await lines.close(Outcome.ENDED_BY_OPERATOR)


def main() -> int:
    return run(lambda: serve(Settings()))


if __name__ == "__main__":
    leave(main())
