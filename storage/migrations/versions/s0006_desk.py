"""Presence, handoffs with their offers, promised callbacks, and whom not to call."""

from __future__ import annotations

from alembic import op

from storage.migrations.row_security import own_rows_only

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hatif.presence (
    tenant_id text NOT NULL,
    user_id text NOT NULL,
    state text NOT NULL CHECK (state IN ('ready', 'ringing', 'busy', 'wrap_up', 'away')),
    since double precision NOT NULL,
    idle_since double precision NOT NULL,
    tab text NOT NULL,
    expires_at double precision NOT NULL,
    handoff_id text,
    away text,
    next_state text CHECK (next_state IN ('ready', 'away')),
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES hatif.users ON DELETE CASCADE,
    CHECK ((state IN ('ringing', 'busy', 'wrap_up')) = (handoff_id IS NOT NULL)),
    CHECK ((state = 'away') = (away IS NOT NULL))
);
CREATE TABLE hatif.handoffs (
    tenant_id text NOT NULL,
    handoff_id text NOT NULL,
    call_id text NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    reason text NOT NULL,
    urgent boolean NOT NULL,
    asked_by text NOT NULL,
    language text NOT NULL,
    queue_id text NOT NULL,
    wanted_advisor text,
    state text NOT NULL CHECK (state IN ('waiting', 'adrift', 'bridged', 'ended')),
    created_at double precision NOT NULL,
    offer_number integer NOT NULL,
    offered_to text,
    offered_until double precision,
    accepted_by text,
    accepted_at double precision,
    joined_at double precision,
    ended_at double precision,
    result text,
    brief_sealed bytea,
    PRIMARY KEY (tenant_id, handoff_id),
    FOREIGN KEY (tenant_id, call_id) REFERENCES hatif.calls ON DELETE CASCADE,
    CHECK ((state = 'ended') = (ended_at IS NOT NULL))
);
CREATE INDEX handoffs_live ON hatif.handoffs (tenant_id, created_at) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX handoffs_call ON hatif.handoffs (tenant_id, call_id, number);
CREATE TABLE hatif.handoff_offers (
    tenant_id text NOT NULL,
    handoff_id text NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    call_id text NOT NULL,
    queue_id text NOT NULL,
    advisor_id text NOT NULL,
    result text NOT NULL CHECK (result IN ('ringing', 'accepted', 'declined', 'missed', 'withdrawn')),
    offered_at double precision NOT NULL,
    answered_at double precision,
    left_how text,
    left_at double precision,
    wrap_up_until double precision,
    wrapped_up_at double precision,
    disposition text,
    note_sealed bytea,
    notes_sealed bytea,
    PRIMARY KEY (tenant_id, handoff_id, number),
    FOREIGN KEY (tenant_id, handoff_id) REFERENCES hatif.handoffs ON DELETE CASCADE
);
CREATE INDEX handoff_offers_advisor ON hatif.handoff_offers (tenant_id, advisor_id, offered_at DESC);
CREATE INDEX handoff_offers_call ON hatif.handoff_offers (tenant_id, call_id);
CREATE TABLE hatif.callbacks (
    tenant_id text NOT NULL,
    callback_id text NOT NULL,
    call_id text NOT NULL,
    state text NOT NULL CHECK (state IN ('promised', 'due', 'claimed', 'done', 'failed', 'cancelled')),
    reason text NOT NULL,
    language text NOT NULL,
    created_at double precision NOT NULL,
    next_try_at double precision NOT NULL,
    window_ends_at double precision,
    tries integer NOT NULL CHECK (tries >= 0),
    claimed_by text,
    ended_at double precision,
    result text,
    PRIMARY KEY (tenant_id, callback_id),
    FOREIGN KEY (tenant_id, call_id) REFERENCES hatif.calls ON DELETE CASCADE,
    CHECK ((state IN ('done', 'failed', 'cancelled')) = (ended_at IS NOT NULL)),
    CHECK ((state = 'claimed') <= (claimed_by IS NOT NULL))
);
CREATE UNIQUE INDEX callbacks_open ON hatif.callbacks (tenant_id, call_id) WHERE ended_at IS NULL;
CREATE INDEX callbacks_recent ON hatif.callbacks (tenant_id, created_at DESC);
CREATE TABLE hatif.call_contacts (
    tenant_id text NOT NULL,
    call_id text NOT NULL,
    number_sealed bytea NOT NULL,
    digest bytea NOT NULL,
    noted_at double precision NOT NULL,
    PRIMARY KEY (tenant_id, call_id),
    FOREIGN KEY (tenant_id, call_id) REFERENCES hatif.calls ON DELETE CASCADE
);
CREATE TABLE hatif.do_not_call (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    digest bytea NOT NULL,
    listed_by text NOT NULL,
    listed_at double precision NOT NULL,
    PRIMARY KEY (tenant_id, digest)
);
"""

RIGHTS = {
    "presence": "SELECT, INSERT, UPDATE",
    "handoffs": "SELECT, INSERT, UPDATE",
    "handoff_offers": "SELECT, INSERT, UPDATE",
    "callbacks": "SELECT, INSERT, UPDATE",
    "call_contacts": "SELECT, INSERT, UPDATE",
    "do_not_call": "SELECT, INSERT, DELETE",
}


def upgrade() -> None:
    for statement in filter(str.strip, TABLES.split(";\n")):
        op.execute(statement)
    for table, rights in RIGHTS.items():
        own_rows_only(table, rights)
