"""Documents, what was uploaded, and what it was cut into."""

from __future__ import annotations

from alembic import op

from storage.migrations.row_security import own_rows_only

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hatif.documents (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    document_id text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('pdf', 'docx', 'html', 'markdown', 'text')),
    size_bytes integer NOT NULL CHECK (size_bytes > 0),
    content_hash text NOT NULL,
    revision bigint NOT NULL CHECK (revision > 0),
    state text NOT NULL CHECK (state IN ('queued', 'reading', 'indexing', 'ready', 'failed', 'removing')),
    chunks_done integer NOT NULL CHECK (chunks_done >= 0),
    chunks_total integer,
    pages integer,
    language text,
    problem text,
    uploaded_at double precision NOT NULL,
    changed_at double precision NOT NULL,
    PRIMARY KEY (tenant_id, document_id),
    CHECK ((problem IS NOT NULL) = (state = 'failed'))
);
CREATE INDEX documents_recent ON hatif.documents (tenant_id, uploaded_at DESC);
CREATE INDEX documents_content ON hatif.documents (tenant_id, content_hash);
CREATE TABLE hatif.document_pieces (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    document_id text NOT NULL,
    content_hash text NOT NULL,
    number integer NOT NULL CHECK (number >= 0),
    piece_sealed bytea NOT NULL,
    PRIMARY KEY (tenant_id, document_id, content_hash, number)
);
CREATE TABLE hatif.document_chunks (
    tenant_id text NOT NULL,
    document_id text NOT NULL,
    revision bigint NOT NULL,
    position integer NOT NULL CHECK (position >= 0),
    chunk_sealed bytea NOT NULL,
    PRIMARY KEY (tenant_id, document_id, revision, position),
    FOREIGN KEY (tenant_id, document_id) REFERENCES hatif.documents ON DELETE CASCADE
);
"""

TABLE_NAMES = ("documents", "document_pieces", "document_chunks")


def upgrade() -> None:
    for statement in filter(str.strip, TABLES.split(";\n")):
        op.execute(statement)
    for table in TABLE_NAMES:
        own_rows_only(table, "SELECT, INSERT, UPDATE, DELETE")
