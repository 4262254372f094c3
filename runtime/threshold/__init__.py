"""Threshold studies: logical error rates over a sweep of noise, and where distances cross."""
