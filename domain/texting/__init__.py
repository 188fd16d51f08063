"""Text messages that a caller asks for during a call."""
