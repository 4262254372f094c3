"""The annealer: what it works on (nodes, sheet), what is free (room), its steps (chain, sweep)."""
