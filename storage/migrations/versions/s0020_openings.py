"""What is said first on a call that we make."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE hatif.call_contacts ADD COLUMN opening_sealed bytea")
