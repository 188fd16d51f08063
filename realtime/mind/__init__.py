"""What the brain is made of beside its rules."""
