"""What `hatif tune` measures, and where its result is kept."""
