"""Starting the whole product on one machine: checks, the parts and their order, and what is shown meanwhile."""
