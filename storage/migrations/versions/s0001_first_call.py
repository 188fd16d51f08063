"""Tenants, people, keys, calls and the audit: what the first call needs."""

from __future__ import annotations

from alembic import op

from storage.migrations.row_security import lookup, own_rows_only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hatif.tenants (
    tenant_id text PRIMARY KEY CHECK (tenant_id <> ''),
    slug text NOT NULL UNIQUE,
    created_at double precision NOT NULL
);
CREATE TABLE hatif.tenant_configs (
    tenant_id text PRIMARY KEY REFERENCES hatif.tenants ON DELETE CASCADE,
    profile jsonb NOT NULL,
    saved_at double precision NOT NULL
);
CREATE TABLE hatif.tenant_keys (
    tenant_id text PRIMARY KEY REFERENCES hatif.tenants ON DELETE CASCADE,
    wrapped bytea NOT NULL,
    created_at double precision NOT NULL
);
CREATE TABLE hatif.call_keys (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    call_id text NOT NULL,
    wrapped bytea,
    created_at double precision NOT NULL,
    erased_at double precision,
    PRIMARY KEY (tenant_id, call_id),
    CHECK ((wrapped IS NULL) = (erased_at IS NOT NULL))
);
CREATE TABLE hatif.users (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    user_id text NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'supervisor', 'advisor', 'viewer')),
    disabled boolean NOT NULL,
    password_hash text NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);
CREATE UNIQUE INDEX users_email ON hatif.users (tenant_id, lower(email));
CREATE TABLE hatif.refresh_tokens (
    tenant_id text NOT NULL,
    token_hash bytea NOT NULL,
    user_id text NOT NULL,
    family text NOT NULL,
    expires_at double precision NOT NULL,
    replaced_at double precision,
    revoked_at double precision,
    PRIMARY KEY (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, user_id) REFERENCES hatif.users ON DELETE CASCADE
);
CREATE UNIQUE INDEX refresh_tokens_hash ON hatif.refresh_tokens (token_hash);
CREATE INDEX refresh_tokens_family ON hatif.refresh_tokens (tenant_id, family);
CREATE INDEX refresh_tokens_user ON hatif.refresh_tokens (tenant_id, user_id);
CREATE TABLE hatif.site_keys (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    site_key_id text NOT NULL,
    key text NOT NULL UNIQUE,
    allowed_origins text[] NOT NULL,
    max_concurrent_calls integer NOT NULL CHECK (max_concurrent_calls >= 0),
    listed boolean NOT NULL,
    PRIMARY KEY (tenant_id, site_key_id)
);
CREATE TABLE hatif.call_tokens (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    token_id text NOT NULL,
    call_id text NOT NULL,
    bound_at double precision NOT NULL,
    PRIMARY KEY (tenant_id, token_id)
);
CREATE TABLE hatif.calls (
    tenant_id text NOT NULL REFERENCES hatif.tenants ON DELETE CASCADE,
    call_id text NOT NULL CHECK (call_id <> ''),
    channel text NOT NULL CHECK (channel IN ('web', 'phone')),
    site_key_id text,
    state text NOT NULL CHECK (state IN ('connecting', 'talking', 'held', 'bridged', 'ended')),
    lease integer NOT NULL CHECK (lease >= 0),
    worker text,
    started_at double precision NOT NULL,
    ended_at double precision,
    outcome text,
    language text,
    disposition text,
    summary_sealed bytea,
    PRIMARY KEY (tenant_id, call_id),
    CHECK ((state = 'ended') = (ended_at IS NOT NULL))
);
CREATE INDEX calls_recent ON hatif.calls (tenant_id, started_at DESC);
CREATE INDEX calls_live ON hatif.calls (tenant_id, site_key_id) WHERE ended_at IS NULL;
CREATE TABLE hatif.turns (
    tenant_id text NOT NULL,
    call_id text NOT NULL,
    seq integer NOT NULL CHECK (seq >= 0),
    lease integer NOT NULL,
    speaker text NOT NULL CHECK (speaker IN ('caller', 'agent', 'advisor')),
    text_sealed bytea NOT NULL,
    language text NOT NULL,
    started_ms integer NOT NULL,
    ended_ms integer NOT NULL,
    kind text,
    intent text,
    interrupted boolean NOT NULL,
    stages_ms jsonb NOT NULL,
    stored_at double precision NOT NULL,
    PRIMARY KEY (tenant_id, call_id, seq),
    FOREIGN KEY (tenant_id, call_id) REFERENCES hatif.calls ON DELETE CASCADE
);
CREATE TABLE hatif.actions (
    tenant_id text NOT NULL,
    call_id text NOT NULL,
    action_key text NOT NULL,
    action text NOT NULL,
    lease integer NOT NULL,
    state text NOT NULL CHECK (state IN ('started', 'done', 'failed', 'unknown')),
    started_at double precision NOT NULL,
    finished_at double precision,
    slots_sealed bytea,
    result_sealed bytea,
    PRIMARY KEY (tenant_id, call_id, action_key),
    FOREIGN KEY (tenant_id, call_id) REFERENCES hatif.calls ON DELETE CASCADE
);
CREATE TABLE hatif.ratings (
    tenant_id text NOT NULL,
    call_id text NOT NULL,
    stars integer NOT NULL CHECK (stars BETWEEN 1 AND 5),
    comment_sealed bytea,
    rated_at double precision NOT NULL,
    PRIMARY KEY (tenant_id, call_id),
    FOREIGN KEY (tenant_id, call_id) REFERENCES hatif.calls ON DELETE CASCADE
);
CREATE TABLE hatif.audit (
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    seq bigint NOT NULL,
    at double precision NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail jsonb NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (tenant_id, seq)
);
"""

RIGHTS = {
    "tenants": "SELECT, INSERT, UPDATE (slug)",
    "tenant_configs": "SELECT, INSERT, UPDATE (profile, saved_at)",
    "tenant_keys": "SELECT, INSERT",
    "call_keys": "SELECT, INSERT, UPDATE (wrapped, erased_at)",
    "users": "SELECT, INSERT, UPDATE",
    "refresh_tokens": "SELECT, INSERT, UPDATE (replaced_at, revoked_at), DELETE",
    "site_keys": "SELECT, INSERT, UPDATE",
    "call_tokens": "SELECT, INSERT, DELETE",
    "calls": "SELECT, INSERT, UPDATE",
    # Finished turns and lines of the audit are facts: nobody edits them.
    "turns": "SELECT, INSERT",
    "actions": "SELECT, INSERT, UPDATE",
    "ratings": "SELECT, INSERT, UPDATE (stars, comment_sealed, rated_at)",
    "audit": "SELECT, INSERT",
}

SITE_KEY = "tenant_id, site_key_id, key, allowed_origins, max_concurrent_calls, listed"
SITE_KEYS = (
    "TABLE (tenant_id text, site_key_id text, key text, allowed_origins text[],"
    " max_concurrent_calls integer, listed boolean)"
)


def upgrade() -> None:
    for statement in filter(str.strip, TABLES.split(";\n")):
        op.execute(statement)
    for table, rights in RIGHTS.items():
        own_rows_only(table, rights)
    lookup(
        "tenant_of_slug(wanted text)",
        "text",
        "SELECT tenant_id FROM hatif.tenants WHERE slug = wanted",
        {"tenants": "tenant_id, slug"},
    )
    lookup(
        "tenant_of_refresh_token(wanted bytea)",
        "text",
        "SELECT tenant_id FROM hatif.refresh_tokens WHERE token_hash = wanted",
        {"refresh_tokens": "tenant_id, token_hash"},
    )
    lookup(
        "site_key_of(wanted text)",
        SITE_KEYS,
        "SELECT s.tenant_id, s.site_key_id, s.key, s.allowed_origins, s.max_concurrent_calls, s.listed"
        " FROM hatif.site_keys s WHERE s.key = wanted",
        {"site_keys": SITE_KEY},
    )
    lookup(
        "listed_site_keys()",
        SITE_KEYS,
        "SELECT s.tenant_id, s.site_key_id, s.key, s.allowed_origins, s.max_concurrent_calls, s.listed"
        " FROM hatif.site_keys s WHERE s.listed ORDER BY s.site_key_id",
        {},
    )
