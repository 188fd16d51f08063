"""What the agent can do, as models and schemas: for language models, for pages, and to check what comes in and out."""
