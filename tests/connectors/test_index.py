"""What every Index must do, against each that there is: Qdrant Edge, and Qdrant's client in its local mode."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from qdrant_client import AsyncQdrantClient

from connectors.qdrant_edge import EdgeIndex
from connectors.qdrant_server import ServerIndex
from domain.errors import Rejected, SetupError, Unavailable
from domain.knowledge.document import Chunk, Source
from domain.knowledge.ports import Hit, Index, IndexedChunk
from domain.knowledge.terms import document_vector, question_vector
from domain.speech import Language

MODEL, DIMENSIONS = "small", 4
OURS = Source(tenant_id="ours", document_id="returns", name="returns.pdf", revision=1)
THEIRS = replace(OURS, tenant_id="theirs")


pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")


@pytest.fixture(params=["edge", "server"])
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Index]:
    if request.param == "edge":
        opened: Index = EdgeIndex(tmp_path / "index", model=MODEL, dimensions=DIMENSIONS, idf=True)
    else:
        # No server can be had here; the local mode runs the same requests through the same client, and warns that it
        # makes no indexes.
        opened = ServerIndex(AsyncQdrantClient(location=":memory:"), model=MODEL, dimensions=DIMENSIONS, idf=True)
        await opened.prepare()
        await opened.prepare()
    yield opened
    await opened.close()


def a_chunk(text: str, angle: float, source: Source = OURS, position: int = 0) -> IndexedChunk:
    chunk = Chunk(position=position, heading=("Shop", "Returns"), sentences=(text, "10 + 20"), page=3)
    return IndexedChunk(
        source=source, chunk=chunk, dense=at(angle), sparse=document_vector(text), sentences=bytes(range(12))
    )


def at(angle: float) -> tuple[float, ...]:
    return (math.cos(angle), math.sin(angle), 0.0, 0.0)


async def found(index: Index, angle: float, words: str, tenant_id: str = "ours") -> tuple[list[str], list[str]]:
    rankings = await index.search(tenant_id, at(angle), question_vector(words), limit=10)
    dense = sorted((hit for hits in rankings.dense.values() for hit in hits), key=lambda hit: -hit.score)
    return [said(hit) for hit in dense], [said(hit) for hit in rankings.sparse]


def said(hit: Hit) -> str:
    return hit.chunk.sentences[0]


async def test_a_hit_is_the_chunk_as_it_was(index: Index):
    chunk = a_chunk("Unopened appliances come back", 0.0)
    await index.upsert("ours", [chunk])
    (hit,) = (await index.search("ours", at(0.0), question_vector("nothing alike"), limit=5)).dense[Language.EN]
    assert (hit.source, hit.chunk, hit.sentences) == (OURS, chunk.chunk, chunk.sentences)
    assert hit.score == pytest.approx(1.0, abs=1e-3)


async def test_both_searches_rank_for_themselves(index: Index):
    await index.upsert(
        "ours", [a_chunk("delivery fee", 0.0), a_chunk("filter cleaning", 0.5), a_chunk("warranty years", 1.0)]
    )
    dense, sparse = await found(index, 0.9, "filter")
    assert dense == ["warranty years", "filter cleaning", "delivery fee"]
    assert sparse[0] == "filter cleaning"


async def test_a_rare_word_weighs_more_than_a_common_one(index: Index):
    common = [a_chunk(f"appliance {name}", 0.1, position=n) for n, name in enumerate(("oven", "fan", "iron", "hood"))]
    await index.upsert("ours", [*common, a_chunk("kettle", 0.2, position=9)])
    _, sparse = await found(index, 0.0, "appliance kettle")
    assert sparse[0] == "kettle"


async def test_arabic_is_found_in_another_spelling(index: Index):
    await index.upsert("ours", [a_chunk("مدّة الإعارة ثلاثة أسابيع", 0.0), a_chunk("رسوم التوصيل", 0.1)])
    _, sparse = await found(index, 0.0, "مده الاعاره")
    assert sparse[0] == "مدّة الإعارة ثلاثة أسابيع"


async def test_each_language_has_a_ranking_of_its_own(index: Index):
    english = [a_chunk(f"fee {n}", 0.1, position=n) for n in range(12)]
    await index.upsert("ours", [*english, a_chunk("الرسوم عشرة دراهم", 1.5, position=99)])
    rankings = await index.search("ours", at(0.0), question_vector("x"), limit=5)
    assert [len(rankings.dense[language]) for language in (Language.EN, Language.AR)] == [5, 1]


async def test_words_that_nobody_has_find_nothing(index: Index):
    await index.upsert("ours", [a_chunk("delivery fee", 0.0)])
    assert (await found(index, 0.0, "xylophone"))[1] == []
    assert (await found(index, 0.0, "?!"))[1] == []


async def test_another_tenant_is_never_found_counted_or_removed(index: Index):
    await index.upsert("ours", [a_chunk("our fee", 0.0)])
    await index.upsert("theirs", [a_chunk("their fee", 0.0, THEIRS)])
    assert await found(index, 0.0, "fee") == (["our fee"], ["our fee"])
    assert await found(index, 0.0, "fee", "theirs") == (["their fee"], ["their fee"])
    assert await found(index, 0.0, "fee", "nobody") == ([], [])
    assert await found(index, 0.0, "fee", "") == ([], [])
    await index.remove("theirs", "returns")
    assert (await index.count("ours"), await index.count("theirs")) == (1, 0)


async def test_a_chunk_of_another_tenant_is_refused(index: Index):
    with pytest.raises(Rejected):
        await index.upsert("theirs", [a_chunk("our fee", 0.0)])
    assert await index.count("theirs") == 0


async def test_the_same_chunks_again_are_no_doubles(index: Index):
    chunks = [a_chunk("one", 0.0, position=0), a_chunk("two", 0.5, position=1)]
    await index.upsert("ours", chunks)
    await index.upsert("ours", [*chunks, a_chunk("three", 1.0, position=2)])
    assert await index.count("ours", "returns") == 3


async def test_a_revision_replaces_the_one_before(index: Index):
    later = replace(OURS, revision=2)
    await index.upsert("ours", [a_chunk("old", 0.0), a_chunk("old too", 0.3, position=1)])
    await index.upsert("ours", [a_chunk("new", 0.0, later)])
    other = replace(OURS, document_id="hours", revision=1)
    await index.upsert("ours", [a_chunk("other", 0.6, other)])
    assert await index.count("ours", "returns", revision=1) == 2
    await index.remove("ours", "returns", but_revision=2)
    assert (await found(index, 0.0, "x"))[0] == ["new", "other"]


async def test_a_document_is_removed_to_its_last_point(index: Index):
    await index.upsert("ours", [a_chunk("one", 0.0), a_chunk("two", 0.4, replace(OURS, revision=2))])
    await index.remove("ours", "returns")
    await index.remove("ours", "returns")
    assert await index.count("ours") == 0


async def test_nothing_to_index_is_nothing(index: Index):
    await index.upsert("ours", [])
    assert await index.count("ours") == 0


async def test_the_edge_keeps_what_was_written_and_lets_nobody_else_in(tmp_path: Path):
    path = tmp_path / "index"
    first = EdgeIndex(path, model=MODEL, dimensions=DIMENSIONS, idf=True)
    await first.upsert("ours", [a_chunk("kept", 0.0)])
    with pytest.raises(SetupError, match="another process"):
        EdgeIndex(path, model=MODEL, dimensions=DIMENSIONS, idf=True)
    await first.close()
    with pytest.raises(Unavailable):
        await first.count("ours")
    again = EdgeIndex(path, model=MODEL, dimensions=DIMENSIONS, idf=True)
    assert await again.count("ours") == 1
    await again.close()


async def test_an_index_of_another_embedder_is_refused(tmp_path: Path):
    await EdgeIndex(tmp_path, model=MODEL, dimensions=DIMENSIONS, idf=True).close()
    with pytest.raises(SetupError, match="another embedder"):
        EdgeIndex(tmp_path, model="large", dimensions=DIMENSIONS, idf=True)


async def test_a_server_that_is_not_there_is_one_sentence():
    with pytest.raises(SetupError, match="can't be used"):
        await ServerIndex.connect("http://127.0.0.1:9", api_key=None, model=MODEL, dimensions=DIMENSIONS, idf=True)
