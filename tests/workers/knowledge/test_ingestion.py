"""Documents on their whole way: uploaded, read apart, cut, embedded, found, replaced and removed; through crashes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from google.protobuf.message import Message
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryRequest

from domain.knowledge.document import Block, Chunk, DocumentKind, DocumentState, Source, document_key
from domain.speech import Language
from engines.retrieval.remote import RemoteKnowledge
from tests.engines.documents import files
from tests.workers.knowledge.conftest import Library
from tests.workflows.payloads import walk
from workers.knowledge.reading import ApartReader
from workflows.codec import ENCODING, owner_of
from workflows.ingest import BATCH
from workflows.queues import ingest_workflow_id, key_name_of

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

TERMS = "# Returns\n\nUnopened appliances come back within fourteen days.\n\n# الضمان\n\nضمان الكمبروسر عشر سنوات.\n"
LONG = "\n\n".join(f"# Room {n}\n\nThe key of room {n} hangs on hook {n * 7}." for n in range(3 * BATCH))
ASKED = "How many days do I have to return an appliance?"


class Stumbling(RemoteKnowledge):
    """A connection that a test interrupts: tells when a batch was indexed, and waits before the next."""

    def __init__(self, url: str, token: str, after: int) -> None:
        super().__init__(url, token)
        self.left = after
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()
        self.indexed: list[int] = []

    async def index(self, source: Source, chunks: Sequence[Chunk]) -> None:
        if self.left == 0:
            self.reached.set()
            await self.go_on.wait()
        self.left -= 1
        await super().index(source, chunks)
        self.indexed.append(chunks[0].position)


class SlowReader(ApartReader):
    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()

    async def read(self, content: bytes, kind: DocumentKind) -> list[Block]:
        self.reached.set()
        await self.go_on.wait()
        return await super().read(content, kind)


async def test_a_document_is_found_in_both_languages_and_by_its_own_tenant_only(library: Library):
    async with await library.worker():
        document = await library.settled(await library.put("terms.md", TERMS.encode()))
        assert (document.state, document.chunks_done, document.chunks_total) == (DocumentState.READY, 2, 2)
        assert document.language in Language
        assert (await library.found(ASKED))[0] == "Unopened appliances come back within fourteen days."
        assert (await library.found("كم سنة ضمان الضاغط؟"))[0] == "ضمان الكمبروسر عشر سنوات."
        (passage, *_) = await library.knowledge.search(library.tenant_id, ASKED, limit=1, deadline_ms=10_000)
        assert passage.source == "terms.md · Returns"
        assert await library.found(ASKED, library.other_tenant_id) == []


async def test_a_document_is_replaced_removed_and_comes_back(library: Library):
    assert library.process.index is not None
    count = library.process.index.count
    async with await library.worker():
        await library.settled(await library.put("terms.md", TERMS.encode()))
        document = await library.settled(await library.put("terms.md", TERMS.replace("fourteen", "thirty").encode()))
        answers = await library.found(ASKED)
        assert "Unopened appliances come back within thirty days." in answers
        assert "Unopened appliances come back within fourteen days." not in answers
        assert await count(library.tenant_id) == document.chunks_total == 2

        going = await library.documents.remove(library.tenant_id, document.document_id)
        assert going is not None
        await library.ingests.begin(going)
        await library.gone(document)
        assert await count(library.tenant_id) == 0

        again = await library.settled(await library.put("terms.md", TERMS.encode()))
        assert again.state is DocumentState.READY
        assert await count(library.tenant_id) == 2


BAD = [
    ("cut.pdf", files.pdf([[("Text", 12)]])[:150], "broken"),
    ("locked.pdf", files.locked_pdf("secret"), "encrypted"),
    ("scan.pdf", files.pdf([[], []], picture=True), "scanned"),
    ("bomb.docx", files.bomb(), "unpacks_too_large"),
    ("blank.txt", b"... !!! ...", "empty"),
]


async def test_bad_files_end_with_their_codes_and_stop_nobody(library: Library):
    async with await library.worker():
        begun = [await library.put(name, content) for name, content, _ in BAD]
        good = await library.put("terms.md", TERMS.encode())
        ended = [await library.settled(document) for document in begun]
        assert (await library.settled(good)).state is DocumentState.READY
    assert [(each.name, each.state, each.problem) for each in ended] == [
        (name, DocumentState.FAILED, problem) for name, _, problem in BAD
    ]


async def test_a_pdf_of_500_pages_shows_progress_and_gets_there(library: Library):
    pages = [[(f"Key {n}: hook {n}.", 11)] for n in range(500)]
    seen: set[int] = set()
    async with await library.worker():
        document = await library.put("keys.pdf", files.pdf(pages))
        async with asyncio.timeout(240):
            while True:
                stored = await library.documents.document(library.tenant_id, document.document_id)
                assert stored is not None
                seen.add(stored.chunks_done)
                if stored.state is DocumentState.READY:
                    break
                assert stored.state is not DocumentState.FAILED
                await asyncio.sleep(0.05)
    assert stored.pages == 500
    assert len(seen) > 2


async def test_a_worker_that_dies_in_the_middle_is_followed_by_another_without_doubles(library: Library):
    stumbling = Stumbling(library.process.url, "a token for tests", after=1)
    first = await library.worker(stumbling)
    dying = asyncio.create_task(first.run())
    document = await library.put("rooms.md", LONG.encode())
    await asyncio.wait_for(stumbling.reached.wait(), 60)
    dying.cancel()
    await asyncio.wait({dying})
    async with await library.worker():
        ended = await library.settled(document)
    await stumbling.close()
    assert stumbling.indexed == [0]
    assert (ended.state, ended.chunks_done) == (DocumentState.READY, 3 * BATCH)
    assert library.process.index is not None
    assert await library.process.index.count(library.tenant_id) == 3 * BATCH
    assert (await library.found("Where is the key of room 40?"))[0] == "The key of room 40 hangs on hook 280."


async def test_a_worker_that_dies_while_reading_is_followed_by_another(library: Library):
    reader = SlowReader()
    dying = asyncio.create_task((await library.worker(reader=reader)).run())
    document = await library.put("terms.md", TERMS.encode())
    await asyncio.wait_for(reader.reached.wait(), 60)
    dying.cancel()
    await asyncio.wait({dying})
    async with await library.worker():
        assert (await library.settled(document)).state is DocumentState.READY


async def test_a_knowledge_process_that_is_away_is_waited_for(library: Library):
    stumbling = Stumbling(library.process.url, "a token for tests", after=1)
    async with await library.worker(stumbling):
        document = await library.put("rooms.md", LONG.encode())
        await asyncio.wait_for(stumbling.reached.wait(), 60)
        await library.process.stop()
        stumbling.go_on.set()
        await library.process.start()
        assert (await library.settled(document)).state is DocumentState.READY
    await stumbling.close()
    assert library.process.index is not None
    assert await library.process.index.count(library.tenant_id) == 3 * BATCH


async def test_a_removal_overtakes_the_work_on_it(library: Library):
    stumbling = Stumbling(library.process.url, "a token for tests", after=1)
    async with await library.worker(stumbling):
        document = await library.put("rooms.md", LONG.encode())
        await asyncio.wait_for(stumbling.reached.wait(), 60)
        going = await library.documents.remove(library.tenant_id, document.document_id)
        assert going is not None
        await library.ingests.begin(going)
        stumbling.go_on.set()
        await library.gone(document)
    await stumbling.close()
    assert library.process.index is not None
    assert await library.process.index.count(library.tenant_id) == 0


async def test_temporal_sees_nothing_of_a_document_but_its_id(library: Library):
    async with await library.worker():
        document = await library.settled(await library.put("terms.md", TERMS.encode()))
        await library.client.get_workflow_handle(ingest_workflow_id(document.document_id)).result()
    history = await _history(library, document.document_id)
    raw = history.SerializeToString()
    for word in (b"fourteen", b"terms.md"):
        assert word not in raw
    payloads = list(walk(history))
    assert payloads
    assert {payload.metadata["encoding"] for payload in payloads} == {ENCODING}
    owners = {owner_of(payload) for payload in payloads}
    assert {(each.tenant_id, each.call_id) for each in owners if each} == {
        (library.tenant_id, document_key(document.document_id))
    }


def test_a_documents_workflow_has_the_documents_key_and_a_calls_the_calls():
    assert key_name_of(ingest_workflow_id("d-1")) == document_key("d-1")
    assert key_name_of("call-c-1") == "c-1"
    assert key_name_of("nightly") is None


async def _history(library: Library, document_id: str) -> Message:
    request = GetWorkflowExecutionHistoryRequest(
        namespace="default", execution=WorkflowExecution(workflow_id=ingest_workflow_id(document_id))
    )
    return (await library.temporal.workflow_service.get_workflow_execution_history(request)).history
