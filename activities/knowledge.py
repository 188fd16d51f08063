"""The steps of a document's way into the index: read and cut, index a batch, settle, remove.

Each is idempotent. What passes through the workflow are ids, counts and codes; file and text go by reference.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity

from domain.answering.spelling import script_of
from domain.errors import NotFound
from domain.knowledge.chunking import chunks_of, sections_of, texts_to_count
from domain.knowledge.document import Chunk, DocumentState, Source
from domain.knowledge.ports import DocumentReader, Documents, KnowledgeIndexing
from domain.knowledge.problems import EMPTY, UnreadableDocument
from domain.speech import Language

COUNTED_A_TIME = 500
"""Sentences whose tokens are asked for at once: 20 ms of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentWish:
    """What is wanted of a document: that this revision be in the index, or that nothing of it be left."""

    tenant_id: str
    document_id: str
    revision: int
    remove: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CutUp:
    """How many chunks the document has, or the code of what is wrong with it."""

    chunks: int = 0
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    wish: DocumentWish
    first: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    wish: DocumentWish
    code: str


class KnowledgeActivities:
    def __init__(
        self, documents: Documents, reader: DocumentReader, indexing: KnowledgeIndexing, *, beat: timedelta
    ) -> None:
        self._documents = documents
        self._reader = reader
        self._indexing = indexing
        self._beat_s = beat.total_seconds()

    @activity.defn
    async def cut_up(self, wish: DocumentWish) -> CutUp:
        """Read the file and store its chunks. Raises NotFound for a revision that is not the present one."""
        async with self._alive():
            document = await self._documents.document(wish.tenant_id, wish.document_id)
            if document is None:
                raise NotFound("postgres", f"document {wish.document_id} is gone")
            content = await self._documents.content(wish.tenant_id, wish.document_id, wish.revision)
            await self._note(wish, DocumentState.READING)
            try:
                blocks = await self._reader.read(content, document.kind)
            except UnreadableDocument as unreadable:
                return CutUp(problem=unreadable.code)
            sections = sections_of(blocks)
            texts = texts_to_count(sections)
            counts: list[int] = []
            for first in range(0, len(texts), COUNTED_A_TIME):
                counts += await self._indexing.count_tokens(texts[first : first + COUNTED_A_TIME])
            tokens = dict(zip(texts, counts, strict=True))
            chunks = chunks_of(sections, tokens, await self._indexing.chunk_tokens())
            if not chunks:
                return CutUp(problem=EMPTY)
            pages = max((block.page for block in blocks if block.page), default=None)
            await self._documents.save_chunks(
                wish.tenant_id, wish.document_id, wish.revision, chunks, pages=pages, language=_language_of(chunks)
            )
            await self._note(wish, DocumentState.INDEXING)
            return CutUp(chunks=len(chunks))

    @activity.defn
    async def index_batch(self, batch: Batch) -> None:
        """Raises NotFound or Rejected when the document was replaced or removed meanwhile."""
        wish = batch.wish
        async with self._alive():
            chunks = await self._documents.chunks(
                wish.tenant_id, wish.document_id, wish.revision, batch.first, batch.count
            )
            await self._indexing.index(await self._source(wish), chunks)
            await self._note(wish, DocumentState.INDEXING, batch.first + len(chunks))

    @activity.defn
    async def settle(self, wish: DocumentWish) -> bool:
        """Drop the revisions before and call the document ready; False when chunks are missing in the index."""
        source = await self._source(wish)
        document = await self._documents.document(wish.tenant_id, wish.document_id)
        total = document.chunks_total if document else None
        if await self._indexing.count(source) != total:
            return False
        await self._indexing.remove(source, but_this=True)
        await self._note(wish, DocumentState.READY, total or 0)
        return True

    @activity.defn
    async def note_problem(self, problem: Problem) -> None:
        wish = problem.wish
        await self._documents.progress(
            wish.tenant_id, wish.document_id, wish.revision, DocumentState.FAILED, problem=problem.code
        )

    @activity.defn
    async def remove(self, wish: DocumentWish) -> None:
        """Every point first: while any is left, the document is still listed as going."""
        source = Source(tenant_id=wish.tenant_id, document_id=wish.document_id, name="", revision=wish.revision)
        await self._indexing.remove(source, but_this=False)
        await self._documents.forget(wish.tenant_id, wish.document_id, wish.revision)

    async def _source(self, wish: DocumentWish) -> Source:
        document = await self._documents.document(wish.tenant_id, wish.document_id)
        if document is None or document.revision != wish.revision:
            raise NotFound("postgres", f"document {wish.document_id} was replaced or removed")
        return Source(
            tenant_id=wish.tenant_id, document_id=wish.document_id, name=document.name, revision=wish.revision
        )

    async def _note(self, wish: DocumentWish, state: DocumentState, chunks_done: int = 0) -> None:
        """Raises NotFound when somebody wants something else of the document by now."""
        if not await self._documents.progress(
            wish.tenant_id, wish.document_id, wish.revision, state, chunks_done=chunks_done
        ):
            raise NotFound("postgres", f"document {wish.document_id} was replaced or removed")

    @contextlib.asynccontextmanager
    async def _alive(self) -> AsyncGenerator[None]:
        """Heartbeats for the life of the block."""

        async def beat() -> None:
            while True:
                activity.heartbeat()
                await asyncio.sleep(self._beat_s)

        beating = asyncio.create_task(beat())
        try:
            yield
        finally:
            beating.cancel()


def _language_of(chunks: list[Chunk]) -> Language | None:
    """Of most of its letters."""
    letters: Counter[Language | None] = Counter()
    for chunk in chunks:
        letters[script_of(chunk.text)] += len(chunk.text)
    return letters.most_common(1)[0][0]
