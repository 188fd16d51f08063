"""The ports of knowledge: models, the index, the store of documents, and what answers ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.knowledge.document import Block, Chunk, Document, DocumentKind, DocumentState, Passage, Source, Upload
from domain.speech import Language


@dataclass(frozen=True, slots=True)
class SparseVector:
    """A few weighted dimensions of 2³²; `indices` ascend."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Embedding:
    dense: tuple[float, ...]
    """Of length 1."""
    sparse: SparseVector | None = None
    """The model's own weighted words; None from a model that has none, and BM25 takes their place."""


class Embedder(Protocol):
    """Texts into vectors. Everything raises EngineSlow or EngineFailed with stage "embed"."""

    name: str
    """Vectors of embedders with different names can't be compared."""
    dimensions: int
    chunk_tokens: int
    """The largest chunk that it should be given, headings included."""
    has_sparse: bool

    async def count_tokens(self, texts: Sequence[str]) -> list[int]: ...

    async def question(self, text: str, deadline_ms: int) -> Embedding: ...

    async def passages(self, texts: Sequence[str]) -> list[Embedding]:
        """Never in the way of a question."""
        ...


class Reranker(Protocol):
    languages: frozenset[Language]
    """Of question and passage; in any other it would be wrong."""

    async def score(self, question: str, passages: Sequence[str], deadline_ms: int) -> list[float]:
        """0..1 each, how well it answers. Raises EngineSlow or EngineFailed with stage "rerank"."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedChunk:
    source: Source
    chunk: Chunk
    dense: tuple[float, ...]
    sparse: SparseVector
    sentences: bytes
    """The vectors of the chunk and of each sentence, as the one who searches packs them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    chunk_id: str
    source: Source
    chunk: Chunk
    sentences: bytes
    score: float
    """Cosine in a dense ranking, BM25 or the model's own in the sparse one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rankings:
    """The searches of one question, each best first."""

    dense: Mapping[Language, tuple[Hit, ...]]
    """Among the chunks of each language: those of one would crowd out the answer that stands in the other."""
    sparse: tuple[Hit, ...]


class Index(Protocol):
    """Every method acts inside one tenant. All raise Unavailable("qdrant", …)."""

    async def upsert(self, tenant_id: str, chunks: Sequence[IndexedChunk]) -> None:
        """Idempotent. Raises Rejected for a chunk of another tenant."""
        ...

    async def search(self, tenant_id: str, dense: Sequence[float], sparse: SparseVector, *, limit: int) -> Rankings: ...

    async def remove(self, tenant_id: str, document_id: str, *, but_revision: int | None = None) -> None:
        """Every chunk of the document, or all but those of one revision."""
        ...

    async def count(self, tenant_id: str, document_id: str | None = None, *, revision: int | None = None) -> int: ...

    async def close(self) -> None: ...


class DocumentReader(Protocol):
    async def read(self, content: bytes, kind: DocumentKind) -> list[Block]:
        """Raises UnreadableDocument; its `code` is one of domain/knowledge/problems.py."""
        ...


class Documents(Protocol):
    """Documents, what was uploaded and what it was cut into. Acts inside one tenant; raises Unavailable("postgres")."""

    async def put(self, tenant_id: str, upload: Upload) -> tuple[Document, bool]:
        """The document, and whether its content is new: the same content again, under any name, changes nothing."""
        ...

    async def document(self, tenant_id: str, document_id: str) -> Document | None: ...

    async def listed(self, tenant_id: str) -> list[Document]:
        """The latest upload first."""
        ...

    async def content(self, tenant_id: str, document_id: str, revision: int) -> bytes:
        """Raises NotFound for a revision that is not the present one."""
        ...

    async def save_chunks(
        self,
        tenant_id: str,
        document_id: str,
        revision: int,
        chunks: Sequence[Chunk],
        *,
        pages: int | None,
        language: Language | None,
    ) -> None:
        """Idempotent: replaces what was cut before. Raises NotFound for a revision that is not the present one."""
        ...

    async def chunks(self, tenant_id: str, document_id: str, revision: int, first: int, count: int) -> list[Chunk]:
        """Raises NotFound for a revision that is not the present one."""
        ...

    async def progress(
        self,
        tenant_id: str,
        document_id: str,
        revision: int,
        state: DocumentState,
        *,
        chunks_done: int = 0,
        problem: str | None = None,
    ) -> bool:
        """False, and nothing changes, when there is a later revision, or none at all."""
        ...

    async def remove(self, tenant_id: str, document_id: str) -> Document | None:
        """Mark it as going; what is there still goes by `forget`."""
        ...

    async def forget(self, tenant_id: str, document_id: str, revision: int) -> None:
        """Delete the row, the content and the chunks, unless a later revision is there. Unknown ones are ignored."""
        ...


class Knowledge(Protocol):
    """What an answer asks."""

    async def search(self, tenant_id: str, question: str, *, limit: int, deadline_ms: int) -> list[Passage]:
        """The best passages, best first; none of another tenant. Raises EngineSlow past the deadline, EngineFailed."""
        ...


class KnowledgeIndexing(Protocol):
    """What ingestion asks of the process that owns index and embedder. Raises Unavailable("knowledge", …)."""

    async def chunk_tokens(self) -> int:
        """See Embedder."""
        ...

    async def count_tokens(self, texts: Sequence[str]) -> list[int]: ...

    async def index(self, source: Source, chunks: Sequence[Chunk]) -> None:
        """Embed and upsert. Idempotent. Raises Rejected when a later revision was indexed or removed meanwhile."""
        ...

    async def remove(self, source: Source, *, but_this: bool) -> None:
        """Every chunk of the document up to this revision; with `but_this`, those of this revision stay."""
        ...

    async def count(self, source: Source) -> int:
        """Chunks of this revision in the index."""
        ...
