"""A tenant's own orders, which only their own callers hear of."""

from __future__ import annotations

from alembic import op

from storage.migrations.row_security import own_rows_only

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE hatif.orders (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    number text NOT NULL,
    order_sealed bytea NOT NULL,
    saved_at double precision NOT NULL,
    PRIMARY KEY (tenant_id, number)
)
"""


def upgrade() -> None:
    op.execute(TABLE)
    own_rows_only("orders", "SELECT, INSERT, UPDATE (order_sealed, saved_at), DELETE")
