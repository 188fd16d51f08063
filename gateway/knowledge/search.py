"""What an answer would find in the tenant's documents, for administrators to try."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from domain.errors import EngineError
from domain.knowledge.document import Passage
from gateway.access import Admin
from gateway.body import Body
from gateway.deps import Deps
from gateway.problems import unavailable

router = APIRouter(prefix="/v1/knowledge")

SEARCH_MS = 2_000
"""A page waits longer than a caller."""
MOST_PASSAGES = 10


class Asked(Body):
    question: Annotated[str, Field(min_length=1, max_length=500)]
    limit: Annotated[int, Field(ge=1, le=MOST_PASSAGES)] = 3


@router.post("/search")
async def search(asked: Asked, admin: Admin, deps: Deps) -> dict[str, Any]:
    try:
        passages = await deps.knowledge.search(
            admin.tenant_id, asked.question, limit=asked.limit, deadline_ms=SEARCH_MS
        )
    except EngineError as error:
        raise unavailable("The documents can't be searched at the moment.") from error
    return {"passages": [_found(passage) for passage in passages]}


def _found(passage: Passage) -> dict[str, Any]:
    return {
        "document_id": passage.document_id,
        "source": passage.source,
        "name": passage.name,
        "heading": list(passage.heading),
        "page": passage.page,
        "text": passage.text,
        "language": passage.language,
        "score": round(passage.score, 3),
        "answer": passage.answer,
    }
