"""Recordings of calls, and what callers said to being recorded."""

from __future__ import annotations

from alembic import op

from storage.migrations.row_security import own_rows_only

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hatif.recordings (
    tenant_id text NOT NULL,
    call_id text NOT NULL,
    part_id text NOT NULL,
    lease integer NOT NULL CHECK (lease >= 0),
    leg text NOT NULL CHECK (leg IN ('caller', 'agent', 'advisor')),
    clock_zero_at double precision NOT NULL,
    path text NOT NULL,
    started_at double precision NOT NULL,
    chunks integer NOT NULL CHECK (chunks >= 0),
    lost integer NOT NULL CHECK (lost >= 0),
    ended_at double precision,
    PRIMARY KEY (tenant_id, call_id, part_id),
    FOREIGN KEY (tenant_id, call_id) REFERENCES hatif.calls ON DELETE CASCADE
);
CREATE TABLE hatif.consents (
    tenant_id text NOT NULL,
    call_id text NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    state text NOT NULL CHECK (state IN ('asked', 'granted', 'declined', 'stopped')),
    seq integer NOT NULL CHECK (seq >= 0),
    at_ms integer NOT NULL CHECK (at_ms >= 0),
    lease integer NOT NULL CHECK (lease >= 0),
    language text NOT NULL,
    PRIMARY KEY (tenant_id, call_id, number),
    FOREIGN KEY (tenant_id, call_id) REFERENCES hatif.calls ON DELETE CASCADE
);
"""

RIGHTS = {
    "recordings": "SELECT, INSERT, UPDATE (chunks, lost, ended_at)",
    # What the caller said is a fact: nobody edits it.
    "consents": "SELECT, INSERT",
}


def upgrade() -> None:
    for statement in filter(str.strip, TABLES.split(";\n")):
        op.execute(statement)
    for table, rights in RIGHTS.items():
        own_rows_only(table, rights)
