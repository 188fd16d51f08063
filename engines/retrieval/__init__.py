"""Models that find passages: embedders, rerankers, and the client of the process that owns them."""
