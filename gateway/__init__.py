"""HTTP, sockets, tokens and the pages."""
