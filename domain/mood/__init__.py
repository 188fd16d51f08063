"""A caller's mood: an estimate from words, loudness and pace, never a finding, and shown as one."""
