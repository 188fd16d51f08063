"""The tables of threads, beside those of storage.tables and by the same rules."""

from __future__ import annotations

from sqlalchemy import Column, Double, ForeignKeyConstraint, Index, Integer, LargeBinary, Table, Text

from storage.tables import SCHEMA, metadata


def _tenant_id() -> Column[str]:
    return Column("tenant_id", Text, primary_key=True)


def _of_call() -> ForeignKeyConstraint:
    theirs = [f"{SCHEMA}.calls.tenant_id", f"{SCHEMA}.calls.call_id"]
    return ForeignKeyConstraint(["tenant_id", "call_id"], theirs, ondelete="CASCADE")


threads = Table(
    "threads",
    metadata,
    _tenant_id(),
    Column("call_id", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("connection_id", Text, nullable=False),
    # Under the tenant's key for numbers, so that a person is found and a list can't be read.
    Column("address_digest", LargeBinary, nullable=False),
    Column("address_sealed", LargeBinary, nullable=False),
    Column("opened_at", Double, nullable=False),
    Column("last_in_at", Double),
    Column("last_in_seq", Integer, nullable=False),
    # Of the last message that the thread's procedure knows of.
    Column("told_seq", Integer, nullable=False),
    Column("closed_at", Double),
    Column("previous_call_id", Text),
    _of_call(),
)
Index(
    "threads_open",
    threads.c.tenant_id,
    threads.c.channel,
    threads.c.connection_id,
    threads.c.address_digest,
    unique=True,
    postgresql_where=threads.c.closed_at.is_(None),
)
Index(
    "threads_of",
    threads.c.tenant_id,
    threads.c.channel,
    threads.c.connection_id,
    threads.c.address_digest,
    threads.c.opened_at.desc(),
)
Index("threads_untold", threads.c.last_in_at, postgresql_where=threads.c.told_seq < threads.c.last_in_seq)

messages_in = Table(
    "messages_in",
    metadata,
    _tenant_id(),
    Column("connection_id", Text, primary_key=True),
    # The service's, by which a message that is delivered again is known.
    Column("message_id", Text, primary_key=True),
    Column("call_id", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("received_at", Double, nullable=False),
    _of_call(),
)

messages_out = Table(
    "messages_out",
    metadata,
    _tenant_id(),
    Column("message_key", Text, primary_key=True),
    Column("call_id", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("connection_id", Text, nullable=False),
    Column("message_id", Text),
    Column("state", Text, nullable=False),
    Column("begun_at", Double, nullable=False),
    Column("changed_at", Double, nullable=False),
    # Of a text to a caller, which belongs to no thread and has the seq 0: its limits are counted by it.
    Column("address_digest", LargeBinary),
    # A code, once it failed and the service said why.
    Column("reason", Text),
    _of_call(),
)
Index("messages_out_of", messages_out.c.tenant_id, messages_out.c.call_id, messages_out.c.seq)
_texts = messages_out.c.address_digest.is_not(None)
Index(
    "messages_out_to",
    messages_out.c.tenant_id,
    messages_out.c.address_digest,
    messages_out.c.begun_at,
    postgresql_where=_texts,
)
Index("messages_out_texts", messages_out.c.tenant_id, messages_out.c.begun_at, postgresql_where=_texts)
Index("messages_out_id", messages_out.c.tenant_id, messages_out.c.connection_id, messages_out.c.message_id)

opt_outs = Table(
    "opt_outs",
    metadata,
    _tenant_id(),
    Column("channel", Text, primary_key=True),
    Column("address_digest", LargeBinary, primary_key=True),
    Column("wished_at", Double, nullable=False),
    ForeignKeyConstraint(["tenant_id"], [f"{SCHEMA}.tenants.tenant_id"], ondelete="CASCADE"),
)
