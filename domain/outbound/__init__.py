"""Calling out: who may be dialled, and what became of it."""
