"""With whose voice a tenant speaks, and how."""
