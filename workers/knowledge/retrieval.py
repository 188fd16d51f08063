"""Finding and indexing over the ports: embed, search twice, fuse, judge, and rerank where it fits."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import structlog
from numpy.typing import NDArray

from domain.answering.spelling import script_of
from domain.errors import EngineError, Rejected
from domain.knowledge.document import Chunk, Passage, Source
from domain.knowledge.fusion import fused
from domain.knowledge.judging import Asked, Compared, ordered, passage_of, reranked
from domain.knowledge.ports import Embedder, Hit, Index, IndexedChunk, Reranker
from domain.knowledge.terms import document_vector, question_vector

log = structlog.get_logger(__name__)

CANDIDATES = 20
"""Chunks of each search that are fused; the right one was among them for every question that is found at all."""
JUDGED = 24
"""Of the fused ones, those that are compared sentence by sentence: 0.2 ms each."""
RERANKED = 4
"""At most; fewer where the deadline is near."""
RERANK_MS = 30
"""Of one pair with a full chunk, on one busy core."""
WARM_UP_MS = 60_000
SPARE_MS = 10
"""Kept of the deadline for the way back."""
STEPS = 254
"""A component of a unit vector in a signed byte: larger ones than ±0.5 don't occur."""

Floats = NDArray[np.float32]


class Retriever:
    """What the knowledge process does, whichever models and index it was given."""

    def __init__(self, embedder: Embedder, index: Index, reranker: Reranker | None) -> None:
        self.embedder = embedder
        self._index = index
        self._reranker = reranker
        self._revisions: dict[tuple[str, str], int] = {}

    async def warm_up(self) -> None:
        """Everything once, so that the first caller does not wait for pages of memory."""
        await self.embedder.question("How long is it?", WARM_UP_MS)
        if self._reranker is not None:
            await self._reranker.score("How long is it?", ["It is long."], WARM_UP_MS)

    # ------------------------------------------------------------ finding

    async def search(
        self, tenant_id: str, question: str, *, limit: int, deadline_ms: int, reranks: bool = True
    ) -> list[Passage]:
        """See Knowledge.search. Without `reranks` the order of the search is kept."""
        if not await self._index.count(tenant_id):
            return []
        until = time.monotonic() + (deadline_ms - SPARE_MS) / 1000
        embedded = await self.embedder.question(question, deadline_ms)
        sparse = embedded.sparse or question_vector(question)
        rankings = await self._index.search(tenant_id, embedded.dense, sparse, limit=CANDIDATES)
        vector, asked = np.array(embedded.dense, np.float32), Asked.of(question)
        passages = ordered([passage_of(asked, _compared(vector, hit)) for hit in fused(rankings, JUDGED)])
        return (await self._reranked(question, passages, until) if reranks else passages)[:limit]

    async def _reranked(self, question: str, passages: list[Passage], until: float) -> list[Passage]:
        reranker = self._reranker
        if reranker is None or script_of(question) not in reranker.languages:
            return passages
        left_ms = int((until - time.monotonic()) * 1000)
        fitting = [passage for passage in passages[:RERANKED] if passage.language in reranker.languages]
        fitting = fitting[: max(0, left_ms // RERANK_MS)]
        try:
            judgements = await reranker.score(question, [_shown(passage) for passage in fitting], max(1, left_ms))
        except EngineError as error:
            log.warning("not_reranked", stage=error.stage, error=type(error).__name__)
            return passages
        judged = [reranked(passage, judgement) for passage, judgement in zip(fitting, judgements, strict=True)]
        return ordered([*judged, *(passage for passage in passages if passage not in fitting)])

    # ------------------------------------------------------------ indexing

    async def index(self, source: Source, chunks: Sequence[Chunk]) -> None:
        """See KnowledgeIndexing.index."""
        self._refuse_outdated(source)
        texts = list(dict.fromkeys(text for chunk in chunks for text in (chunk.in_context, *_in_context(chunk))))
        made = dict(zip(texts, await self.embedder.passages(texts), strict=True))
        # Embedding takes seconds, in which a later revision may have come.
        self._refuse_outdated(source)
        indexed: list[IndexedChunk] = []
        for chunk in chunks:
            whole = made[chunk.in_context]
            vectors = [whole.dense, *(made[text].dense for text in _in_context(chunk))]
            indexed.append(
                IndexedChunk(
                    source=source,
                    chunk=chunk,
                    dense=whole.dense,
                    sparse=whole.sparse or document_vector(chunk.in_context),
                    sentences=_packed(vectors),
                )
            )
        await self._index.upsert(source.tenant_id, indexed)

    async def remove(self, source: Source, *, but_this: bool) -> None:
        """See KnowledgeIndexing.remove."""
        self._refuse_outdated(source)
        kept = source.revision if but_this else None
        await self._index.remove(source.tenant_id, source.document_id, but_revision=kept)

    async def count(self, source: Source) -> int:
        return await self._index.count(source.tenant_id, source.document_id, revision=source.revision)

    def _refuse_outdated(self, source: Source) -> None:
        """A worker that was frozen in the middle of a batch must not bring back what was replaced meanwhile.

        Known for the life of this process only: a worker's request does not outlive it.
        """
        place = (source.tenant_id, source.document_id)
        if self._revisions.get(place, 0) > source.revision:
            raise Rejected("knowledge", "a later revision of the document is there")
        self._revisions[place] = source.revision


def _in_context(chunk: Chunk) -> list[str]:
    """Each sentence under its nearest heading, as it is embedded."""
    heading = chunk.heading[-1:]
    return [": ".join((*heading, sentence)) for sentence in chunk.sentences]


def _shown(passage: Passage) -> str:
    return ". ".join((*passage.heading[-1:], passage.text))


def _packed(vectors: Sequence[Sequence[float]]) -> bytes:
    steps = np.rint(np.array(vectors, np.float32) * STEPS)
    return np.clip(steps, -127, 127).astype(np.int8).tobytes()


def _compared(asked: Floats, hit: Hit) -> Compared:
    vectors = np.frombuffer(hit.sentences, np.int8).reshape(-1, len(asked)).astype(np.float32) / STEPS
    cosines = (vectors @ asked).tolist()
    return Compared(hit=hit, cosine=cosines[0], sentences=tuple(cosines[1:]))
