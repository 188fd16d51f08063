"""The tools that a tenant added."""

from __future__ import annotations

from alembic import op

from storage.migrations.row_security import own_rows_only

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE hatif.tenant_tools (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    name text NOT NULL,
    tool jsonb NOT NULL,
    saved_at double precision NOT NULL,
    PRIMARY KEY (tenant_id, name)
)
"""


def upgrade() -> None:
    op.execute(TABLE)
    own_rows_only("tenant_tools", "SELECT, INSERT, UPDATE (tool, saved_at), DELETE")
