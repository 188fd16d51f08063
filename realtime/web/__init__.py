"""What the web lines need beside their library."""
