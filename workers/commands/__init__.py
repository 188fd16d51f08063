"""What the `hatif` command does, one file per subcommand; each is imported only when it is asked for."""
