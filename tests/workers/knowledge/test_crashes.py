"""A worker of ingestion dies after each of its steps in turn: all was done, and nobody was told."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.knowledge.document import DocumentState
from engines.retrieval.remote import RemoteKnowledge
from tests.workers.knowledge.conftest import TOKEN, Library
from workflows.ingest import BATCH

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

BEFORE = "# Rooms\n\nThe keys hang at the door.\n\n# المفاتيح\n\nالمفاتيح معلقة عند الباب.\n"
ROOMS = "\n\n".join(f"# Room {n}\n\nThe key of room {n} hangs on hook {n * 7}." for n in range(3 * BATCH))
REACHED_S = 60


class Dying(RemoteKnowledge):
    """A worker's last connection: the answer to its last request never comes, though all was done."""

    def __init__(self, url: str, path: str, requests: int) -> None:
        super().__init__(url, TOKEN)
        self.path = path
        self.left = requests
        self.reached = asyncio.Event()

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = await super()._ask(method, path, body)
        if path == self.path:
            self.left -= 1
            if self.left == 0:
                self.reached.set()
                await asyncio.Event().wait()
        return answer


async def dies_after(library: Library, path: str, requests: int = 1) -> None:
    dying = Dying(library.process.url, path, requests)
    worker = asyncio.create_task((await library.worker(dying)).run())
    await asyncio.wait_for(dying.reached.wait(), REACHED_S)
    worker.cancel()
    await asyncio.wait({worker})
    await dying.close()


async def test_whichever_step_was_the_last_of_a_worker_the_next_one_leaves_no_doubles(
    library: Library, monkeypatch: pytest.MonkeyPatch
):
    # A worker that is cancelled lets nothing come to its end.
    monkeypatch.setattr("workers.knowledge.ingesting.STOP_WITHIN", timedelta(0))
    assert library.process.index is not None
    count = library.process.index.count
    async with await library.worker():
        await library.settled(await library.put("rooms.md", BEFORE.encode()))
    assert await count(library.tenant_id) == 2

    document = await library.put("rooms.md", ROOMS.encode())
    await dies_after(library, "/v1/tokens")
    await dies_after(library, "/v1/index", 1)
    await dies_after(library, "/v1/index", 3)
    await dies_after(library, "/v1/count")
    await dies_after(library, "/v1/remove")
    async with await library.worker():
        ended = await library.settled(document)
    assert (ended.state, ended.chunks_done) == (DocumentState.READY, 3 * BATCH)
    assert await count(library.tenant_id) == 3 * BATCH

    going = await library.documents.remove(library.tenant_id, document.document_id)
    assert going is not None
    await library.ingests.begin(going)
    await dies_after(library, "/v1/remove")
    async with await library.worker():
        await library.gone(document)
    assert await count(library.tenant_id) == 0
