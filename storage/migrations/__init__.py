"""The steps by which the schema grew, run by storage.migrate."""
