"""The desk in Postgres: people and their presence, queues, handoffs and callbacks."""
