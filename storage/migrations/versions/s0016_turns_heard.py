"""What was heard of a turn besides its words: how loud, by whom, and what was begun for it too early."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE hatif.turns"
        " ADD COLUMN by_supervisor boolean NOT NULL DEFAULT false,"
        " ADD COLUMN level_db double precision,"
        " ADD COLUMN guesses_begun integer NOT NULL DEFAULT 0 CHECK (guesses_begun >= 0),"
        " ADD COLUMN guesses_thrown_away integer NOT NULL DEFAULT 0"
        " CHECK (guesses_thrown_away BETWEEN 0 AND guesses_begun)"
    )
