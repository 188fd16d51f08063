"""Threads of messages in the durable process."""
