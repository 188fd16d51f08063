"""The servers of the Model Context Protocol that a tenant registered."""

from __future__ import annotations

from alembic import op

from storage.migrations.row_security import own_rows_only

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE hatif.tool_servers (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    name text NOT NULL,
    server jsonb NOT NULL,
    saved_at double precision NOT NULL,
    PRIMARY KEY (tenant_id, name)
)
"""


def upgrade() -> None:
    op.execute(TABLE)
    own_rows_only("tool_servers", "SELECT, INSERT, UPDATE (server, saved_at), DELETE")
