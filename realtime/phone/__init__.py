"""What every kind of phone leg shares: how it arrives, waits for its call, and becomes a line."""
