"""What a chunk looks like as a point of Qdrant, embedded or server: the names of its vectors and payload fields."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from domain.answering.spelling import script_of
from domain.errors import Rejected
from domain.knowledge.document import Chunk, Source
from domain.knowledge.ports import Hit, IndexedChunk
from domain.speech import Language

DENSE, SPARSE = "dense", "terms"
TENANT, DOCUMENT, REVISION, LANGUAGE = "tenant_id", "document_id", "revision", "language"


def own_only(tenant_id: str, chunks: Sequence[IndexedChunk]) -> None:
    """Raises Rejected for a chunk of another tenant."""
    if any(chunk.source.tenant_id != tenant_id for chunk in chunks):
        raise Rejected("qdrant", "a chunk belongs to another tenant")


def payload_of(indexed: IndexedChunk) -> dict[str, Any]:
    source, chunk = indexed.source, indexed.chunk
    return {
        TENANT: source.tenant_id,
        DOCUMENT: source.document_id,
        REVISION: source.revision,
        LANGUAGE: (script_of(chunk.text) or Language.EN).value,
        "name": source.name,
        "position": chunk.position,
        "heading": list(chunk.heading),
        "page": chunk.page,
        "sentences": list(chunk.sentences),
        "vectors": base64.b64encode(indexed.sentences).decode(),
    }


def hit_of(chunk_id: str, score: float, payload: Mapping[str, Any]) -> Hit:
    return Hit(
        chunk_id=chunk_id,
        source=Source(
            tenant_id=payload[TENANT],
            document_id=payload[DOCUMENT],
            name=payload["name"],
            revision=payload[REVISION],
        ),
        chunk=Chunk(
            position=payload["position"],
            heading=tuple(payload["heading"]),
            sentences=tuple(payload["sentences"]),
            page=payload["page"],
        ),
        sentences=base64.b64decode(payload["vectors"]),
        score=score,
    )
