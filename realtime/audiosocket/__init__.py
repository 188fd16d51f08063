"""Asterisk's AudioSocket: a phone leg over one TCP connection, which an exchange can bring again with the same UUID."""
