"""Texts to callers: to whom one went, why one failed, and which numbers are certainly a caller's own."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE hatif.messages_out ADD COLUMN address_digest bytea, ADD COLUMN reason text",
    "CREATE INDEX messages_out_to ON hatif.messages_out (tenant_id, address_digest, begun_at)"
    " WHERE address_digest IS NOT NULL",
    "CREATE INDEX messages_out_texts ON hatif.messages_out (tenant_id, begun_at) WHERE address_digest IS NOT NULL",
    "GRANT UPDATE (reason) ON hatif.messages_out TO hatif_app",
    "ALTER TABLE hatif.call_contacts ADD COLUMN own boolean NOT NULL DEFAULT false",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
