"""Other people's systems as tenants have connected them."""
