"""Threads of messages in Postgres."""
