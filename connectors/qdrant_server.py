"""The Index port over a Qdrant server, for sites with more documents than one process should hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from connectors.qdrant_points import DENSE, DOCUMENT, LANGUAGE, REVISION, SPARSE, TENANT, hit_of, own_only, payload_of
from domain.errors import SetupError, Unavailable
from domain.knowledge.document import chunk_id_of
from domain.knowledge.ports import Hit, IndexedChunk, Rankings, SparseVector
from domain.speech import Language

T = TypeVar("T")

SYSTEM = "qdrant"
COLLECTION = "hatif"
TIMEOUT_S = 10
"""For writes; a search ends with its caller's deadline."""


class ServerIndex:
    """One collection for an embedder, one tenant's points beside another's: every request is filtered by tenant."""

    def __init__(self, client: AsyncQdrantClient, *, model: str, dimensions: int, idf: bool) -> None:
        self._client = client
        self._collection = f"{COLLECTION}-{model}"
        self._dimensions = dimensions
        self._idf = idf

    @classmethod
    async def connect(cls, url: str, *, api_key: str | None, model: str, dimensions: int, idf: bool) -> ServerIndex:
        """Raises SetupError when the server can't be reached, or refuses the collection."""
        client = AsyncQdrantClient(url=url, api_key=api_key, timeout=TIMEOUT_S, check_compatibility=False)
        index = cls(client, model=model, dimensions=dimensions, idf=idf)
        try:
            await index.prepare()
        except Unavailable as error:
            await client.close()
            raise SetupError(f"The Qdrant server at {url} can't be used: {error}.") from error
        return index

    async def prepare(self) -> None:
        """Make the collection where it is not there yet."""
        if await self._asked(lambda: self._client.collection_exists(self._collection)):
            return
        await self._asked(
            lambda: self._client.create_collection(
                self._collection,
                vectors_config={DENSE: models.VectorParams(size=self._dimensions, distance=models.Distance.COSINE)},
                sparse_vectors_config={
                    SPARSE: models.SparseVectorParams(modifier=models.Modifier.IDF if self._idf else None)
                },
            )
        )
        fields: dict[str, models.KeywordIndexParams] = {
            TENANT: models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True),
            DOCUMENT: models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD),
            LANGUAGE: models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD),
        }
        for name, field in fields.items():
            await self._asked(partial(self._client.create_payload_index, self._collection, name, field))

    async def upsert(self, tenant_id: str, chunks: Sequence[IndexedChunk]) -> None:
        own_only(tenant_id, chunks)
        points = [
            models.PointStruct(
                id=chunk_id_of(chunk.source, chunk.chunk),
                vector={
                    DENSE: list(chunk.dense),
                    SPARSE: models.SparseVector(indices=list(chunk.sparse.indices), values=list(chunk.sparse.values)),
                },
                payload=payload_of(chunk),
            )
            for chunk in chunks
        ]
        if points:
            await self._asked(lambda: self._client.upsert(self._collection, points, wait=True))

    async def search(self, tenant_id: str, dense: Sequence[float], sparse: SparseVector, *, limit: int) -> Rankings:
        own = _matching({TENANT: tenant_id})
        # A word is as rare as it is among the tenant's own documents.
        rarity = models.SearchParams(idf=models.IdfCorpusParams(corpus=own)) if self._idf else None
        words = models.SparseVector(indices=list(sparse.indices), values=list(sparse.values))
        asked = [
            models.QueryRequest(
                query=list(dense),
                using=DENSE,
                filter=_matching({TENANT: tenant_id, LANGUAGE: language.value}),
                limit=limit,
                with_payload=True,
            )
            for language in Language
        ]
        asked.append(
            models.QueryRequest(query=words, using=SPARSE, filter=own, limit=limit, with_payload=True, params=rarity)
        )
        *by_language, by_words = await self._asked(
            lambda: self._client.query_batch_points(self._collection, requests=asked)
        )
        dense_hits = {language: _hits(found.points) for language, found in zip(Language, by_language, strict=True)}
        return Rankings(dense=dense_hits, sparse=_hits(by_words.points))

    async def remove(self, tenant_id: str, document_id: str, *, but_revision: int | None = None) -> None:
        unless = {} if but_revision is None else {REVISION: but_revision}
        gone = models.FilterSelector(filter=_matching({TENANT: tenant_id, DOCUMENT: document_id}, unless))
        await self._asked(lambda: self._client.delete(self._collection, gone, wait=True))

    async def count(self, tenant_id: str, document_id: str | None = None, *, revision: int | None = None) -> int:
        wanted: dict[str, str | int] = {TENANT: tenant_id}
        if document_id is not None:
            wanted[DOCUMENT] = document_id
        if revision is not None:
            wanted[REVISION] = revision
        counted = await self._asked(
            lambda: self._client.count(self._collection, count_filter=_matching(wanted), exact=True)
        )
        return counted.count

    async def _asked(self, request: Callable[[], Awaitable[T]]) -> T:
        try:
            return await request()
        except UnexpectedResponse as refused:
            raise Unavailable(SYSTEM, f"status {refused.status_code}") from refused
        except (ApiException, ResponseHandlingException, OSError) as error:
            raise Unavailable(SYSTEM, type(error).__name__) from error

    async def close(self) -> None:
        await self._client.close()


def _matching(wanted: Mapping[str, str | int], unless: Mapping[str, str | int] | None = None) -> models.Filter:
    def conditions(values: Mapping[str, str | int]) -> list[models.Condition]:
        return [models.FieldCondition(key=key, match=models.MatchValue(value=value)) for key, value in values.items()]

    return models.Filter(must=conditions(wanted), must_not=conditions(unless or {}))


def _hits(points: Sequence[models.ScoredPoint]) -> tuple[Hit, ...]:
    return tuple(hit_of(str(point.id), point.score, point.payload or {}) for point in points)
