"""The team: what people speak and know, one-time passwords, queues, and what was changed of a tenant's file."""

from __future__ import annotations

from alembic import op

from storage.migrations.row_security import own_rows_only

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CHANGES = """
ALTER TABLE hatif.users
    ADD COLUMN password_until double precision,
    ADD COLUMN languages text[] NOT NULL DEFAULT '{}',
    ADD COLUMN skills text[] NOT NULL DEFAULT '{}',
    ADD COLUMN queues text[] NOT NULL DEFAULT '{}';
ALTER TABLE hatif.tenant_configs ADD COLUMN changes jsonb NOT NULL DEFAULT '{}';
GRANT UPDATE (changes) ON hatif.tenant_configs TO hatif_app;
CREATE TABLE hatif.queues (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    queue_id text NOT NULL CHECK (queue_id <> ''),
    names jsonb NOT NULL,
    languages text[] NOT NULL,
    skills text[] NOT NULL,
    offer_s integer NOT NULL CHECK (offer_s > 0),
    max_wait_s integer NOT NULL CHECK (max_wait_s > 0),
    wrap_up_s integer NOT NULL CHECK (wrap_up_s > 0),
    position integer NOT NULL,
    PRIMARY KEY (tenant_id, queue_id)
);
"""


def upgrade() -> None:
    for statement in filter(str.strip, CHANGES.split(";\n")):
        op.execute(statement)
    own_rows_only("queues", "SELECT, INSERT, UPDATE, DELETE")
