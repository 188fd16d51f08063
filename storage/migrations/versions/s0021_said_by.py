"""Which of the people in a call said a turn."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE hatif.turns ADD COLUMN said_by text")
