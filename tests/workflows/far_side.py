"""The far side of a call's workflow: Temporal, a store and media workers, put together for tests."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sysconfig
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from domain.call import Channel, Outcome, workflow_id
from domain.errors import EngineFailed
from domain.line import SERVE_LINE, CallStart
from domain.ports import ChatMessage
from domain.speech import Language
from domain.tenant import TenantProfile
from realtime.durable import DurableLines, WorkflowFacts
from storage.calls import PostgresCalls
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tenants import PostgresTenants
from tests.workflows.quiet_lines import QuietLines
from workers.call_meter import PrometheusMeter
from workers.durable import durable_workers, steps_over
from workers.vendors.crm import ConnectedCrms
from workflows.call import CallWorkflow
from workflows.calls import Calls
from workflows.codec import EncryptionCodec
from workflows.converter import connect
from workflows.search_attributes import ALL


@dataclass
class MediaProcess:
    """What a media worker process consists of, on this loop."""

    lines: QuietLines
    durable: DurableLines
    facts: WorkflowFacts
    running: asyncio.Task[None]


@dataclass(kw_only=True)
class House:
    """Temporal, a store with one tenant, and the product's own workers over them."""

    address: str
    database_url: str
    master: bytes
    keys: PostgresKeyRing
    store: PostgresCalls
    tenant_id: str
    running: contextlib.AsyncExitStack
    model: WrittenModel
    metrics: CollectorRegistry

    async def connect(self) -> tuple[Client, EncryptionCodec]:
        """What each process makes for itself; it knows nobody's calls yet."""
        codec = EncryptionCodec(self.keys)
        return await connect(self.address, "default", codec), codec

    async def gateway(self) -> Calls:
        return Calls(*await self.connect())

    async def workflow(self, start: CallStart) -> WorkflowHandle[CallWorkflow, Outcome]:
        client, _ = await self.connect()
        return client.get_workflow_handle_for(CallWorkflow.run, workflow_id(start.call_id))

    async def a_call(self) -> CallStart:
        call_id = str(uuid.uuid4())
        await self.store.create_call(self.tenant_id, call_id, Channel.WEB, None)
        return CallStart(call_id=call_id, tenant_id=self.tenant_id, channel=Channel.WEB)

    async def lines_scheduled(self, start: CallStart, count: int) -> None:
        """Wait until the workflow has asked for the line `count` times."""
        seen = 0
        async with asyncio.timeout(30):
            async for event in (await self.workflow(start)).fetch_history_events(wait_new_event=True):
                if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                    seen += event.activity_task_scheduled_event_attributes.activity_type.name == SERVE_LINE
                if seen == count:
                    return

    async def lease_taken(self, start: CallStart, lease: int) -> None:
        async with asyncio.timeout(30):
            while True:
                if await self.store.current_lease(start.tenant_id, start.call_id) >= lease:
                    return
                await asyncio.sleep(0.05)

    async def media(self, worker: str, slots: int = 8, drain_s: float = 1.0) -> MediaProcess:
        """A media worker with a connection of its own, as another process has."""
        client, _ = await self.connect()
        lines = QuietLines(store=self.store, worker=worker, slots=slots)
        facts = WorkflowFacts(client)
        durable = DurableLines(client, lines, facts, worker=worker, drain_s=drain_s)
        process = MediaProcess(lines, durable, facts, asyncio.create_task(durable.run()))
        self.running.push_async_callback(stop_media, process)
        return process


async def stop_media(process: MediaProcess) -> None:
    if not process.running.done():
        for call_id in list(process.lines.lines):
            await process.lines.end(call_id, Outcome.ENDED_BY_OPERATOR)
        await process.durable.drain()
        await process.running


@dataclass
class WrittenModel:
    """LanguageModel at the end of the wire: answers with what the test wrote, or fails."""

    answer: str = '{"summary": "Asked about the opening hours."}'
    fails: bool = False
    read: list[str] = field(default_factory=list[str])

    async def complete(
        self, messages: Sequence[ChatMessage], *, schema: dict[str, Any] | None = None, max_tokens: int = 160
    ) -> AsyncIterator[str]:
        self.read.append(messages[-1].content)
        if self.fails:
            raise EngineFailed("llm", "down")
        half = len(self.answer) // 2
        yield self.answer[:half]
        yield self.answer[half:]


@contextlib.asynccontextmanager
async def running_temporal() -> AsyncIterator[Client]:
    """A server of its own, in memory, that knows our search attributes."""
    program = Path(sysconfig.get_path("scripts")) / "temporal"
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(program), search_attributes=ALL, dev_server_log_level="error"
    ) as server:
        yield server.client


@contextlib.asynccontextmanager
async def open_house(address: str, database_url: str) -> AsyncIterator[House]:
    """`address` is a Temporal server's of its own: what other houses encrypted, this one could not read."""
    database = Database(database_url)
    master = os.urandom(32)
    keys = PostgresKeyRing(database, master)
    tenant_id = await a_tenant(database, keys)
    async with contextlib.AsyncExitStack() as running:
        running.push_async_callback(database.close)
        house = House(
            address=address,
            database_url=database_url,
            master=master,
            keys=keys,
            store=PostgresCalls(database, keys),
            tenant_id=tenant_id,
            running=running,
            model=WrittenModel(),
            metrics=CollectorRegistry(),
        )
        client, _ = await house.connect()
        crms = ConnectedCrms(database, keys)
        running.push_async_callback(crms.close)
        steps = steps_over(client, database, keys, house.model, PrometheusMeter(house.metrics), crms)
        for worker in durable_workers(client, steps):
            await running.enter_async_context(worker)
        yield house


async def a_tenant(database: Database, keys: PostgresKeyRing) -> str:
    tenant_id = f"t-{uuid.uuid4().hex[:12]}"
    await PostgresTenants(database, keys).save(
        TenantProfile(
            tenant_id=tenant_id,
            slug=tenant_id,
            name={Language.EN: "Shop"},
            persona={Language.EN: "a shop"},
            greeting={Language.EN: "Hello"},
            default_language=Language.EN,
            emergency_number="998",
            time_zone="Asia/Dubai",
        )
    )
    return tenant_id
