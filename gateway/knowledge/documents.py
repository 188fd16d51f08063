"""Documents of the administrator's own tenant: upload, watch, remove."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.requests import ClientDisconnect

from domain.knowledge.document import LONGEST_NAME, MOST_FILE_BYTES, Document
from domain.knowledge.kinds import upload_of
from domain.knowledge.problems import SENTENCES, TOO_LARGE, UnreadableDocument
from gateway.access import Admin
from gateway.deps import Deps
from gateway.problems import Problem

router = APIRouter(prefix="/v1")

UPLOAD_SECONDS = 120
"""20 MB on a line of 1.5 Mbit/s."""
_STATUS = {TOO_LARGE: 413, "unsupported_type": 415, "wrong_type": 415}


@router.post("/documents", status_code=202)
async def upload(
    admin: Admin, deps: Deps, request: Request, name: Annotated[str, Query(min_length=1, max_length=LONGEST_NAME)]
) -> dict[str, Any]:
    """The file's bytes are the body; its name, which says the type, is in the query."""
    try:
        content = await _whole(request)
        document, new = await deps.documents.put(admin.tenant_id, await asyncio.to_thread(upload_of, name, content))
    except UnreadableDocument as unreadable:
        raise Problem(_STATUS.get(unreadable.code, 422), unreadable.code, str(unreadable)) from unreadable
    await deps.ingests.begin(document)
    if new:
        await deps.audit.record(
            admin.tenant_id, admin.user_id, "document_uploaded", document.document_id, {"hash": document.content_hash}
        )
    return {**shown(document), "new": new}


@router.get("/documents")
async def listed(admin: Admin, deps: Deps) -> dict[str, Any]:
    return {"documents": [shown(document) for document in await deps.documents.listed(admin.tenant_id)]}


@router.get("/documents/{document_id}")
async def one(admin: Admin, deps: Deps, document_id: str) -> dict[str, Any]:
    document = await deps.documents.document(admin.tenant_id, document_id)
    if document is None:
        raise Problem(404, "unknown_document", "There is no such document.")
    return shown(document)


@router.delete("/documents/{document_id}", status_code=202)
async def remove(admin: Admin, deps: Deps, document_id: str) -> dict[str, Any]:
    document = await deps.documents.remove(admin.tenant_id, document_id)
    if document is None:
        raise Problem(404, "unknown_document", "There is no such document.")
    await deps.ingests.begin(document)
    await deps.audit.record(admin.tenant_id, admin.user_id, "document_removed", document_id, {})
    return shown(document)


async def _whole(request: Request) -> bytes:
    """Read here, once it is known who sends it, and not before. Raises Problem, UnreadableDocument."""
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            async for piece in request.stream():
                pieces.append(piece)
                size += len(piece)
                if size > MOST_FILE_BYTES:
                    raise UnreadableDocument(TOO_LARGE)
    except TimeoutError as late:
        raise Problem(408, "timeout", f"The file took longer than {UPLOAD_SECONDS} s.") from late
    except ClientDisconnect as gone:
        raise Problem(400, "bad_request", "The file did not arrive as a whole.") from gone
    return b"".join(pieces)


def shown(document: Document) -> dict[str, Any]:
    problem = document.problem
    return {
        "id": document.document_id,
        "name": document.name,
        "kind": document.kind,
        "size_bytes": document.size_bytes,
        "hash": document.content_hash,
        "state": document.state,
        "progress": round(document.progress, 3),
        "chunks_done": document.chunks_done,
        "chunks_total": document.chunks_total,
        "pages": document.pages,
        "language": document.language,
        "problem": problem and {"code": problem, "text": dict(SENTENCES.get(problem, {}))},
        "uploaded_at": document.uploaded_at,
        "changed_at": document.changed_at,
    }
