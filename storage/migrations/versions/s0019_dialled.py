"""When a call's number was dialled by us, so that the calls of an hour are counted whoever dials them."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE hatif.calls ADD COLUMN dialled_at double precision")
    op.execute("CREATE INDEX calls_dialled ON hatif.calls (tenant_id, dialled_at) WHERE dialled_at IS NOT NULL")
