"""The knowledge process's HTTP: POST /v1/search, and what ingestion needs; docs/knowledge.md has the rows.

Every route but health needs the bearer token of the keys directory: other users of this machine have no business
with the tenants' documents.
"""

from __future__ import annotations

import hmac
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, TypeVar

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.errors import EngineError, EngineSlow, HatifError, Refused, Rejected, Unavailable
from domain.knowledge.document import Chunk, Passage, Source
from workers.knowledge.retrieval import Retriever
from workers.process.json_body import json_body

log = structlog.get_logger(__name__)

MOST_BODY_BYTES = 4_000_000
"""500 of the longest sentences in Arabic; a batch of 16 chunks has 30 KB."""
LONGEST_QUESTION = 2_000
MOST_PASSAGES = 20
LONGEST_DEADLINE_MS = 10_000
MOST_TEXTS = 1_000
MOST_CHUNKS = 64

Text = Annotated[str, Field(min_length=1, max_length=10_000)]
Id = Annotated[str, Field(min_length=1, max_length=200)]
Asked = TypeVar("Asked", bound="_Body")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Search(_Body):
    tenant_id: Id
    question: Annotated[str, Field(min_length=1, max_length=LONGEST_QUESTION)]
    limit: Annotated[int, Field(ge=1, le=MOST_PASSAGES)] = 3
    deadline_ms: Annotated[int, Field(ge=1, le=LONGEST_DEADLINE_MS)] = 1_000
    rerank: bool = True
    """False keeps the order of the search, also where a reranker is there."""


class SourceBody(_Body):
    tenant_id: Id
    document_id: Id
    name: Annotated[str, Field(max_length=200)]
    revision: Annotated[int, Field(ge=1)]

    def plain(self) -> Source:
        return Source(**self.model_dump())


class ChunkBody(_Body):
    position: Annotated[int, Field(ge=0)]
    sentences: Annotated[list[Text], Field(min_length=1, max_length=500)]
    heading: Annotated[list[Text], Field(max_length=20)] = []
    page: Annotated[int, Field(ge=1)] | None = None

    def plain(self) -> Chunk:
        return Chunk(
            position=self.position, sentences=tuple(self.sentences), heading=tuple(self.heading), page=self.page
        )


class Indexing(_Body):
    source: SourceBody
    chunks: Annotated[list[ChunkBody], Field(max_length=MOST_CHUNKS)]


class Removal(_Body):
    source: SourceBody
    but_this: bool


class Counting(_Body):
    source: SourceBody


class Tokens(_Body):
    texts: Annotated[list[Annotated[str, Field(max_length=100_000)]], Field(max_length=MOST_TEXTS)]


class _Doors:
    def __init__(self, retriever: Retriever, token: str) -> None:
        self._retriever = retriever
        self._token = token

    def open(self, answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """A route behind the token, whose errors are problem+json."""

        async def guarded(request: Request) -> Response:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(), self._token.encode()):
                return problem(401, "unauthenticated", "Send the token of the keys directory.")
            try:
                return await answer(request)
            except HatifError as error:
                return _told(error)

        return guarded

    async def search(self, request: Request) -> Response:
        asked = await _read(request, Search)
        passages = await self._retriever.search(
            asked.tenant_id,
            asked.question,
            limit=asked.limit,
            deadline_ms=asked.deadline_ms,
            reranks=asked.rerank,
        )
        return JSONResponse({"passages": [shown(passage) for passage in passages]})

    async def embedder(self, _: Request) -> Response:
        embedder = self._retriever.embedder
        return JSONResponse({"name": embedder.name, "chunk_tokens": embedder.chunk_tokens})

    async def tokens(self, request: Request) -> Response:
        asked = await _read(request, Tokens)
        return JSONResponse({"counts": await self._retriever.embedder.count_tokens(asked.texts)})

    async def index(self, request: Request) -> Response:
        asked = await _read(request, Indexing)
        await self._retriever.index(asked.source.plain(), [chunk.plain() for chunk in asked.chunks])
        return JSONResponse({})

    async def remove(self, request: Request) -> Response:
        asked = await _read(request, Removal)
        await self._retriever.remove(asked.source.plain(), but_this=asked.but_this)
        return JSONResponse({})

    async def count(self, request: Request) -> Response:
        asked = await _read(request, Counting)
        return JSONResponse({"count": await self._retriever.count(asked.source.plain())})


def application(retriever: Retriever, token: str) -> Starlette:
    doors = _Doors(retriever, token)

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "embedder": retriever.embedder.name})

    posted = {"search": doors.search, "tokens": doors.tokens, "index": doors.index, "remove": doors.remove}
    posted["count"] = doors.count
    return Starlette(
        routes=[
            *(Route(f"/v1/{name}", doors.open(answer), methods=["POST"]) for name, answer in posted.items()),
            Route("/v1/embedder", doors.open(doors.embedder)),
            Route("/healthz", health),
        ],
        # A web page that resolves its own name to loopback gets nothing.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )


def shown(passage: Passage) -> dict[str, Any]:
    return {
        "document_id": passage.document_id,
        "name": passage.name,
        "heading": list(passage.heading),
        "page": passage.page,
        "text": passage.text,
        "language": passage.language,
        "score": passage.score if math.isfinite(passage.score) else 0.0,
        "answer": passage.answer,
    }


async def _read(request: Request, kind: type[Asked]) -> Asked:
    """Raises Refused; what was sent is never repeated: it may be what a caller said."""
    body = await json_body(request, MOST_BODY_BYTES)
    try:
        return kind.model_validate_json(body)
    except ValidationError as wrong:
        place = ".".join(str(step) for step in wrong.errors(include_input=False)[0]["loc"])
        raise Refused("invalid", f"The body is not valid at {place or 'its beginning'}.") from None


_STATUS = {"unsupported_media_type": 415, "too_large": 413}


def _told(error: HatifError) -> Response:
    match error:
        case Refused():
            return problem(_STATUS.get(error.code, 422), error.code, str(error))
        case Rejected():
            return problem(409, "outdated", str(error))
        case EngineSlow():
            return problem(503, "slow", str(error), {"Retry-After": "1"})
        case Unavailable():
            return problem(502, "index_unavailable", str(error))
        case EngineError():
            log.warning("knowledge_failed", reason=str(error))
            return problem(500, "failed", str(error))
        case _:
            return problem(500, "failed", "Something went wrong; it has been logged.")


def problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    body = {"type": "about:blank", "title": code.replace("_", " "), "status": status, "detail": detail, "code": code}
    return JSONResponse(body, status, headers, media_type="application/problem+json")
