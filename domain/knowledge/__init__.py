"""What a tenant's documents say: how they are cut, found and quoted."""
