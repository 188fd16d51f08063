"""Recordings of calls: sealed files, who writes them, who reads them, and the rows that tell of them."""
