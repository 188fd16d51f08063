"""What the speech process answers, by HTTP and by gRPC."""
