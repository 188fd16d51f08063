"""The far side of a call's workflow: Temporal, a store and media workers, put together for tests."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sysconfig
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from domain.call import CallState, Channel, Outcome, workflow_id
from domain.errors import EngineFailed
from domain.handoff import BY_CALLER, HandoffAsked, HandoffResult, PhaseWanted
from domain.line import SERVE_LINE, CallStart, PhaseKind
from domain.ports import ChatMessage
from domain.speech import Language
from domain.tenant import TenantProfile
from realtime.durable import DurableLines, WorkflowFacts
from storage.calls import PostgresCalls
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tenants import PostgresTenants
from tests.workflows.quiet_lines import QuietLines
from tests.workflows.scripted_handoff import PromisedCallback, ScriptedHandoff
from workers.call_meter import PrometheusMeter
from workers.durable import PROCEDURES, durable_workers, steps_over
from workers.vendors.correspondence import ConnectedMessaging
from workers.vendors.crm import ConnectedCrms
from workflows.call import CallWorkflow
from workflows.calls import Calls
from workflows.codec import EncryptionCodec
from workflows.converter import connect
from workflows.post_call import PostCallWorkflow
from workflows.queues import handoff_workflow_id
from workflows.search_attributes import ALL, register

SCRIPTED = (CallWorkflow, PostCallWorkflow, ScriptedHandoff, PromisedCallback)
"""The procedures with a handoff and a callback that do what a test says."""
BY_BUTTON = HandoffAsked(reason="asked_for_person", by=BY_CALLER)


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
    database: Database
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
        client, codec = await self.connect()
        codec.know(start.tenant_id, start.call_id)
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

    async def handoff(self, start: CallStart, asked: HandoffAsked = BY_BUTTON) -> AtWork:
        """Have one asked for, by a person, and wait until it works."""
        handoff_id = await (await self.gateway()).request_handoff(start.tenant_id, start.call_id, asked)
        return await self.handoff_at_work(start, int(handoff_id.rpartition("-")[2]))

    async def handoff_at_work(self, start: CallStart, number: int) -> AtWork:
        client, codec = await self.connect()
        codec.know(start.tenant_id, start.call_id)
        handle = client.get_workflow_handle(handoff_workflow_id(start.call_id, number))
        async with asyncio.timeout(20):
            while True:
                with contextlib.suppress(RPCError):
                    await handle.query("told")
                    return AtWork(f"{start.call_id}-{number}", handle)
                await asyncio.sleep(0.05)

    async def noted(self, start: CallStart, state: CallState) -> None:
        """Wait until the store has the call in this state."""
        async with asyncio.timeout(30):
            while True:
                row = await self.store.call(start.tenant_id, start.call_id)
                if row is not None and row.state is state:
                    return
                await asyncio.sleep(0.05)

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


@dataclass(frozen=True)
class AtWork:
    """The test's end of a scripted handoff."""

    handoff_id: str
    handle: WorkflowHandle[Any, Any]

    async def wants(self, kind: PhaseKind, **more: Any) -> None:
        """Returns once the call's workflow has been told."""
        await self.handle.execute_update("want", PhaseWanted(handoff_id=self.handoff_id, kind=kind, **more))

    async def ends(self, result: HandoffResult) -> None:
        await self.handle.execute_update("give_up", result)

    async def breaks(self) -> None:
        await self.handle.signal("stop", args=[True])

    async def stops(self) -> None:
        await self.handle.signal("stop", args=[False])

    async def told(self, *expected: str) -> None:
        """Wait until the call has told it exactly this."""
        told: list[str] = []
        try:
            async with asyncio.timeout(20):
                while told != list(expected):
                    told = await self.handle.query("told", result_type=list[str])
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"it was told {told}") from None


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while True:
            if condition():
                return
            await asyncio.sleep(0.02)


async def shown(workflow: WorkflowHandle[Any, Any]) -> str:
    """The one line of live state that Temporal's UI asks for."""
    metadata = await workflow.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return metadata.current_details


async def until_shown(workflow: WorkflowHandle[Any, Any], words: str) -> None:
    async with asyncio.timeout(30):
        while True:
            if words in await shown(workflow):
                return
            await asyncio.sleep(0.05)


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
async def running_skipping_temporal() -> AsyncIterator[WorkflowEnvironment]:
    """One that skips the time in which nothing happens."""
    program = Path(sysconfig.get_path("scripts")) / "temporal-test-server"
    async with await WorkflowEnvironment.start_time_skipping(test_server_existing_path=str(program)) as server:
        await register(server.client)
        yield server


@contextlib.asynccontextmanager
async def open_house(address: str, database_url: str, procedures: Sequence[type] = PROCEDURES) -> AsyncIterator[House]:
    """`address` is a Temporal server's of its own: what other houses encrypted, this one could not read."""
    database = Database(database_url)
    master = os.urandom(32)
    keys = PostgresKeyRing(database, master)
    tenant_id = await a_tenant(database, keys)
    async with contextlib.AsyncExitStack() as running:
        running.push_async_callback(database.close)
        house = House(
            address=address,
            database=database,
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
        messaging = ConnectedMessaging(database, keys, PostgresTenants(database, keys), crms, None)
        running.push_async_callback(messaging.close)
        steps = steps_over(
            client, database, keys, house.model, PrometheusMeter(house.metrics), crms, messaging=messaging
        )
        for worker in durable_workers(client, steps, procedures):
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
