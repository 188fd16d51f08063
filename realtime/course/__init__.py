"""The course of a conversation: its turns, the replies of the agent, its phases, and the mind of a held caller."""
