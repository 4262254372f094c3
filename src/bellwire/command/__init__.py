"""The `bellwire` command: one file per group of verbs."""
