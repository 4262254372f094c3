"""The annealer: nodes and their sheet, room, stretches (chain, weights), sweeps and runs."""
