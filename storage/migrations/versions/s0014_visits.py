"""Visits of a tenant's technicians."""

from __future__ import annotations

from alembic import op

from storage.migrations.row_security import own_rows_only

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE hatif.visits (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    visit_key text NOT NULL,
    call_id text NOT NULL,
    day date NOT NULL,
    opens text NOT NULL,
    closes text NOT NULL,
    booked_at double precision NOT NULL,
    cancelled_at double precision,
    PRIMARY KEY (tenant_id, visit_key)
)
"""
INDEX = "CREATE INDEX visits_taken ON hatif.visits (tenant_id, day) WHERE cancelled_at IS NULL"


def upgrade() -> None:
    op.execute(TABLE)
    op.execute(INDEX)
    own_rows_only("visits", "SELECT, INSERT, UPDATE (cancelled_at)")
