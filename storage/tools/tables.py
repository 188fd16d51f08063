"""The tables of tools, beside those of storage.tables and by the same rules."""

from __future__ import annotations

from sqlalchemy import Column, Double, ForeignKeyConstraint, LargeBinary, Table, Text
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
