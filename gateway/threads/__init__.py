"""Threads of messages: what services bring, and what people write."""
