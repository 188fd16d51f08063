"""Alembic's entrance: it runs the steps on the connection that storage.migrate hands over."""

from __future__ import annotations

from typing import cast

from alembic import context
from sqlalchemy import Connection

from storage.tables import SCHEMA, metadata

connection = cast(Connection, context.config.attributes["connection"])
context.configure(connection=connection, target_metadata=metadata, version_table_schema=SCHEMA, include_schemas=True)
with context.begin_transaction():
    context.run_migrations()
