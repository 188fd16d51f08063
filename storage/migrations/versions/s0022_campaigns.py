"""Campaigns, and the people that they call."""

from __future__ import annotations

from alembic import op

from storage.migrations.row_security import own_rows_only

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hatif.campaigns (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    campaign_id text NOT NULL,
    state text NOT NULL CHECK (state IN ('ready', 'running', 'paused', 'stopped', 'finished')),
    plan jsonb NOT NULL,
    people integer NOT NULL CHECK (people >= 0),
    refused jsonb NOT NULL,
    refused_count integer NOT NULL,
    created_by text NOT NULL,
    created_at double precision NOT NULL,
    started_at double precision,
    ended_at double precision,
    missed integer NOT NULL,
    missed_at double precision,
    PRIMARY KEY (tenant_id, campaign_id),
    CHECK ((state IN ('stopped', 'finished')) = (ended_at IS NOT NULL))
);
CREATE TABLE hatif.campaign_people (
    tenant_id text NOT NULL,
    campaign_id text NOT NULL,
    position integer NOT NULL,
    contact_sealed bytea NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'dialling', 'talking', 'done')),
    asked integer NOT NULL CHECK (asked >= 0),
    tries integer NOT NULL CHECK (tries >= 0),
    next_at double precision NOT NULL,
    called_at double precision,
    call_id text,
    outcome text,
    PRIMARY KEY (tenant_id, campaign_id, position),
    FOREIGN KEY (tenant_id, campaign_id) REFERENCES hatif.campaigns ON DELETE CASCADE,
    CHECK ((state IN ('talking', 'done')) <= (outcome IS NOT NULL)),
    CHECK ((state = 'dialling') <= (call_id IS NOT NULL))
);
CREATE INDEX campaign_people_state ON hatif.campaign_people (tenant_id, campaign_id, state, next_at);
CREATE INDEX campaign_people_call ON hatif.campaign_people (tenant_id, call_id);
"""


def upgrade() -> None:
    for statement in filter(str.strip, TABLES.split(";\n")):
        op.execute(statement)
    own_rows_only("campaigns", "SELECT, INSERT, UPDATE, DELETE")
    own_rows_only("campaign_people", "SELECT, INSERT, UPDATE, DELETE")
