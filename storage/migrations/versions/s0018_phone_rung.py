"""What a ringing of the tenant's phone extension can come to, beside what an offer to an advisor can."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE hatif.handoff_offers"
        " DROP CONSTRAINT handoff_offers_result_check,"
        " ADD CONSTRAINT handoff_offers_result_check CHECK (result IN"
        " ('ringing', 'accepted', 'declined', 'missed', 'busy', 'unreachable', 'withdrawn'))"
    )
