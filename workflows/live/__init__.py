"""What a living call consists of: the lease on its line, who is on it, and its handoffs."""
