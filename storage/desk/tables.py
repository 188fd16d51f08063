"""The tables of the desk, beside those of storage.tables and by the same rules."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Double, ForeignKeyConstraint, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from storage.tables import SCHEMA, metadata


def _tenant_id() -> Column[str]:
    return Column("tenant_id", Text, primary_key=True)


def _of(table: str, column: str) -> ForeignKeyConstraint:
    """Rows go with the row of another table that they belong to."""
    theirs = [f"{SCHEMA}.{table}.tenant_id", f"{SCHEMA}.{table}.{column}"]
    return ForeignKeyConstraint(["tenant_id", column], theirs, ondelete="CASCADE")


presence = Table(
    "presence",
    metadata,
    _tenant_id(),
    Column("user_id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("since", Double, nullable=False),
    Column("idle_since", Double, nullable=False),
    Column("tab", Text, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("handoff_id", Text),
    Column("away", Text),
    Column("next_state", Text),
    _of("users", "user_id"),
)

handoffs = Table(
    "handoffs",
    metadata,
    _tenant_id(),
    Column("handoff_id", Text, primary_key=True),
    Column("call_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("queue_id", Text, nullable=False),
    Column("wanted_advisor", Text),
    Column("state", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("offer_number", Integer, nullable=False),
    Column("offered_to", Text),
    Column("offered_until", Double),
    Column("accepted_by", Text),
    Column("accepted_at", Double),
    Column("joined_at", Double),
    Column("ended_at", Double),
    Column("result", Text),
    Column("brief_sealed", LargeBinary),
    _of("calls", "call_id"),
)
Index("handoffs_live", handoffs.c.tenant_id, handoffs.c.created_at, postgresql_where=handoffs.c.ended_at.is_(None))
Index("handoffs_call", handoffs.c.tenant_id, handoffs.c.call_id, handoffs.c.number, unique=True)

offers = Table(
    "handoff_offers",
    metadata,
    _tenant_id(),
    Column("handoff_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("call_id", Text, nullable=False),
    Column("queue_id", Text, nullable=False),
    Column("advisor_id", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("offered_at", Double, nullable=False),
    Column("answered_at", Double),
    Column("left_how", Text),
    Column("left_at", Double),
    Column("wrap_up_until", Double),
    Column("wrapped_up_at", Double),
    Column("disposition", Text),
    # For whoever has the call next; and what the form after the call says.
    Column("note_sealed", LargeBinary),
    Column("notes_sealed", LargeBinary),
    _of("handoffs", "handoff_id"),
)
Index("handoff_offers_advisor", offers.c.tenant_id, offers.c.advisor_id, offers.c.offered_at.desc())
Index("handoff_offers_call", offers.c.tenant_id, offers.c.call_id)

callbacks = Table(
    "callbacks",
    metadata,
    _tenant_id(),
    Column("callback_id", Text, primary_key=True),
    Column("call_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("next_try_at", Double, nullable=False),
    Column("window_ends_at", Double),
    Column("tries", Integer, nullable=False),
    Column("claimed_by", Text),
    Column("ended_at", Double),
    Column("result", Text),
    _of("calls", "call_id"),
)
# A caller is promised one callback at a time.
Index(
    "callbacks_open",
    callbacks.c.tenant_id,
    callbacks.c.call_id,
    unique=True,
    postgresql_where=callbacks.c.ended_at.is_(None),
)
Index("callbacks_recent", callbacks.c.tenant_id, callbacks.c.created_at.desc())

contacts = Table(
    "call_contacts",
    metadata,
    _tenant_id(),
    Column("call_id", Text, primary_key=True),
    Column("number_sealed", LargeBinary, nullable=False),
    # Keyed, so that the list of those not to be called can be looked up without opening the number.
    Column("digest", LargeBinary, nullable=False),
    Column("noted_at", Double, nullable=False),
    # They call or write from it, or heard it read back and agreed.
    Column("own", Boolean, nullable=False),
    # Of a call that we make: what is said first, and why.
    Column("opening_sealed", LargeBinary),
    _of("calls", "call_id"),
)

do_not_call = Table(
    "do_not_call",
    metadata,
    _tenant_id(),
    Column("digest", LargeBinary, primary_key=True),
    Column("listed_by", Text, nullable=False),
    Column("listed_at", Double, nullable=False),
    ForeignKeyConstraint(["tenant_id"], [f"{SCHEMA}.tenants.tenant_id"], ondelete="CASCADE"),
)

desk_events = Table(
    "desk_events",
    metadata,
    _tenant_id(),
    Column("event_id", Text, primary_key=True),
    Column("event", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("created_at", Double, nullable=False),
    # NULL once it is delivered or given up.
    Column("next_try_at", Double),
    Column("tries", Integer, nullable=False),
    Column("delivered_at", Double),
    ForeignKeyConstraint(["tenant_id"], [f"{SCHEMA}.tenants.tenant_id"], ondelete="CASCADE"),
)
Index("desk_events_due", desk_events.c.next_try_at, postgresql_where=desk_events.c.next_try_at.is_not(None))

desk_messages = Table(
    "desk_messages",
    metadata,
    _tenant_id(),
    Column("message_id", Text, primary_key=True),
    Column("received_at", Double, nullable=False),
    ForeignKeyConstraint(["tenant_id"], [f"{SCHEMA}.tenants.tenant_id"], ondelete="CASCADE"),
)
