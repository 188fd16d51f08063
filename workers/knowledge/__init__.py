"""The knowledge process: it alone owns the index and the embedder, and answers on one loopback port."""
