"""What the agent may do in other systems: tools, the actions that they make, and what became of each."""
