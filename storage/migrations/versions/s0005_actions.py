"""Actions with what became of them, the memory of writes at other systems, and the way to reach those."""

from __future__ import annotations

from alembic import op

from storage.migrations.row_security import own_rows_only

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE hatif.actions DROP CONSTRAINT actions_state_check;
ALTER TABLE hatif.actions DROP COLUMN result_sealed;
ALTER TABLE hatif.actions ADD COLUMN reference text;
ALTER TABLE hatif.actions ADD COLUMN reason text;
ALTER TABLE hatif.actions ADD CONSTRAINT actions_state_check
    CHECK (state IN ('waiting_approval', 'running', 'done', 'rejected', 'unknown'));
CREATE INDEX actions_open ON hatif.actions (tenant_id, started_at) WHERE state IN ('unknown', 'waiting_approval');
CREATE TABLE hatif.attempts (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    system text NOT NULL,
    action_key text NOT NULL,
    requests integer NOT NULL CHECK (requests >= 0),
    begun_at double precision NOT NULL,
    reference text,
    PRIMARY KEY (tenant_id, system, action_key)
);
CREATE TABLE hatif.connections (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    connection_id text NOT NULL,
    system text NOT NULL,
    url text NOT NULL,
    settings jsonb NOT NULL,
    enabled boolean NOT NULL,
    saved_at double precision NOT NULL,
    PRIMARY KEY (tenant_id, connection_id)
);
CREATE TABLE hatif.secrets (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    reference text NOT NULL,
    value_sealed bytea NOT NULL,
    version integer NOT NULL,
    saved_at double precision NOT NULL,
    PRIMARY KEY (tenant_id, reference)
);
"""

RIGHTS = {
    "attempts": "SELECT, INSERT, UPDATE (requests, begun_at, reference)",
    "connections": "SELECT, INSERT, UPDATE, DELETE",
    "secrets": "SELECT, INSERT, UPDATE (value_sealed, version, saved_at), DELETE",
}


def upgrade() -> None:
    for statement in filter(str.strip, TABLES.split(";\n")):
        op.execute(statement)
    for table, rights in RIGHTS.items():
        own_rows_only(table, rights)
