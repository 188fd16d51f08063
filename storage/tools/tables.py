"""The tables of tools, beside those of storage.tables and by the same rules."""

from __future__ import annotations

from sqlalchemy import Column, Date, Double, ForeignKeyConstraint, Index, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from storage.tables import SCHEMA, metadata


def _of_tenant() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id"], [f"{SCHEMA}.tenants.tenant_id"], ondelete="CASCADE")


orders = Table(
    "orders",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    # The phone and where it stands, under a key of the tenant's.
    Column("order_sealed", LargeBinary, nullable=False),
    Column("saved_at", Double, nullable=False),
    _of_tenant(),
)

visits = Table(
    "visits",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    # Its action's.
    Column("visit_key", Text, primary_key=True),
    Column("call_id", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("opens", Text, nullable=False),
    Column("closes", Text, nullable=False),
    Column("booked_at", Double, nullable=False),
    Column("cancelled_at", Double),
    _of_tenant(),
)

Index("visits_taken", visits.c.tenant_id, visits.c.day, postgresql_where=visits.c.cancelled_at.is_(None))

tenant_tools = Table(
    "tenant_tools",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("tool", JSONB, nullable=False),
    Column("saved_at", Double, nullable=False),
    _of_tenant(),
)

tool_servers = Table(
    "tool_servers",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("server", JSONB, nullable=False),
    Column("saved_at", Double, nullable=False),
    _of_tenant(),
)
