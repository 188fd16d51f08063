"""What the agent can do for a tenant, over HTTP, for its administrators."""
