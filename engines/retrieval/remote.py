"""The Knowledge and KnowledgeIndexing ports over the knowledge process's small HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import httpx

from domain.errors import EngineFailed, EngineSlow, Rejected, Unavailable
from domain.knowledge.document import Chunk, Passage, Source
from domain.speech import Language

STAGE = "knowledge"
SYSTEM = "knowledge"
CONNECT_S = 1.0
INDEX_S = 240.0
"""Of one batch, within INDEX_ATTEMPT (workflows/timeouts.py): it waits behind every question."""
ASIDE_MS = 20
"""Over the deadline of a search, for the way there and back: the process itself answers in time, or says so."""


class RemoteKnowledge:
    """One pool of connections a process. `url` is the process's root, `token` what opens it."""

    def __init__(self, url: str, token: str) -> None:
        self.reranks = True
        """May be set between two searches: without it they are quicker, and keep the order in which they found."""
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(None, connect=CONNECT_S),
            # A proxy meant for the internet has no business between two processes of one machine.
            trust_env=False,
        )

    async def search(self, tenant_id: str, question: str, *, limit: int, deadline_ms: int) -> list[Passage]:
        """See Knowledge.search."""
        asked = {"tenant_id": tenant_id, "question": question, "limit": limit, "deadline_ms": deadline_ms}
        asked["rerank"] = self.reranks
        try:
            async with asyncio.timeout((deadline_ms + ASIDE_MS) / 1000):
                response = await self._client.post("/v1/search", json=asked)
        except TimeoutError as error:
            raise EngineSlow(STAGE, f"no answer in {deadline_ms} ms") from error
        except httpx.HTTPError as error:
            raise EngineFailed(STAGE, type(error).__name__) from error
        if response.status_code == httpx.codes.SERVICE_UNAVAILABLE.value:
            raise EngineSlow(STAGE, "the knowledge process did not find an answer in time")
        if response.status_code != httpx.codes.OK.value:
            raise EngineFailed(STAGE, f"the knowledge process answers with status {response.status_code}")
        try:
            return [_passage(each) for each in response.json()["passages"]]
        except (ValueError, KeyError, TypeError) as error:
            raise EngineFailed(STAGE, "the knowledge process answers with something else") from error

    async def chunk_tokens(self) -> int:
        return int((await self._ask("GET", "/v1/embedder"))["chunk_tokens"])

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return list((await self._ask("POST", "/v1/tokens", {"texts": list(texts)}))["counts"])

    async def index(self, source: Source, chunks: Sequence[Chunk]) -> None:
        """See KnowledgeIndexing.index."""
        body = {"source": asdict(source), "chunks": [asdict(chunk) for chunk in chunks]}
        await self._ask("POST", "/v1/index", body)

    async def remove(self, source: Source, *, but_this: bool) -> None:
        """See KnowledgeIndexing.remove."""
        await self._ask("POST", "/v1/remove", {"source": asdict(source), "but_this": but_this})

    async def count(self, source: Source) -> int:
        return int((await self._ask("POST", "/v1/count", {"source": asdict(source)}))["count"])

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            async with asyncio.timeout(INDEX_S):
                response = await self._client.request(method, path, json=body)
        except (TimeoutError, httpx.HTTPError) as error:
            raise Unavailable(SYSTEM, type(error).__name__, 1_000) from error
        if response.status_code == httpx.codes.CONFLICT.value:
            raise Rejected(SYSTEM, "a later revision of the document is there")
        if response.status_code != httpx.codes.OK.value:
            raise Unavailable(SYSTEM, f"status {response.status_code}", 1_000)
        return response.json()

    async def close(self) -> None:
        await self._client.aclose()


def _passage(told: dict[str, Any]) -> Passage:
    return Passage(
        document_id=told["document_id"],
        name=told["name"],
        heading=tuple(told["heading"]),
        page=told["page"],
        text=told["text"],
        language=Language(told["language"]) if told["language"] else None,
        score=told["score"],
        answer=told["answer"],
    )
