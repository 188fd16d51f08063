"""Reading a tenant's file: TOML in, a profile out, and for every mistake one sentence that says where it is."""
