"""Calls whose line is gone while the caller may come back."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE hatif.calls DROP CONSTRAINT calls_state_check, ADD CONSTRAINT calls_state_check"
        " CHECK (state IN ('connecting', 'talking', 'held', 'bridged', 'adrift', 'ended'))"
    )
