"""How phone calls come in: the servers that a media worker runs beside its lines."""
