from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from domain.errors import NotFound
from domain.knowledge.document import Chunk, Document, DocumentKind, DocumentState, Upload
from domain.speech import Language
from storage.documents import CHUNKS_A_TIME, PIECE_BYTES, PostgresDocuments
from storage.keys import PostgresKeyRing
from storage.session import Database

pytestmark = pytest.mark.servers

TERMS = Upload(name="terms.txt", kind=DocumentKind.TEXT, content=b"Fourteen days.")
CHUNK = Chunk(position=0, heading=("Returns", "الإرجاع"), sentences=("Fourteen days.", "أربعة عشر يوماً."), page=2)


@pytest.fixture
def documents(db: Database, keys: PostgresKeyRing) -> PostgresDocuments:
    return PostgresDocuments(db, keys)


async def put(
    documents: PostgresDocuments, tenant: str, content: bytes = TERMS.content, name: str = TERMS.name
) -> Document:
    return (await documents.put(tenant, replace(TERMS, name=name, content=content)))[0]


async def cut(documents: PostgresDocuments, document: Document, *chunks: Chunk) -> None:
    await documents.save_chunks(
        document.tenant_id, document.document_id, document.revision, chunks, pages=2, language=Language.AR
    )


async def test_an_upload_is_kept_as_it_was(documents: PostgresDocuments, tenant: str):
    content = bytes(range(256)) * (PIECE_BYTES // 100)
    document = await put(documents, tenant, content)
    assert document.state is DocumentState.QUEUED
    assert await documents.content(tenant, document.document_id, document.revision) == content
    assert await documents.document(tenant, document.document_id) == document
    assert await documents.listed(tenant) == [document]


async def test_neither_file_nor_chunks_lie_open_in_the_database(
    documents: PostgresDocuments, db: Database, tenant: str
):
    document = await put(documents, tenant)
    await cut(documents, document, CHUNK)
    async with db.tenant_transaction(tenant) as connection:
        for table, column in (("document_pieces", "piece_sealed"), ("document_chunks", "chunk_sealed")):
            stored = await connection.scalar(text(f"SELECT {column} FROM hatif.{table}"))
            assert b"Fourteen" not in bytes(stored)


async def test_the_same_content_again_changes_nothing_under_any_name(documents: PostgresDocuments, tenant: str):
    document = await put(documents, tenant)
    assert await documents.put(tenant, TERMS) == (document, False)
    assert await documents.put(tenant, replace(TERMS, name="copy.txt")) == (document, False)


async def test_other_content_under_the_name_replaces_it(documents: PostgresDocuments, tenant: str):
    first = await put(documents, tenant)
    second = await put(documents, tenant, b"Thirty days.")
    assert second.document_id == first.document_id
    assert second.revision > first.revision
    assert await documents.content(tenant, second.document_id, second.revision) == b"Thirty days."
    with pytest.raises(NotFound):
        await documents.content(tenant, first.document_id, first.revision)
    assert len(await documents.listed(tenant)) == 1


async def test_a_failed_file_may_be_uploaded_again(documents: PostgresDocuments, tenant: str):
    first = await put(documents, tenant)
    await documents.progress(tenant, first.document_id, first.revision, DocumentState.FAILED, problem="broken")
    again, new = await documents.put(tenant, TERMS)
    assert new
    assert (again.state, again.problem) == (DocumentState.QUEUED, None)


async def test_chunks_are_replaced_and_come_back_in_order(documents: PostgresDocuments, tenant: str):
    document = await put(documents, tenant)
    many = [replace(CHUNK, position=n, sentences=(f"Sentence {n}.",)) for n in range(CHUNKS_A_TIME + 20)]
    await cut(documents, document, *many)
    await cut(documents, document, CHUNK, *many[1 : CHUNKS_A_TIME + 5])
    args = (tenant, document.document_id, document.revision)
    assert await documents.chunks(*args, 0, 2) == [CHUNK, many[1]]
    assert [chunk.position for chunk in await documents.chunks(*args, CHUNKS_A_TIME, 100)] == list(
        range(CHUNKS_A_TIME, CHUNKS_A_TIME + 5)
    )
    stored = await documents.document(tenant, document.document_id)
    assert stored is not None
    assert (stored.chunks_total, stored.pages, stored.language) == (CHUNKS_A_TIME + 5, 2, Language.AR)


async def test_only_the_present_revision_makes_progress(documents: PostgresDocuments, tenant: str):
    first = await put(documents, tenant)
    second = await put(documents, tenant, b"Thirty days.")
    args = (tenant, first.document_id)
    assert not await documents.progress(*args, first.revision, DocumentState.READY)
    assert await documents.progress(*args, second.revision, DocumentState.INDEXING, chunks_done=3)
    stored = await documents.document(*args)
    assert stored is not None
    assert (stored.state, stored.chunks_done) == (DocumentState.INDEXING, 3)


async def test_a_removed_document_is_listed_until_it_is_gone(documents: PostgresDocuments, db: Database, tenant: str):
    document = await put(documents, tenant)
    await cut(documents, document, CHUNK)
    going = await documents.remove(tenant, document.document_id)
    assert going is not None
    assert going.state is DocumentState.REMOVING
    assert not await documents.progress(tenant, document.document_id, document.revision, DocumentState.READY)
    with pytest.raises(NotFound):
        await documents.chunks(tenant, document.document_id, document.revision, 0, 1)
    await documents.forget(tenant, document.document_id, document.revision)
    await documents.forget(tenant, document.document_id, document.revision)
    assert await documents.listed(tenant) == []
    async with db.tenant_transaction(tenant) as connection:
        for table in ("document_pieces", "document_chunks"):
            assert await connection.scalar(text(f"SELECT count(*) FROM hatif.{table}")) == 0
    assert await documents.remove(tenant, document.document_id) is None


async def test_what_came_back_meanwhile_is_not_forgotten(documents: PostgresDocuments, tenant: str):
    document = await put(documents, tenant)
    await documents.remove(tenant, document.document_id)
    again = await put(documents, tenant)
    await documents.forget(tenant, document.document_id, document.revision)
    assert await documents.content(tenant, again.document_id, again.revision) == TERMS.content


async def test_another_tenants_documents_are_as_unknown_as_none(
    documents: PostgresDocuments, tenant: str, other_tenant: str
):
    document = await put(documents, tenant)
    await cut(documents, document, CHUNK)
    args = (other_tenant, document.document_id)
    assert await documents.document(*args) is None
    assert await documents.listed(other_tenant) == []
    assert await documents.remove(*args) is None
    await documents.forget(*args, document.revision)
    with pytest.raises(NotFound):
        await documents.content(*args, document.revision)
    theirs = await put(documents, other_tenant)
    assert theirs.document_id != document.document_id
    assert await documents.content(tenant, document.document_id, document.revision) == TERMS.content
