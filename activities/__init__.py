"""Durable steps, each a thin method over a port."""
