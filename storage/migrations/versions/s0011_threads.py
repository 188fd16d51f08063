"""Threads of messages: with whom, what came and what went, and who wants none any more."""

from __future__ import annotations

from alembic import op

from storage.migrations.row_security import lookup, own_rows_only

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE hatif.calls DROP CONSTRAINT calls_channel_check;
ALTER TABLE hatif.calls ADD CONSTRAINT calls_channel_check CHECK (channel IN ('web', 'phone', 'sms', 'whatsapp'));
CREATE TABLE hatif.threads (
    tenant_id text NOT NULL,
    call_id text NOT NULL,
    channel text NOT NULL,
    connection_id text NOT NULL,
    address_digest bytea NOT NULL,
    address_sealed bytea NOT NULL,
    opened_at double precision NOT NULL,
    last_in_at double precision,
    last_in_seq integer NOT NULL,
    told_seq integer NOT NULL,
    closed_at double precision,
    previous_call_id text,
    PRIMARY KEY (tenant_id, call_id),
    FOREIGN KEY (tenant_id, call_id) REFERENCES hatif.calls ON DELETE CASCADE
);
CREATE UNIQUE INDEX threads_open ON hatif.threads (tenant_id, channel, connection_id, address_digest)
    WHERE closed_at IS NULL;
CREATE INDEX threads_of ON hatif.threads (tenant_id, channel, connection_id, address_digest, opened_at DESC);
CREATE INDEX threads_untold ON hatif.threads (last_in_at) WHERE told_seq < last_in_seq;
CREATE TABLE hatif.messages_in (
    tenant_id text NOT NULL,
    connection_id text NOT NULL,
    message_id text NOT NULL,
    call_id text NOT NULL,
    seq integer NOT NULL,
    received_at double precision NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, message_id),
    FOREIGN KEY (tenant_id, call_id) REFERENCES hatif.calls ON DELETE CASCADE
);
CREATE TABLE hatif.messages_out (
    tenant_id text NOT NULL,
    message_key text NOT NULL,
    call_id text NOT NULL,
    seq integer NOT NULL,
    connection_id text NOT NULL,
    message_id text,
    state text NOT NULL,
    begun_at double precision NOT NULL,
    changed_at double precision NOT NULL,
    PRIMARY KEY (tenant_id, message_key),
    FOREIGN KEY (tenant_id, call_id) REFERENCES hatif.calls ON DELETE CASCADE
);
CREATE INDEX messages_out_of ON hatif.messages_out (tenant_id, call_id, seq);
CREATE INDEX messages_out_id ON hatif.messages_out (tenant_id, connection_id, message_id);
CREATE TABLE hatif.opt_outs (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    channel text NOT NULL,
    address_digest bytea NOT NULL,
    wished_at double precision NOT NULL,
    PRIMARY KEY (tenant_id, channel, address_digest)
);
"""

RIGHTS = {
    "threads": "SELECT, INSERT, UPDATE (last_in_at, last_in_seq, told_seq, closed_at)",
    "messages_in": "SELECT, INSERT",
    "messages_out": "SELECT, INSERT, UPDATE (message_id, state, changed_at)",
    "opt_outs": "SELECT, INSERT, DELETE",
}


def upgrade() -> None:
    for statement in filter(str.strip, TABLES.split(";\n")):
        op.execute(statement)
    for table, rights in RIGHTS.items():
        own_rows_only(table, rights)
    lookup(
        "tenants_with_untold_messages(moment double precision)",
        "SETOF text",
        "SELECT DISTINCT tenant_id FROM hatif.threads WHERE told_seq < last_in_seq AND last_in_at <= moment",
        {"threads": "tenant_id, told_seq, last_in_seq, last_in_at"},
    )
