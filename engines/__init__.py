"""Local models behind ports, one file each."""
