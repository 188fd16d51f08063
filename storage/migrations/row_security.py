"""What makes a table a tenant's own: forced row-level security, and the few rights of the application role."""

from __future__ import annotations

from alembic import op


def own_rows_only(table: str, rights: str) -> None:
    """Rows are seen and written only under their own tenant, by the table's owner too.

    `rights` are those of the application role, e.g. "SELECT, INSERT". Without a tenant in the transaction the
    setting is NULL or empty, no tenant has that id, and there are no rows.
    """
    op.execute(f"ALTER TABLE hatif.{table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE hatif.{table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY own_rows ON hatif.{table}"
        " USING (tenant_id = current_setting('app.tenant_id', true))"
        " WITH CHECK (tenant_id = current_setting('app.tenant_id', true))"
    )
    op.execute(f"GRANT {rights} ON hatif.{table} TO hatif_app")


def lookup(signature: str, returns: str, body: str, reads: dict[str, str]) -> None:
    """A question that comes before a tenant is known: a function that runs as `hatif_lookup`.

    That role can't log in, and reads only the columns in `reads` (table → columns). `body` is one SQL query that
    names its tables with their schema.
    """
    for table, columns in reads.items():
        op.execute(f"GRANT SELECT ({columns}) ON hatif.{table} TO hatif_lookup")
        op.execute(f"DROP POLICY IF EXISTS lookups ON hatif.{table}")
        op.execute(f"CREATE POLICY lookups ON hatif.{table} FOR SELECT TO hatif_lookup USING (true)")
    op.execute(
        f"CREATE FUNCTION hatif.{signature} RETURNS {returns} LANGUAGE sql STABLE SECURITY DEFINER"
        f" SET search_path = pg_catalog, pg_temp AS $body$ {body} $body$"
    )
    op.execute(f"REVOKE ALL ON FUNCTION hatif.{signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION hatif.{signature} TO hatif_app")
    op.execute(f"ALTER FUNCTION hatif.{signature} OWNER TO hatif_lookup")
