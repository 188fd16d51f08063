"""The far side of a call's workflow: lines without audio, on real leases in a real store."""

from __future__ import annotations

import asyncio
import contextlib
import os
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry
from temporalio.client import Client, WorkflowHandle

from domain.call import Channel, Outcome, workflow_id
from domain.errors import EngineFailed, LineBusy, LineLost, Refused
from domain.line import CallStart, LineEnded, LineRequest, SessionDescription
from domain.ports import CallStore, ChatMessage
from domain.speech import Language
from domain.tenant import TenantProfile
from realtime.durable import DurableLines, WorkflowFacts
from storage.calls import PostgresCalls
from storage.keys import PostgresKeyRing
from storage.session import Database
from storage.tenants import PostgresTenants
from workers.call_meter import PrometheusMeter
from workers.durable import durable_workers
from workflows.call import CallWorkflow
from workflows.calls import Calls
from workflows.codec import EncryptionCodec
from workflows.converter import connect

SECRET = "candidate:1 1 udp 2130706431 192.0.2.77 9 typ host"
"""Stands in every offer and answer: it must never be readable at Temporal."""
OFFER = SessionDescription(type="offer", sdp=f"v=0\r\na={SECRET}\r\n")
NONSENSE = SessionDescription(type="offer", sdp="nonsense")


@dataclass
class QuietLine:
    lease: int
    ended: asyncio.Future[LineEnded]
    turns: int = 0


@dataclass
class QuietLines:
    """LineHost whose lines carry no audio: they open, stay, are adopted, and end when somebody says so."""

    store: CallStore
    worker: str
    slots: int = 8
    lines: dict[str, QuietLine] = field(default_factory=dict[str, QuietLine])
    was_tried: asyncio.Event = field(default_factory=asyncio.Event)
    stuck: bool = False
    """A worker that takes tasks and does nothing with them."""
    tried: int = 0

    async def open(self, request: LineRequest) -> SessionDescription:
        self.tried += 1
        self.was_tried.set()
        if self.stuck:
            await asyncio.Event().wait()
        assert request.offer is not None
        if not request.offer.sdp.startswith("v=0"):
            raise Refused("bad_offer", "not an offer")
        if request.call_id not in self.lines and len(self.lines) >= self.slots:
            raise LineBusy("full")
        if not await self.store.take_lease(request.tenant_id, request.call_id, request.lease, self.worker):
            raise LineLost("overtaken")
        if earlier := self.lines.get(request.call_id):
            earlier.ended.set_exception(LineLost("superseded"))
        ended: asyncio.Future[LineEnded] = asyncio.get_running_loop().create_future()
        self.lines[request.call_id] = QuietLine(lease=request.lease, ended=ended)
        return SessionDescription(type="answer", sdp=f"v=0\r\ns={self.worker}\r\na={SECRET}\r\n")

    async def adopt(self, request: LineRequest) -> bool:
        line = self.lines.get(request.call_id)
        if line is None:
            return False
        taken = await self.store.take_lease(request.tenant_id, request.call_id, request.lease, self.worker)
        if taken:
            line.lease = request.lease
        return taken

    async def ended(self, call_id: str) -> LineEnded:
        if call_id not in self.lines:
            raise LineLost("not here")
        return await asyncio.shield(self.lines[call_id].ended)

    def drop(self, call_id: str) -> None:
        """The line breaks down without an outcome."""
        self.lines.pop(call_id).ended.set_exception(LineLost("broken"))

    async def end(self, call_id: str, outcome: Outcome) -> None:
        if line := self.lines.pop(call_id, None):
            line.ended.set_result(LineEnded(lease=line.lease, outcome=outcome, turns=line.turns, language=Language.EN))


@dataclass
class MediaProcess:
    """What a media worker process consists of, on this loop."""

    lines: QuietLines
    durable: DurableLines
    facts: WorkflowFacts
    running: asyncio.Task[None]

    async def gone(self) -> None:
        """As when the process is killed: nothing is told to anybody, and nothing is polled any more."""
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)


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

    async def media(self, worker: str, slots: int = 8, drain_s: float = 1.0) -> MediaProcess:
        """A media worker with a connection of its own, as another process has."""
        client, _ = await self.connect()
        lines = QuietLines(store=self.store, worker=worker, slots=slots)
        facts = WorkflowFacts(client)
        durable = DurableLines(client, lines, facts, worker=worker, drain_s=drain_s)
        process = MediaProcess(lines, durable, facts, asyncio.create_task(durable.run()))
        self.running.push_async_callback(_stop, process)
        return process


async def _stop(process: MediaProcess) -> None:
    if not process.running.done():
        for call_id in list(process.lines.lines):
            await process.lines.end(call_id, Outcome.ENDED_BY_OPERATOR)
        await process.durable.drain()
        await process.running


@dataclass
class WrittenModel:
    """LanguageModel at the end of the wire: answers with what the test wrote, or fails."""

    answer: str = '{"summary": "Asked about the opening hours.", "disposition": "resolved"}'
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
async def open_house(client: Client, database_url: str) -> AsyncIterator[House]:
    """`client` reaches a server of its own: what other houses encrypted, this one could not read."""
    database = Database(database_url)
    master = os.urandom(32)
    keys = PostgresKeyRing(database, master)
    tenant_id = await _a_tenant(database, keys)
    async with contextlib.AsyncExitStack() as running:
        running.push_async_callback(database.close)
        house = House(
            address=client.service_client.config.target_host,
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
        meter = PrometheusMeter(house.metrics)
        for worker in durable_workers(client, house.store, house.model, meter):
            await running.enter_async_context(worker)
        yield house


async def _a_tenant(database: Database, keys: PostgresKeyRing) -> str:
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
