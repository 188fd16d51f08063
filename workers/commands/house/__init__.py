"""`hatif user`, `queue`, `hours` and `tenant`: what the team's pages do, for whoever has the machine's shell."""
