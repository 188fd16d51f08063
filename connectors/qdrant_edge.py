"""The Index port over Qdrant Edge, the same engine inside this process; a path belongs to one process at a time."""

from __future__ import annotations

import importlib
import json
import threading
from asyncio import wrap_future
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from connectors.qdrant_points import DENSE, DOCUMENT, LANGUAGE, REVISION, SPARSE, TENANT, hit_of, own_only, payload_of
from domain.errors import SetupError, Unavailable
from domain.knowledge.document import chunk_id_of
from domain.knowledge.ports import Hit, IndexedChunk, Rankings, SparseVector
from domain.speech import Language

T = TypeVar("T")

SYSTEM = "qdrant"
DESCRIPTION = "hatif.json"
"""Beside the shard: what its vectors were made by."""
THREADS = 2
"""Of one process: searches of two calls at a time, each in 1-2 ms at 10,000 chunks."""
OPTIMIZE_EVERY = 2_000
"""Points between two rounds of indexing; until then a search reads them one by one, 2 ms for 10,000."""


class EdgeIndex:
    """`model` names the embedder: an index of another one's vectors is refused, because they can't be compared."""

    def __init__(self, path: Path, *, model: str, dimensions: int, idf: bool) -> None:
        """Open the index, or make it. `idf`: the index weighs words by their rarity, for BM25.

        Raises SetupError for a path that another process holds, or that holds another model's vectors.
        """
        self._edge: Any = importlib.import_module("qdrant_edge")
        self._shard = self._open(path, {"model": model, "dimensions": dimensions, "idf": idf})
        self._idf = idf
        self._written = 0
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix="index")
        self._writing = threading.Lock()

    def _open(self, path: Path, description: dict[str, Any]) -> Any:
        edge = self._edge
        modifier = edge.Modifier.Idf if description["idf"] else None
        config = edge.EdgeConfig(
            vectors={DENSE: edge.EdgeVectorParams(size=description["dimensions"], distance=edge.Distance.Cosine)},
            sparse_vectors={SPARSE: edge.EdgeSparseVectorParams(modifier=modifier)},
        )
        described = path / DESCRIPTION
        shard = path / "shard"
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if described.exists():
                if json.loads(described.read_text()) != description:
                    raise SetupError(
                        f"The index {path} was made by another embedder. Move it away and ingest the documents again, "
                        "or choose the embedder that made it with HATIF_EMBEDDER."
                    )
                return edge.EdgeShard.load(str(shard), config)
            shard.mkdir(exist_ok=True)
            opened = edge.EdgeShard.create(str(shard), config)
            tenant = edge.KeywordIndexParams(is_tenant=True)
            opened.update(edge.UpdateOperation.create_field_index(TENANT, tenant))
            for field in (DOCUMENT, LANGUAGE):
                opened.update(edge.UpdateOperation.create_field_index(field, edge.PayloadSchemaType.Keyword))
            opened.flush()
            described.write_text(json.dumps(description))
        except SetupError:
            raise
        except Exception as error:
            # The library raises bare Exceptions.
            raise SetupError(
                f"The index {path} can't be opened ({type(error).__name__}); another process may hold it."
            ) from error
        return opened

    async def upsert(self, tenant_id: str, chunks: Sequence[IndexedChunk]) -> None:
        own_only(tenant_id, chunks)
        await self._run(self._upsert, [self._point(chunk) for chunk in chunks])

    def _point(self, indexed: IndexedChunk) -> Any:
        words = self._edge.SparseVector(list(indexed.sparse.indices), list(indexed.sparse.values))
        vectors = {DENSE: list(indexed.dense), SPARSE: words}
        return self._edge.Point(chunk_id_of(indexed.source, indexed.chunk), vectors, payload_of(indexed))

    def _upsert(self, points: list[Any]) -> None:
        with self._writing:
            self._shard.update(self._edge.UpdateOperation.upsert_points(points))
            self._shard.flush()
            self._written += len(points)
            if self._written >= OPTIMIZE_EVERY:
                self._written = 0
                self._shard.optimize()

    async def search(self, tenant_id: str, dense: Sequence[float], sparse: SparseVector, *, limit: int) -> Rankings:
        return await self._run(self._search, tenant_id, list(dense), sparse, limit)

    def _search(self, tenant_id: str, dense: list[float], sparse: SparseVector, limit: int) -> Rankings:
        edge = self._edge
        own = self._matching({TENANT: tenant_id})
        # A word is as rare as it is among the tenant's own documents.
        rarity = edge.SearchParams(idf=edge.IdfParams(corpus=own)) if self._idf else None
        words = edge.SparseVector(list(sparse.indices), list(sparse.values))
        nearest, alike = edge.Query.Nearest(dense, using=DENSE), edge.Query.Nearest(words, using=SPARSE)
        asked = [
            edge.QueryRequest(
                limit=limit,
                query=nearest,
                filter=self._matching({TENANT: tenant_id, LANGUAGE: language.value}),
                with_payload=True,
            )
            for language in Language
        ]
        asked.append(edge.QueryRequest(limit=limit, query=alike, filter=own, with_payload=True, params=rarity))
        *by_language, by_words = self._shard.query_batch(edge.QueryBatchRequest(asked))
        dense_hits = {language: _hits(points) for language, points in zip(Language, by_language, strict=True)}
        return Rankings(dense=dense_hits, sparse=_hits(by_words))

    async def remove(self, tenant_id: str, document_id: str, *, but_revision: int | None = None) -> None:
        await self._run(self._remove, tenant_id, document_id, but_revision)

    def _remove(self, tenant_id: str, document_id: str, but_revision: int | None) -> None:
        unless = {} if but_revision is None else {REVISION: but_revision}
        gone = self._matching({TENANT: tenant_id, DOCUMENT: document_id}, unless)
        with self._writing:
            self._shard.update(self._edge.UpdateOperation.delete_points_by_filter(gone))
            self._shard.flush()

    async def count(self, tenant_id: str, document_id: str | None = None, *, revision: int | None = None) -> int:
        wanted: dict[str, str | int] = {TENANT: tenant_id}
        if document_id is not None:
            wanted[DOCUMENT] = document_id
        if revision is not None:
            wanted[REVISION] = revision
        counting = self._edge.CountRequest(filter=self._matching(wanted), exact=True)
        return await self._run(self._shard.count, counting)

    def _matching(self, wanted: Mapping[str, str | int], unless: Mapping[str, str | int] | None = None) -> Any:
        edge = self._edge

        def conditions(values: Mapping[str, str | int]) -> list[Any]:
            return [edge.FieldCondition(key=key, match=edge.MatchValue(value)) for key, value in values.items()]

        return edge.Filter(must=conditions(wanted), must_not=conditions(unless or {}))

    async def _run(self, work: Callable[..., T], *args: Any) -> T:
        try:
            return await wrap_future(self._executor.submit(work, *args))
        except RuntimeError as closed:
            raise Unavailable(SYSTEM, "the index is closed") from closed
        except Exception as error:
            raise Unavailable(SYSTEM, type(error).__name__) from error

    async def close(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._shard.flush()
        self._shard.close()


def _hits(points: Sequence[Any]) -> tuple[Hit, ...]:
    return tuple(hit_of(str(point.id), float(point.score), point.payload) for point in points)
