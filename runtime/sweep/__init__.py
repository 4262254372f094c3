"""Sweeps: many points measured by any executor, each row kept in a file at once."""
