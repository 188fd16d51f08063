"""Where the tickets that calls opened stand by now, and how far a connection's changes were read."""

from __future__ import annotations

from alembic import op

from storage.migrations.row_security import lookup

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

WATCHED = """
SELECT DISTINCT actions.tenant_id
FROM hatif.actions JOIN hatif.connections ON connections.tenant_id = actions.tenant_id
WHERE actions.action IN ('create_ticket', 'book_visit') AND actions.state = 'done'
  AND actions.started_at >= oldest AND actions.ticket_state IS DISTINCT FROM 'closed'
  AND connections.enabled AND coalesce(connections.changes_looked_at, 0) <= moment
"""


def upgrade() -> None:
    op.execute(
        "ALTER TABLE hatif.actions"
        " ADD COLUMN ticket_state text CHECK (ticket_state IN ('open', 'pending', 'solved', 'closed')),"
        " ADD COLUMN ticket_changed_at double precision"
    )
    op.execute(
        "ALTER TABLE hatif.connections"
        " ADD COLUMN changes_looked_at double precision,"
        " ADD COLUMN changes_read_to double precision"
    )
    lookup(
        "tenants_with_open_tickets(oldest double precision, moment double precision)",
        "SETOF text",
        WATCHED,
        {
            "actions": "tenant_id, action, state, started_at, ticket_state",
            "connections": "tenant_id, enabled, changes_looked_at",
        },
    )
