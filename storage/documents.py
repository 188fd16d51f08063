"""Documents: what was uploaded, sealed with a key of its own, how far it has come, and what it was cut into."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.errors import NotFound, Rejected
from domain.knowledge.document import (
    Chunk,
    Document,
    DocumentKind,
    DocumentState,
    Upload,
    document_id_of,
    document_key,
)
from domain.ports import KeyRing
from domain.speech import Language
from storage.sealing import place, seal, unseal
from storage.session import Database
from storage.tables import document_chunks, document_pieces, documents

MOST_LISTED = 1_000
"""Ceiling of one listing: what a page can show."""
PIECE_BYTES = 512 * 1024
"""A row of this size is written in 10 ms; a whole file of 20 MB would come near the limit of a transaction."""
CHUNKS_A_TIME = 500
"""Rows in one statement, half a megabyte."""


class PostgresDocuments:
    """Implements domain.knowledge.ports.Documents."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys

    async def put(self, tenant_id: str, upload: Upload) -> tuple[Document, bool]:
        """Raises Rejected when somebody else uploads the same name at the same moment."""
        known = await self._of_content(tenant_id, upload.content_hash)
        if known is not None and known.state not in (DocumentState.FAILED, DocumentState.REMOVING):
            return known, False
        document_id = document_id_of(tenant_id, upload.name)
        before = await self.document(tenant_id, document_id)
        now = time.time()
        document = Document(
            tenant_id=tenant_id,
            document_id=document_id,
            name=upload.name,
            kind=upload.kind,
            size_bytes=len(upload.content),
            content_hash=upload.content_hash,
            # By the clock, so that it rises also where a removed document comes back.
            revision=max(int(now * 1000), 0 if before is None else before.revision + 1),
            state=DocumentState.QUEUED,
            uploaded_at=now,
            changed_at=now,
        )
        # The row comes last: a crash before it leaves the revision before as it was.
        await self._write_pieces(document, upload.content)
        await self._write_row(document)
        return document, True

    async def _of_content(self, tenant_id: str, content_hash: str) -> Document | None:
        query = select(documents).where(documents.c.content_hash == content_hash).order_by(documents.c.uploaded_at)
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = (await connection.execute(query.limit(1))).one_or_none()
        return None if row is None else _document(row)

    async def _write_pieces(self, document: Document, content: bytes) -> None:
        await self._keys.create_key(document.tenant_id, document_key(document.document_id))
        key = await self._key(document.tenant_id, document.document_id)
        for number in range(-(-len(content) // PIECE_BYTES)):
            piece = content[number * PIECE_BYTES : (number + 1) * PIECE_BYTES]
            sealed = seal(key, piece, _piece_place(document, number))
            row = insert(document_pieces).values(
                tenant_id=document.tenant_id,
                document_id=document.document_id,
                content_hash=document.content_hash,
                number=number,
                piece_sealed=sealed,
            )
            async with self._database.tenant_transaction(document.tenant_id) as connection:
                await connection.execute(
                    row.on_conflict_do_update(
                        index_elements=["tenant_id", "document_id", "content_hash", "number"],
                        set_={"piece_sealed": sealed},
                    )
                )

    async def _write_row(self, document: Document) -> None:
        values = {column.name: getattr(document, column.name) for column in documents.c}
        row = insert(documents).values(values)
        others = document_pieces.c.document_id == document.document_id
        async with self._database.tenant_transaction(document.tenant_id) as connection:
            written = await connection.execute(
                row.on_conflict_do_update(
                    index_elements=["tenant_id", "document_id"],
                    set_={name: value for name, value in values.items() if name not in ("tenant_id", "document_id")},
                    where=documents.c.revision < document.revision,
                )
            )
            if written.rowcount != 1:
                raise Rejected("postgres", "the document was replaced at the same moment")
            await connection.execute(
                delete(document_pieces).where(others, document_pieces.c.content_hash != document.content_hash)
            )

    async def document(self, tenant_id: str, document_id: str) -> Document | None:
        query = select(documents).where(documents.c.document_id == document_id)
        async with self._database.tenant_transaction(tenant_id) as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else _document(row)

    async def listed(self, tenant_id: str) -> list[Document]:
        """At most MOST_LISTED."""
        query = select(documents).order_by(documents.c.uploaded_at.desc()).limit(MOST_LISTED)
        async with self._database.tenant_transaction(tenant_id) as connection:
            return [_document(row) for row in await connection.execute(query)]

    async def content(self, tenant_id: str, document_id: str, revision: int) -> bytes:
        document = await self._present(tenant_id, document_id, revision)
        key = await self._key(tenant_id, document_id)
        pieces: list[bytes] = []
        for number in range(-(-document.size_bytes // PIECE_BYTES)):
            query = select(document_pieces.c.piece_sealed).where(
                document_pieces.c.document_id == document_id,
                document_pieces.c.content_hash == document.content_hash,
                document_pieces.c.number == number,
            )
            async with self._database.tenant_transaction(tenant_id) as connection:
                sealed = await connection.scalar(query)
            if sealed is None:
                raise NotFound("postgres", f"document {document_id} was replaced or removed")
            pieces.append(unseal(key, sealed, _piece_place(document, number)))
        return b"".join(pieces)

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
        await self._present(tenant_id, document_id, revision)
        key = await self._key(tenant_id, document_id)
        for first in range(0, len(chunks), CHUNKS_A_TIME):
            rows = [
                {
                    "tenant_id": tenant_id,
                    "document_id": document_id,
                    "revision": revision,
                    "position": chunk.position,
                    "chunk_sealed": seal(key, _written(chunk), _chunk_place(tenant_id, document_id, chunk.position)),
                }
                for chunk in chunks[first : first + CHUNKS_A_TIME]
            ]
            row = insert(document_chunks)
            async with self._database.tenant_transaction(tenant_id) as connection:
                await connection.execute(
                    row.on_conflict_do_update(
                        index_elements=["tenant_id", "document_id", "revision", "position"],
                        set_={"chunk_sealed": row.excluded.chunk_sealed},
                    ),
                    rows,
                )
        own = document_chunks.c.document_id == document_id
        left = (document_chunks.c.revision != revision) | (document_chunks.c.position >= len(chunks))
        counted = update(documents).values(chunks_total=len(chunks), pages=pages, language=language)
        async with self._database.tenant_transaction(tenant_id) as connection:
            await connection.execute(delete(document_chunks).where(own, left))
            await connection.execute(
                counted.where(documents.c.document_id == document_id, documents.c.revision == revision)
            )

    async def chunks(self, tenant_id: str, document_id: str, revision: int, first: int, count: int) -> list[Chunk]:
        await self._present(tenant_id, document_id, revision)
        key = await self._key(tenant_id, document_id)
        query = (
            select(document_chunks)
            .where(
                document_chunks.c.document_id == document_id,
                document_chunks.c.revision == revision,
                document_chunks.c.position.between(first, first + count - 1),
            )
            .order_by(document_chunks.c.position)
        )
        async with self._database.tenant_transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).all()
        return [
            _chunk(row.position, unseal(key, row.chunk_sealed, _chunk_place(tenant_id, document_id, row.position)))
            for row in rows
        ]

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
        change = update(documents).values(state=state, chunks_done=chunks_done, problem=problem, changed_at=time.time())
        mine = (documents.c.document_id == document_id) & (documents.c.revision == revision)
        async with self._database.tenant_transaction(tenant_id) as connection:
            done = await connection.execute(change.where(mine, documents.c.state != DocumentState.REMOVING))
        return done.rowcount == 1

    async def remove(self, tenant_id: str, document_id: str) -> Document | None:
        change = update(documents).values(state=DocumentState.REMOVING, problem=None, changed_at=time.time())
        async with self._database.tenant_transaction(tenant_id) as connection:
            changed = await connection.execute(
                change.where(documents.c.document_id == document_id).returning(documents)
            )
            row = changed.one_or_none()
        return None if row is None else _document(row)

    async def forget(self, tenant_id: str, document_id: str, revision: int) -> None:
        gone = delete(documents).where(documents.c.document_id == document_id, documents.c.revision <= revision)
        async with self._database.tenant_transaction(tenant_id) as connection:
            forgotten = await connection.execute(gone)
            if forgotten.rowcount:
                await connection.execute(delete(document_pieces).where(document_pieces.c.document_id == document_id))

    async def _present(self, tenant_id: str, document_id: str, revision: int) -> Document:
        document = await self.document(tenant_id, document_id)
        if document is None or document.revision != revision or document.state is DocumentState.REMOVING:
            raise NotFound("postgres", f"document {document_id} was replaced or removed")
        return document

    async def _key(self, tenant_id: str, document_id: str) -> bytes:
        key = await self._keys.key(tenant_id, document_key(document_id))
        if key is None:
            raise NotFound("postgres", f"document {document_id} has no key")
        return key


def _piece_place(document: Document, number: int) -> bytes:
    return place("document_pieces", document.tenant_id, document.document_id, document.content_hash, number)


def _chunk_place(tenant_id: str, document_id: str, position: int) -> bytes:
    return place("document_chunks", tenant_id, document_id, position)


def _written(chunk: Chunk) -> bytes:
    return json.dumps([chunk.heading, chunk.sentences, chunk.page], ensure_ascii=False).encode()


def _chunk(position: int, written: bytes) -> Chunk:
    heading, sentences, page = json.loads(written)
    return Chunk(position=position, heading=tuple(heading), sentences=tuple(sentences), page=page)


def _document(row: Any) -> Document:
    plain = Document(**{column.name: getattr(row, column.name) for column in documents.c})
    return replace(
        plain,
        kind=DocumentKind(plain.kind),
        state=DocumentState(plain.state),
        language=Language(plain.language) if plain.language else None,
    )
