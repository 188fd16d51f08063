"""The tables of Hatif's own state, in the schema `hatif`; every one belongs to tenants, row by row.

Columns named `…_sealed` hold what people said, encrypted with the data key of the call (see storage.sealing).
The primary keys start with the tenant, so that no tenant learns of, or blocks, another's ids.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

SCHEMA = "hatif"
metadata = MetaData(schema=SCHEMA)

_tenant = "tenant_id"


def _tenant_id() -> Column[str]:
    return Column(_tenant, Text, primary_key=True)


def _of_tenant() -> ForeignKeyConstraint:
    return ForeignKeyConstraint([_tenant], [f"{SCHEMA}.tenants.tenant_id"], ondelete="CASCADE")


def _of_call() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        [_tenant, "call_id"], [f"{SCHEMA}.calls.tenant_id", f"{SCHEMA}.calls.call_id"], ondelete="CASCADE"
    )


tenants = Table(
    "tenants",
    metadata,
    _tenant_id(),
    Column("slug", Text, nullable=False, unique=True),
    Column("created_at", Double, nullable=False),
)

tenant_configs = Table(
    "tenant_configs",
    metadata,
    _tenant_id(),
    Column("profile", JSONB, nullable=False),
    # What the team changed of it since, field by field: a newer file does not undo that.
    Column("changes", JSONB, nullable=False),
    Column("saved_at", Double, nullable=False),
    _of_tenant(),
)

tenant_keys = Table(
    "tenant_keys",
    metadata,
    _tenant_id(),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", Double, nullable=False),
    _of_tenant(),
)

call_keys = Table(
    "call_keys",
    metadata,
    _tenant_id(),
    Column("call_id", Text, primary_key=True),
    # NULL once erased: the row stays, so that the key is never made again.
    Column("wrapped", LargeBinary),
    Column("created_at", Double, nullable=False),
    Column("erased_at", Double),
    _of_tenant(),
)

users = Table(
    "users",
    metadata,
    _tenant_id(),
    Column("user_id", Text, primary_key=True),
    Column("email", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("password_until", Double),
    Column("languages", ARRAY(Text), nullable=False),
    Column("skills", ARRAY(Text), nullable=False),
    Column("queues", ARRAY(Text), nullable=False),
    _of_tenant(),
)
Index("users_email", users.c.tenant_id, text("lower(email)"), unique=True)

queues = Table(
    "queues",
    metadata,
    _tenant_id(),
    Column("queue_id", Text, primary_key=True),
    Column("names", JSONB, nullable=False),
    Column("languages", ARRAY(Text), nullable=False),
    Column("skills", ARRAY(Text), nullable=False),
    Column("offer_s", Integer, nullable=False),
    Column("max_wait_s", Integer, nullable=False),
    Column("wrap_up_s", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    _of_tenant(),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    _tenant_id(),
    Column("token_hash", LargeBinary, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("family", Text, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("replaced_at", Double),
    Column("revoked_at", Double),
    ForeignKeyConstraint(
        [_tenant, "user_id"], [f"{SCHEMA}.users.tenant_id", f"{SCHEMA}.users.user_id"], ondelete="CASCADE"
    ),
)
Index("refresh_tokens_hash", refresh_tokens.c.token_hash, unique=True)
Index("refresh_tokens_family", refresh_tokens.c.tenant_id, refresh_tokens.c.family)
Index("refresh_tokens_user", refresh_tokens.c.tenant_id, refresh_tokens.c.user_id)

site_keys = Table(
    "site_keys",
    metadata,
    _tenant_id(),
    Column("site_key_id", Text, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("allowed_origins", ARRAY(Text), nullable=False),
    Column("max_concurrent_calls", Integer, nullable=False),
    Column("listed", Boolean, nullable=False),
    _of_tenant(),
)

call_tokens = Table(
    "call_tokens",
    metadata,
    _tenant_id(),
    Column("token_id", Text, primary_key=True),
    Column("call_id", Text, nullable=False),
    Column("bound_at", Double, nullable=False),
    _of_tenant(),
)

calls = Table(
    "calls",
    metadata,
    _tenant_id(),
    Column("call_id", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("site_key_id", Text),
    Column("state", Text, nullable=False),
    Column("lease", Integer, nullable=False),
    Column("worker", Text),
    Column("started_at", Double, nullable=False),
    Column("ended_at", Double),
    # When we dialled its number; NULL for the calls of others.
    Column("dialled_at", Double),
    Column("outcome", Text),
    Column("language", Text),
    Column("disposition", Text),
    Column("summary_sealed", LargeBinary),
    _of_tenant(),
)
Index("calls_recent", calls.c.tenant_id, calls.c.started_at.desc())
Index("calls_dialled", calls.c.tenant_id, calls.c.dialled_at, postgresql_where=calls.c.dialled_at.is_not(None))
Index("calls_live", calls.c.tenant_id, calls.c.site_key_id, postgresql_where=calls.c.ended_at.is_(None))

turns = Table(
    "turns",
    metadata,
    _tenant_id(),
    Column("call_id", Text, primary_key=True),
    Column("lease", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("speaker", Text, nullable=False),
    Column("text_sealed", LargeBinary, nullable=False),
    Column("language", Text, nullable=False),
    Column("started_ms", Integer, nullable=False),
    Column("ended_ms", Integer, nullable=False),
    Column("kind", Text),
    Column("intent", Text),
    Column("interrupted", Boolean, nullable=False),
    Column("stages_ms", JSONB, nullable=False),
    Column("stored_at", Double, nullable=False),
    Column("text_id", Text),
    Column("by_supervisor", Boolean, nullable=False),
    Column("said_by", Text),
    Column("level_db", Double),
    Column("guesses_begun", Integer, nullable=False),
    Column("guesses_thrown_away", Integer, nullable=False),
    _of_call(),
)
Index(
    "turns_text_id",
    turns.c.tenant_id,
    turns.c.call_id,
    turns.c.text_id,
    unique=True,
    postgresql_where=turns.c.text_id.is_not(None),
)

actions = Table(
    "actions",
    metadata,
    _tenant_id(),
    Column("call_id", Text, primary_key=True),
    # A digest of the call, the tool and its subject: the slots themselves are personal data.
    Column("action_key", Text, primary_key=True),
    Column("action", Text, nullable=False),
    Column("lease", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("finished_at", Double),
    Column("reference", Text),
    Column("reason", Text),
    Column("slots_sealed", LargeBinary),
    # Of the ticket that it opened, as the other system had it when it was last read.
    Column("ticket_state", Text),
    Column("ticket_changed_at", Double),
    _of_call(),
)
Index(
    "actions_open",
    actions.c.tenant_id,
    actions.c.started_at,
    postgresql_where=text("state IN ('unknown', 'waiting_approval')"),
)

attempts = Table(
    "attempts",
    metadata,
    _tenant_id(),
    Column("system", Text, primary_key=True),
    Column("action_key", Text, primary_key=True),
    Column("requests", Integer, nullable=False),
    Column("begun_at", Double, nullable=False),
    Column("reference", Text),
    _of_tenant(),
)

connections = Table(
    "connections",
    metadata,
    _tenant_id(),
    Column("connection_id", Text, primary_key=True),
    Column("system", Text, nullable=False),
    Column("url", Text, nullable=False),
    # References to secrets, never secrets.
    Column("settings", JSONB, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("saved_at", Double, nullable=False),
    # When its changed tickets were last asked for, and up to when they were read.
    Column("changes_looked_at", Double),
    Column("changes_read_to", Double),
    _of_tenant(),
)

secrets = Table(
    "secrets",
    metadata,
    _tenant_id(),
    Column("reference", Text, primary_key=True),
    Column("value_sealed", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("saved_at", Double, nullable=False),
    _of_tenant(),
)

ratings = Table(
    "ratings",
    metadata,
    _tenant_id(),
    Column("call_id", Text, primary_key=True),
    Column("stars", Integer, nullable=False),
    Column("comment_sealed", LargeBinary),
    Column("rated_at", Double, nullable=False),
    _of_call(),
)

recordings = Table(
    "recordings",
    metadata,
    _tenant_id(),
    Column("call_id", Text, primary_key=True),
    Column("part_id", Text, primary_key=True),
    Column("lease", Integer, nullable=False),
    Column("leg", Text, nullable=False),
    Column("clock_zero_at", Double, nullable=False),
    # Below the folder of recordings; the sound is sealed there, chunk by chunk.
    Column("path", Text, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("lost", Integer, nullable=False),
    Column("ended_at", Double),
    _of_call(),
)

consents = Table(
    "consents",
    metadata,
    _tenant_id(),
    Column("call_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("state", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at_ms", Integer, nullable=False),
    Column("lease", Integer, nullable=False),
    Column("language", Text, nullable=False),
    _of_call(),
)

documents = Table(
    "documents",
    metadata,
    _tenant_id(),
    Column("document_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("chunks_done", Integer, nullable=False),
    Column("chunks_total", Integer),
    Column("pages", Integer),
    Column("language", Text),
    Column("problem", Text),
    Column("uploaded_at", Double, nullable=False),
    Column("changed_at", Double, nullable=False),
    _of_tenant(),
)

Index("documents_recent", documents.c.tenant_id, documents.c.uploaded_at.desc())
Index("documents_content", documents.c.tenant_id, documents.c.content_hash)

# The file as it was uploaded, in pieces, sealed with the document's own key. They come before their document's row.
document_pieces = Table(
    "document_pieces",
    metadata,
    _tenant_id(),
    Column("document_id", Text, primary_key=True),
    Column("content_hash", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("piece_sealed", LargeBinary, nullable=False),
    _of_tenant(),
)

document_chunks = Table(
    "document_chunks",
    metadata,
    _tenant_id(),
    Column("document_id", Text, primary_key=True),
    Column("revision", BigInteger, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("chunk_sealed", LargeBinary, nullable=False),
    ForeignKeyConstraint(
        [_tenant, "document_id"],
        [f"{SCHEMA}.documents.tenant_id", f"{SCHEMA}.documents.document_id"],
        ondelete="CASCADE",
    ),
)

audit = Table(
    "audit",
    metadata,
    _tenant_id(),
    Column("seq", BigInteger, primary_key=True),
    Column("at", Double, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    # HMAC-SHA-256, under the tenant's key, of this line and the digest before it.
    Column("digest", LargeBinary, nullable=False),
)
