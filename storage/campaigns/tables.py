"""The tables of campaigns, beside those of storage.tables and by the same rules."""

from __future__ import annotations

from sqlalchemy import Column, Double, ForeignKeyConstraint, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from storage.tables import SCHEMA, metadata

campaigns = Table(
    "campaigns",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("campaign_id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("plan", JSONB, nullable=False),
    Column("people", Integer, nullable=False),
    # Lines and codes, nothing of what the rows said.
    Column("refused", JSONB, nullable=False),
    Column("refused_count", Integer, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("started_at", Double),
    Column("ended_at", Double),
    # How often in a row no line was free, and since when nothing is dialled for that.
    Column("missed", Integer, nullable=False),
    Column("missed_at", Double),
    ForeignKeyConstraint(["tenant_id"], [f"{SCHEMA}.tenants.tenant_id"], ondelete="CASCADE"),
)

people = Table(
    "campaign_people",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("campaign_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    # Under the campaign's key.
    Column("contact_sealed", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", Double, nullable=False),
    Column("called_at", Double),
    Column("call_id", Text),
    Column("outcome", Text),
    ForeignKeyConstraint(
        ["tenant_id", "campaign_id"],
        [f"{SCHEMA}.campaigns.tenant_id", f"{SCHEMA}.campaigns.campaign_id"],
        ondelete="CASCADE",
    ),
)
Index("campaign_people_state", people.c.tenant_id, people.c.campaign_id, people.c.state, people.c.next_at)
Index("campaign_people_call", people.c.tenant_id, people.c.call_id)
