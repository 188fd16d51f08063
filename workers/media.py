"""The media process: takes lines from the shared queue and talks on them, until it is told to drain."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys

import structlog
from aiortc import RTCIceServer

from domain.errors import SetupError
from realtime.durable import DurableLines, WorkflowFacts
from realtime.lines import Lines
from realtime.webrtc import WebRtcLine, listen_on_loopback
from storage.accounts import PostgresAccounts
from storage.calls import PostgresCalls
from storage.keys import PostgresKeyRing, master_key
from storage.session import Database
from storage.spool import TurnSpool
from storage.tenants import PostgresTenants
from workers import notify
from workers.embedded_postgres import app_url
from workers.lifeline import when_parent_dies
from workers.logs import configure_logs
from workers.settings import Settings
from workers.wiring import ice_servers, is_loopback, model_of, organs, warm_prompts
from workflows.codec import EncryptionCodec
from workflows.converter import connect

log = structlog.get_logger()


def worker_name() -> str:
    """Unique among living processes: a restarted worker must not inherit the queue of a dead one."""
    return f"{socket.gethostname()}-{os.getpid()}"


async def serve(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then drain. Raises SetupError for a missing model, speech process or Temporal."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if is_loopback(settings.host):
        listen_on_loopback()
    servers = [RTCIceServer(**server) for server in ice_servers(settings.ice_servers)]
    database = Database(app_url(settings))
    keys = PostgresKeyRing(database, master_key(settings.keys_dir))
    calls = PostgresCalls(database, keys)
    tenants = PostgresTenants(database, keys)
    model = model_of(settings)
    spool = TurnSpool(calls, keys, settings.spool_dir)
    try:
        client = await connect(settings.temporal_address, settings.temporal_namespace, EncryptionCodec(keys))
        facts = WorkflowFacts(client)
        name = worker_name()
        lines = Lines(
            slots=settings.media_slots,
            worker=name,
            store=calls,
            tenants=tenants,
            recorder=spool,
            facts=facts,
            organs=await organs(settings, model),
            make_line=lambda: WebRtcLine(servers),
            changed=notify.live_calls,
        )
        durable = DurableLines(client, lines, facts, worker=name, drain_s=settings.drain_s)
        spool.start()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(durable.run())
            warming = tasks.create_task(warm_prompts(model, PostgresAccounts(database), tenants))
            notify.ready()
            log.info("media_ready", worker=name, slots=settings.media_slots)
            await stop.wait()
            warming.cancel()
            await durable.drain()
    except RuntimeError as error:
        raise SetupError(f"Temporal does not answer at {settings.temporal_address}: {error}") from error
    finally:
        await spool.close()
        await model.close()
        await database.close()


def main() -> int:
    configure_logs()
    when_parent_dies(lambda: os.kill(os.getpid(), signal.SIGTERM))
    try:
        asyncio.run(serve(Settings()))
    except SetupError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return os.EX_CONFIG
    sys.stdout.flush()
    # Native threads of the models and of Temporal's core can abort an orderly exit after all is done.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
