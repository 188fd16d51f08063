"""Records the history of a document that test_replay.py replays: python -m tests.workflows.record_ingest"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Sequence

from google.protobuf.json_format import MessageToDict
from temporalio.api.history.v1 import History

from domain.knowledge.document import Block, Chunk, DocumentKind, Source
from domain.knowledge.kinds import upload_of
from engines.documents.reader import read
from storage.documents import PostgresDocuments
from storage.migrate import migrate
from storage.session import Database
from tests.conftest import run_apart, running_postgres
from tests.workflows.far_side import open_house, running_temporal
from tests.workflows.payloads import walk
from tests.workflows.record import HISTORIES
from workers.knowledge.ingesting import ingest_worker
from workflows.ingests import Ingests
from workflows.queues import ingest_workflow_id

ROOMS = "\n\n".join(f"# Room {n}\n\nIts key hangs on hook {n}." for n in range(20))


class CountedChunks:
    """KnowledgeIndexing that only counts; a history holds nothing else of it."""

    def __init__(self) -> None:
        self.chunks: set[int] = set()

    async def chunk_tokens(self) -> int:
        return 40

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    async def index(self, source: Source, chunks: Sequence[Chunk]) -> None:
        self.chunks |= {chunk.position for chunk in chunks}

    async def remove(self, source: Source, *, but_this: bool) -> None:
        if not but_this:
            self.chunks.clear()

    async def count(self, source: Source) -> int:
        return len(self.chunks)


class NearReader:
    async def read(self, content: bytes, kind: DocumentKind) -> list[Block]:
        return read(content, kind)


async def record(database_url: str) -> None:
    async with (
        running_temporal() as server,
        open_house(server.service_client.config.target_host, database_url) as house,
    ):
        client, codec = await house.connect()
        database = Database(database_url)
        documents = PostgresDocuments(database, house.keys)
        async with ingest_worker(client, documents, NearReader(), CountedChunks()):
            document, _ = await documents.put(house.tenant_id, upload_of("rooms.md", ROOMS.encode()))
            await Ingests(client, codec).begin(document)
            handle = client.get_workflow_handle(ingest_workflow_id(document.document_id))
            await handle.result()
            history = History(events=(await handle.fetch_history()).events)
        for payload in walk(history):
            payload.CopyFrom((await codec.decode([payload]))[0])
        written = json.dumps(MessageToDict(history), ensure_ascii=False, indent=1)
        # A worker names itself by process and machine.
        written = written.replace(f"{os.getpid()}@{socket.gethostname()}", "host")
        (HISTORIES / "ingest.json").write_text(written + "\n")
        await database.close()


if __name__ == "__main__":
    with running_postgres() as postgres:
        run_apart(migrate(postgres.plan.owner_url, postgres.plan.app_password))
        asyncio.run(record(postgres.plan.app_url))
