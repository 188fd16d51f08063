"""A tenant's connections to other people's systems over HTTP, for its administrators."""
