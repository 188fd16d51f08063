"""Turns are told apart by lease and seq, and a typed text keeps the id that its client gave it."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE hatif.turns DROP CONSTRAINT turns_pkey, ADD PRIMARY KEY (tenant_id, call_id, lease, seq)")
    op.execute("ALTER TABLE hatif.turns ADD COLUMN text_id text CHECK (text_id <> '')")
    op.execute(
        "CREATE UNIQUE INDEX turns_text_id ON hatif.turns (tenant_id, call_id, text_id) WHERE text_id IS NOT NULL"
    )
