"""Asterisk's REST interface: what an exchange can do for a caller whose leg came by AudioSocket."""
