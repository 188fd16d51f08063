"""The tenant's documents over HTTP, for its administrators."""
