"""One file per process, the command, settings and wiring."""
