"""How a speech process is asked by gRPC: speech.proto, and what `make speech-proto` makes of it."""
