"""The annealer of e-bits: what it works on (sheet), what is free (room), its steps (chain, sweep)."""
