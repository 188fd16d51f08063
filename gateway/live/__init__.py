"""The socket of a person's page: what has changed, what rings, and whether the page is still there."""
