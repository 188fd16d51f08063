"""How politely the agent words what it says."""
