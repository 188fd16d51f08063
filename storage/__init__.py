"""Our own state, in Postgres and on disk."""
