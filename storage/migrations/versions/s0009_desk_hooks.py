"""What foreign desks are told, and the messages that came from them."""

from __future__ import annotations

from alembic import op

from storage.migrations.row_security import lookup, own_rows_only

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hatif.desk_events (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    event_id text NOT NULL,
    event text NOT NULL,
    body jsonb NOT NULL,
    created_at double precision NOT NULL,
    next_try_at double precision,
    tries integer NOT NULL,
    delivered_at double precision,
    PRIMARY KEY (tenant_id, event_id)
);
CREATE INDEX desk_events_due ON hatif.desk_events (next_try_at) WHERE next_try_at IS NOT NULL;
CREATE TABLE hatif.desk_messages (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    message_id text NOT NULL,
    received_at double precision NOT NULL,
    PRIMARY KEY (tenant_id, message_id)
);
"""


def upgrade() -> None:
    for statement in filter(str.strip, TABLES.split(";\n")):
        op.execute(statement)
    own_rows_only("desk_events", "SELECT, INSERT, UPDATE (next_try_at, tries, delivered_at), DELETE")
    own_rows_only("desk_messages", "SELECT, INSERT, DELETE")
    lookup(
        "tenants_with_desk_events(moment double precision)",
        "SETOF text",
        "SELECT DISTINCT tenant_id FROM hatif.desk_events WHERE next_try_at <= moment",
        {"desk_events": "tenant_id, next_try_at"},
    )
