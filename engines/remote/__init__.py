"""Voices and ears of a speech process on another machine, or in another process, by gRPC."""
