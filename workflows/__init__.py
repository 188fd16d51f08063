"""The procedures: each call, and what follows from it, as a durable workflow."""
