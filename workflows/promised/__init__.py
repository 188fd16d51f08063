"""What the agent promises on behalf of people, kept by procedures of their own."""
